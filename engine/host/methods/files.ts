import type { FileMethods } from '../../contract/parts/files.ts'
import type { FileService } from '../../container-files/service.ts'
import type { MethodHandlers } from '../../link/handlers.ts'

export function fileMethods(files: FileService): Pick<MethodHandlers, keyof FileMethods> {
  return {
    'files.page': files.page,
    'files.stat': files.stat,
    'files.read': files.read,
    'files.existing': files.existing,
  }
}
