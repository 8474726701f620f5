/** Runners for files in containers. Their subject is the path as `docker cp` writes it. */
import { makeFolder, removePaths, renamePath } from '../../container-files/change.ts'
import { downloadPath } from '../../container-files/download.ts'
import { downloadTarCommand } from '../../container-files/file-words.ts'
import type { FileService } from '../../container-files/service.ts'
import { uploadArchive } from '../../container-files/upload.ts'
import { joinPath, shownPath } from '../../contract/file-path.ts'
import type { FileStat } from '../../contract/models.ts'
import type { FileOperations } from '../../contract/parts/files.ts'
import type { Runners } from '../../operations/runner.ts'
import { archiveName } from '../../transfers/archives.ts'
import type { TransferService } from '../../transfers/service.ts'
import type { Core } from '../services.ts'
import { containerName, describe } from './describe.ts'

export interface FileRunnerDeps extends Core {
  readonly transfers: TransferService
  readonly files: FileService
}

export function fileRunners(core: FileRunnerDeps): Pick<Runners, keyof FileOperations> {
  const clientOf = (engineId: string) => core.engines.connection(engineId).client
  const subject = (engineId: string, id: string, path: string, more = ''): string => `${containerName(core, engineId, id)}:${shownPath(path)}${more}`
  /** Whatever came of it, something may be different now. */
  const changing = <T>(engineId: string, id: string, work: Promise<T>): Promise<T> => work.finally(() => core.files.changed(engineId, id))
  return {
    'files.download': {
      cancellable: true,
      describe: (arg) => describe(core, 'files.download', arg, subject(arg.engineId, arg.id, arg.path)),
      run: ({ engineId, ...wanted }, context) => {
        const command = downloadTarCommand(containerName(core, engineId, wanted.id), wanted.path, archiveName(wanted.target))
        const onStat = ({ type }: FileStat): void => {
          if (type === 'directory') context.describe({ command })
        }
        return downloadPath({ client: clientOf(engineId), transfers: core.transfers, home: core.options.home, onStat }, wanted, context)
      },
    },
    'files.upload': {
      cancellable: true,
      describe: (arg) => describe(core, 'files.upload', arg, subject(arg.engineId, arg.id, joinPath(arg.path, arg.names.length === 1 ? (arg.names[0] ?? '') : ''))),
      run: ({ engineId, ...wanted }, context) =>
        changing(engineId, wanted.id, uploadArchive({ client: clientOf(engineId), transfers: core.transfers, home: core.options.home }, wanted, context)),
    },
    'files.make-folder': {
      cancellable: false,
      describe: (arg) => describe(core, 'files.make-folder', arg, subject(arg.engineId, arg.id, joinPath(arg.path, arg.name))),
      run({ engineId, ...wanted }, { signal, report }) {
        report({ step: 'uploading', parts: [] })
        return changing(engineId, wanted.id, makeFolder(clientOf(engineId), wanted, signal))
      },
    },
    'files.rename': {
      cancellable: false,
      describe: (arg) => describe(core, 'files.rename', arg, subject(arg.engineId, arg.id, arg.path, ` → ${shownPath(arg.newName)}`)),
      run({ engineId, ...wanted }, { signal, report }) {
        report({ step: 'renaming', parts: [] })
        return changing(engineId, wanted.id, renamePath(clientOf(engineId), wanted, signal))
      },
    },
    'files.remove': {
      cancellable: false,
      describe: (arg) => describe(core, 'files.remove', arg, subject(arg.engineId, arg.id, arg.paths[0] ?? '/', arg.paths.length > 1 ? ` + ${arg.paths.length - 1}` : '')),
      run({ engineId, ...wanted }, { signal, report }) {
        report({ step: 'removing', parts: [] })
        return changing(engineId, wanted.id, removePaths(clientOf(engineId), wanted, signal))
      },
    },
  }
}
