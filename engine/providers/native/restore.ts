/** iptables-restore that gives way to others: on one machine several daemons change the firewall at the same time. */
import { NaruError } from '../../contract/errors.ts'
import { exec } from '../../system/exec.ts'
import type { ExecResult } from '../../system/exec.ts'
import { systemClock } from '../../system/clock.ts'

const ARGS = ['--noflush', '--wait', '5']
/** RESOURCE_PROBLEM of iptables: the kernel's rules changed between read and write, or the lock was held. */
const BUSY = 4
const TRIES = 6

/** `input` as iptables-restore reads it, in one transaction per table; tried again while others are at it. */
export async function restoreRules(
  [file, args]: readonly [string, readonly string[]],
  input: string,
  options: { readonly env?: NodeJS.ProcessEnv; readonly signal?: AbortSignal } = {},
): Promise<ExecResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await exec(file, [...args, ...ARGS], { ...options, input })
    } catch (error) {
      const busy = error instanceof NaruError && error.params?.code === BUSY
      if (!busy || attempt === TRIES) throw error
      await systemClock.sleep(50 * attempt, options.signal)
    }
  }
}
