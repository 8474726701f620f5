/** The bundled virtual machine. */
import { NaruError } from '../../contract/errors.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import type { Machine } from '../../providers/vm/machine.ts'
import type { Services } from '../services.ts'

export function machineMethods({ machine }: Services): Pick<MethodHandlers, 'machine.console' | 'machine.forget-acceleration'> {
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
  }
}
