/**
 * Notices that QEMU paused the machine because its disk could not be written (this machine's disk is full), says so, and
 * lets it go on when there is room again. QEMU: `werror=stop`, event BLOCK_IO_ERROR (qapi/block-core.json), run state
 * `io-error`.
 */
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NaruError, toEnvelope } from '../../contract/errors.ts'
import type { ErrorEnvelope } from '../../contract/errors.ts'
import type { Trouble } from '../provider.ts'
import type { Qmp } from './qmp.ts'

export interface DiskWatchOptions {
  readonly qmp: Pick<Qmp, 'execute' | 'onEvent'>
  /** Path of the data disk. */
  readonly data: string
  readonly log: (line: string) => void
  /** Bytes a user's process may still write beside the disk; for tests. */
  readonly freeBytes?: () => Promise<number>
  /** Milliseconds between two looks at the free space. */
  readonly everyMs?: number
  /** Milliseconds without another error after which the machine counts as going on. */
  readonly calmMs?: number
}

export interface DiskWatch extends Trouble {
  /** Lets a machine that somebody paused go on, unless its disk is the reason: then it waits for room. */
  readonly resume: () => Promise<void>
  readonly close: () => void
}

/** Less than this is used up again at once. */
const ENOUGH_BYTES = 64 * 1024 ** 2

const freeBeside = async (path: string): Promise<number> => {
  const { bavail, bsize } = await statfs(dirname(path))
  return bavail * bsize
}

export function watchDisk(options: DiskWatchOptions): DiskWatch {
  const { qmp, data, log, freeBytes = () => freeBeside(data), everyMs = 2_000, calmMs = 1_000 } = options
  const listeners = new Set<() => void>()
  let trouble: ErrorEnvelope | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false

  const set = (next: ErrorEnvelope | null): void => {
    if (trouble?.detail === next?.detail && trouble?.hint === next?.hint) return
    trouble = next
    for (const listener of [...listeners]) listener()
  }
  const later = (act: () => Promise<void> | void, ms: number): void => {
    clearTimeout(timer)
    if (over) return
    timer = setTimeout(() => void act(), ms)
    timer.unref()
  }
  const calm = (): void => {
    log('the virtual machine goes on')
    set(null)
  }
  const tryOn = async (): Promise<void> => {
    try {
      // An error that is not about space may be over without a sign of it.
      if (trouble?.code === 'no-space' && (await freeBytes()) < ENOUGH_BYTES) return later(tryOn, everyMs)
      later(calm, calmMs)
      await qmp.execute('cont')
    } catch (error) {
      log(`the virtual machine stays paused: ${String(error)}`)
      later(tryOn, everyMs)
    }
  }
  const paused = async (reason: string, noSpace: boolean): Promise<void> => {
    if (trouble === null) log(`the virtual machine is paused: its disk cannot be written (${reason})`)
    const about = { params: { path: data }, detail: reason }
    set(toEnvelope(noSpace ? new NaruError('no-space', 'the disk of this machine is full', { ...about, hint: 'vm-disk-full' }) : new NaruError('engine.unreachable', 'the virtual machine’s disk cannot be written', { ...about, hint: 'vm-disk-io' })))
    later(tryOn, everyMs)
  }
  const forget = qmp.onEvent((event) => {
    if (event.name !== 'BLOCK_IO_ERROR' || event.data.action !== 'stop') return
    const reason = String(event.data.reason ?? 'no reason given')
    void paused(reason, event.data.nospace === true || /no space/i.test(reason))
  })

  return {
    now: () => trouble,
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    resume: async () => {
      const status: unknown = Object(await qmp.execute('query-status')).status
      if (status === 'io-error') await paused('No space left on device', (await freeBytes()) < ENOUGH_BYTES)
      else await qmp.execute('cont')
    },
    close: () => {
      over = true
      clearTimeout(timer)
      forget()
      listeners.clear()
    },
  }
}
