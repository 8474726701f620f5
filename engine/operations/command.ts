/** The docker command line that does the same as an operation. Pure; every word is quoted for `sh`. */
import type { ArchiveSource, ArchiveTarget, OperationName } from '../contract/models.ts'
import { formatBuildCommand } from '../builds/build-command.ts'
import { downloadCommand, makeFolderCommand, removeCommand, renameCommand, uploadCommand } from '../container-files/file-words.ts'
import { folderOf, joinPath } from '../contract/file-path.ts'
import { commitWords } from '../containers/commit-words.ts'
import { updateWords } from '../containers/update.ts'
import { formatRunCommand, joinCommand } from '../containers/run-command.ts'
import { withHome } from '../transfers/home-word.ts'
import { DEFAULT_DOMAIN } from '../images/reference.ts'
import type { ArgOf } from './runner.ts'

export interface CommandNames {
  /** Name of a container as a person knows it; its short id when unknown. */
  readonly container: (id: string) => string
  /** `unix:///…` of the engine, when the docker CLI can use it. */
  readonly dockerHost?: string
}

type Writers = { readonly [N in OperationName]: (arg: ArgOf<N>, names: CommandNames) => string }

const homeLine = (...words: readonly string[]): string => withHome(line(...words))

/** A file of the page is written as its name: where it lies is the browser's business. */
const archiveWord = (end: ArchiveSource | ArchiveTarget): string => (end.kind === 'path' ? end.path : end.name)

/** A command of more lines than this is cut: nobody reads or runs it. */
const MOST_LINES = 30

const line = (...words: readonly string[]): string => joinCommand(['docker', ...words])

function grace(graceSeconds: number | undefined): string[] {
  return graceSeconds === undefined ? [] : ['-t', String(graceSeconds)]
}

const WRITERS: Writers = {
  'containers.run': ({ spec }) => formatRunCommand(spec, 'run'),
  'containers.create': ({ spec }) => formatRunCommand(spec, 'create'),
  'containers.start': ({ id, terminal }, names) => line('start', ...(terminal ? ['-ai'] : []), names.container(id)),
  'containers.stop': ({ id, graceSeconds }, names) => line('stop', ...grace(graceSeconds), names.container(id)),
  'containers.restart': ({ id, graceSeconds }, names) => line('restart', ...grace(graceSeconds), names.container(id)),
  'containers.pause': ({ id }, names) => line('pause', names.container(id)),
  'containers.unpause': ({ id }, names) => line('unpause', names.container(id)),
  'containers.kill': ({ id, signal }, names) =>
    line('kill', ...(signal === 'KILL' || signal === 'SIGKILL' ? [] : ['-s', signal]), names.container(id)),
  'containers.rename': ({ id, newName }, names) => line('rename', names.container(id), newName),
  'containers.remove': ({ id, force, stopFirst, volumes }, names) => {
    const name = names.container(id)
    const remove = line('rm', ...(force ? ['-f'] : []), ...(volumes ? ['-v'] : []), name)
    return stopFirst ? `${line('stop', name)} && ${remove}` : remove
  },
  'images.pull': ({ reference, platform }) => line('pull', ...(platform ? ['--platform', platform] : []), reference),
  'images.remove': ({ reference, force }) => line('rmi', ...(force ? ['-f'] : []), reference),
  'images.tag': ({ source, target }) => line('tag', source, target),
  'images.save': ({ references, target }) => homeLine('save', '-o', archiveWord(target), ...references),
  'images.load': ({ source }) => homeLine('load', '-i', archiveWord(source)),
  'images.import': ({ source, reference, message, changes }) =>
    homeLine('import', ...(message ? ['-m', message] : []), ...changes.flatMap((change) => ['-c', change]), archiveWord(source), ...(reference ? [reference] : [])),
  'images.prune': ({ all, only }) =>
    only
      ? line('rmi', ...only.flatMap(({ id, references }) => (references.length > 0 ? references : [id])))
      : line('image', 'prune', '-f', ...(all ? ['-a'] : [])),
  'builds.prune': ({ all, only }) => {
    const prune = ['builder', 'prune', '-f', ...(all ? ['-a'] : [])]
    if (!only) return line(...prune)
    const lines = only.slice(0, MOST_LINES).map((id) => line(...prune, '--filter', `id=${id}`))
    return lines.join(' && ') + (only.length > MOST_LINES ? ` # + ${only.length - MOST_LINES}` : '')
  },
  'containers.export': ({ id, target }, names) => homeLine('export', '-o', archiveWord(target), names.container(id)),
  'containers.commit': ({ id, ...spec }, names) => line('commit', ...commitWords(spec, names.container(id))),
  'containers.update': ({ id, ...spec }, names) => line('update', ...updateWords(spec), names.container(id)),
  'files.download': ({ id, path, target }, names) => withHome(downloadCommand(names.container(id), path, archiveWord(target))),
  'files.upload': ({ id, path, names: uploaded }, names) => uploadCommand(names.container(id), path, uploaded),
  'files.make-folder': ({ id, path, name }, names) => makeFolderCommand(names.container(id), path, name),
  'files.rename': ({ id, path, newName }, names) => renameCommand(names.container(id), path, joinPath(folderOf(path), newName)),
  'files.remove': ({ id, paths }, names) => removeCommand(names.container(id), paths),
  'builds.start': ({ spec }) => formatBuildCommand(spec),
  // The runner knows a name for it.
  'layers.analyse': ({ imageId }) => line('save', imageId),
  'images.push': ({ reference }) => line('push', reference),
  // The secret goes over stdin, as everywhere.
  'registries.login': ({ registry, user }) =>
    line('login', '-u', user, '--password-stdin', ...(registry === DEFAULT_DOMAIN ? [] : [registry])),
  // The port is known only once it runs: the runner then writes the whole line.
  'welcome.run': () => line('run', '-d', 'naru/welcome'),
  // Starting and stopping a daemon is nothing the docker CLI can do.
  'engines.start': () => '',
  'engines.reset': () => '',
  'engines.repair': () => '',
  'engines.stop': ({ containers }) => (containers === 'stop' ? 'docker stop $(docker ps -q)' : ''),
  'engines.restart': () => '',
  'machine.grow-disk': () => '',
  'engines.create-context': ({ name }, { dockerHost }) =>
    dockerHost ? line('context', 'create', name, '--docker', `host=${dockerHost}`) : '',
}

/** Empty when docker has no command for it. */
export function commandOf<N extends OperationName>(name: N, arg: ArgOf<N>, names: CommandNames): string {
  const write: Writers[N] = WRITERS[name]
  return write(arg, names)
}
