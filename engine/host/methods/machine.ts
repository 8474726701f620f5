/** The bundled virtual machine. */
import { NaruError } from '../../contract/errors.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import type { Machine } from '../../providers/vm/machine.ts'
import type { Services } from '../services.ts'

type Names = Extract<keyof MethodHandlers, `machine.${string}`>

export function machineMethods({ machine, settings }: Services): Pick<MethodHandlers, Names> {
  const there = (): Machine => {
    if (machine) return machine
    throw new NaruError('unsupported', 'there is no virtual machine here', { hint: 'vm-host' })
  }
  return {
    'machine.console': async () => ({ lines: await there().console() }),
    'machine.forget-acceleration': async () => {
      await there().forgetAcceleration()
      return {}
    },
    'machine.folder-offer': ({ path }) => there().offerFolder(path),
    'machine.share-folder': async ({ path, readonly }) => {
      const folders = await there().foldersWith(path, readonly)
      await settings.update({ vm: { ...settings.get().vm, folders } })
      return {}
    },
  }
}
