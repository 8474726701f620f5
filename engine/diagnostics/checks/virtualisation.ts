/** Does hardware help the virtual machine? Without it all of it is about ten times slower. */
import type { MachineState } from '../../contract/models.ts'
import type { DeviceState } from '../../providers/vm/acceleration.ts'
import { command, passed, screen, skipped, warned } from '../check.ts'
import type { Check, CheckOutcome } from '../check.ts'

export interface VirtualisationFacts {
  /** Null: there is no virtual machine here. */
  readonly state: ((signal: AbortSignal) => Promise<MachineState | null>) | null
  /** The virtual machine is the engine in use; for others it does not matter. */
  readonly inUse: boolean
  readonly device: () => Promise<DeviceState>
}

export const virtualisationCheck = ({ state, inUse, device }: VirtualisationFacts): Check => ({
  id: 'virtualisation',
  applicable: () => process.platform === 'linux' && state !== null,
  check: async (signal) => {
    const acceleration = (await state?.(signal))?.acceleration ?? null
    if (acceleration && !acceleration.software) return passed('hardware', { name: acceleration.name.toUpperCase() })
    const found = acceleration?.why ?? (await device())
    if (!inUse) return found === 'usable' ? passed('usable') : skipped('not-in-use')
    return told(found, acceleration?.tried ?? [])
  },
})

function told(why: NonNullable<MachineState['acceleration']>['why'] | DeviceState, tried: readonly { readonly accel: string; readonly why: string }[]): CheckOutcome {
  switch (why) {
    case 'chosen':
      return passed('chosen')
    case 'absent':
      return warned('absent', { path: '/dev/kvm' })
    case 'denied':
      return warned('denied', { path: '/dev/kvm' }, { fixes: [command('sudo usermod -aG kvm "$(id -un)"')] })
    case 'failed':
      return warned('failed', { tried: tried.map((each) => `${each.accel}: ${each.why}`).join('; ') || '–' }, { fixes: [screen('engines')] })
    default:
      return passed('usable')
  }
}
