/** The command line that does what a RunSpec asks for. Pure. */
import type { RunSpec } from '../../contract/models.ts'
import { SUPPORTED_FLAGS } from '../run-flags.ts'
import { joinCommand } from '../words.ts'
import type { Verb } from './head.ts'

/** Words of `docker run …` (or `docker create …`) for a spec, not yet quoted. */
export function runCommandWords(spec: RunSpec, verb: Verb = 'run'): string[] {
  const letters = [...(verb === 'run' && spec.detach !== false ? 'd' : ''), ...(spec.interactive ? 'i' : ''), ...(spec.tty ? 't' : '')].join('')
  const flags = SUPPORTED_FLAGS.filter(({ name, runOnly }) => !['detach', 'interactive', 'tty'].includes(name) && !(runOnly && verb === 'create'))
  return [
    'docker',
    verb,
    ...(letters === '' ? [] : [`-${letters}`]),
    ...flags.flatMap((flag) => flag.write(spec)),
    // A name that looks like a flag; no engine has such an image, but the line says what was asked for.
    ...(spec.image.startsWith('-') ? ['--'] : []),
    spec.image,
    ...(spec.command ?? []),
  ]
}

/** The whole line, quoted for `sh`: `docker run -d --name web -p 127.0.0.1:8080:80 nginx`. */
export function formatRunCommand(spec: RunSpec, verb: Verb = 'run'): string {
  return joinCommand(runCommandWords(spec, verb))
}
