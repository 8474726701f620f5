/** The agent's answer to `stats` (image/guest/agent.c): `name=number` separated by blanks. Pure. */

export interface GuestStats {
  /** What the guest's kernel counts as its memory, MiB: without what the kernel itself takes at the start. */
  readonly memoryMiB: number
  /** What programs could have without swapping, MiB. */
  readonly availableMiB: number
  /** Bytes of the data disk's file system. */
  readonly diskBytes: number
  readonly diskFreeBytes: number
  /** Seconds since the guest's start. */
  readonly up: number
}

/** Null when it is not such an answer. */
export function parseGuestStats(text: string): GuestStats | null {
  const values = new Map(text.split(' ').map((each): [string, number] => {
    const [name = '', value = ''] = each.split('=')
    return [name, value === '' ? NaN : Number(value)]
  }))
  const [memoryMiB, availableMiB, diskBytes, diskFreeBytes, up] = ['memoryTotal', 'memoryAvailable', 'diskTotal', 'diskFree', 'up'].map((name) => values.get(name) ?? NaN) as [number, number, number, number, number]
  const all = { memoryMiB, availableMiB, diskBytes, diskFreeBytes, up }
  return Object.values(all).every((each) => Number.isFinite(each) && each >= 0) ? all : null
}
