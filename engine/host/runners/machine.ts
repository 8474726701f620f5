import { NaruError } from '../../contract/errors.ts'
import { formatMemory } from '../../contract/units.ts'
import type { Runners } from '../../operations/runner.ts'
import type { Core } from '../services.ts'
import { describe } from './describe.ts'

export function machineRunners(core: Core): Pick<Runners, 'machine.grow-disk'> {
  return {
    'machine.grow-disk': {
      cancellable: true,
      describe: (arg) => describe(core, 'machine.grow-disk', arg, formatMemory(arg.bytes)),
      async run({ bytes }, { signal, report }) {
        if (!core.machine) throw new NaruError('unsupported', 'there is no virtual machine here', { hint: 'vm-host' })
        await core.machine.growDisk({ bytes, signal, onStep: (step) => report({ step, parts: [] }) })
        return {}
      },
    },
  }
}
