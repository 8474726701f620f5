/**
 * Boots with the best acceleration that really works. Hardware acceleration can be there and still hang (nested
 * virtualisation), so every try is watched by what the guest prints; the last try is software emulation.
 */
import { open } from 'node:fs/promises'
import { NaruError } from '../../contract/errors.ts'
import { systemClock } from '../../system/clock.ts'
import type { Clock } from '../../system/clock.ts'
import { isSoftware } from './acceleration.ts'
import type { Acceleration } from './acceleration.ts'

/** What the first program of the guest prints. */
export const USERSPACE_MARKER = 'NARU: initramfs'

export interface BootLimits {
  /** Milliseconds until the first byte of the console, with hardware acceleration. */
  readonly firstByteMs: number
  /** Milliseconds until the marker, with hardware acceleration. */
  readonly userspaceMs: number
  /** Milliseconds until the marker, in software. */
  readonly softwareUserspaceMs: number
}

export const BOOT_LIMITS: BootLimits = { firstByteMs: 6_000, userspaceMs: 20_000, softwareUserspaceMs: 60_000 }

/** A QEMU that was started. */
export interface Attempt {
  readonly pid: number
  /** Resolves with what ended it and QEMU's last words; never rejects. */
  readonly exited: Promise<string>
  /** Ends it at once and resolves when it is gone. */
  readonly kill: () => Promise<void>
}

export interface Failure {
  readonly acceleration: Acceleration
  /** English, for the log and the details of an error. */
  readonly why: string
  readonly tookMs: number
}

export interface Booted {
  readonly attempt: Attempt
  readonly acceleration: Acceleration
  readonly userspaceMs: number
  readonly failures: readonly Failure[]
}

export interface BootOptions {
  /** Best first; see chooseAccelerations. */
  readonly candidates: readonly Acceleration[]
  /** Starts QEMU with an empty console log. */
  readonly launch: (acceleration: Acceleration) => Promise<Attempt>
  /** What the console printed so far; its beginning is enough. */
  readonly console: () => Promise<string>
  readonly limits?: BootLimits
  readonly signal?: AbortSignal
  readonly clock?: Clock
  readonly onFailure?: (failure: Failure) => void
}

const LOOK_EVERY_MS = 25
/** Lines of the console that go along with a failure. */
export const CONSOLE_LINES = 40

/** What is wrong with an attempt after `ms`, or null while nothing is. Pure. */
export function verdict(software: boolean, printed: string, ms: number, limits: BootLimits): string | null {
  if (software) return ms > limits.softwareUserspaceMs ? `no userspace in ${limits.softwareUserspaceMs} ms` : null
  if (printed === '' && ms > limits.firstByteMs) return `no byte on the console in ${limits.firstByteMs} ms`
  return ms > limits.userspaceMs ? `no userspace in ${limits.userspaceMs} ms` : null
}

/** Watches one attempt to its marker; null when it got there, else why not. */
async function watch(attempt: Attempt, acceleration: Acceleration, options: BootOptions): Promise<string | null> {
  const { limits = BOOT_LIMITS, clock = systemClock, signal, console } = options
  const since = clock.now()
  let ended: string | null = null
  void attempt.exited.then((reason) => {
    ended = reason
  })
  for (;;) {
    const printed = await console()
    if (printed.includes(USERSPACE_MARKER)) return null
    if (ended !== null) return `QEMU ended: ${ended}`
    const wrong = verdict(isSoftware(acceleration), printed, clock.now() - since, limits)
    if (wrong !== null) return wrong
    await clock.sleep(LOOK_EVERY_MS, signal)
  }
}

/**
 * The first candidate that reaches userspace. Attempts that fail are killed before the next begins.
 * @throws NaruError `provider.boot-failed` with every failure in `detail`; `cancelled` (the attempt is killed)
 */
export async function bootWatched(options: BootOptions): Promise<Booted> {
  const { candidates, launch, clock = systemClock, onFailure } = options
  const failures: Failure[] = []
  for (const acceleration of candidates) {
    const since = clock.now()
    const attempt = await launch(acceleration)
    let why: string | null
    try {
      why = await watch(attempt, acceleration, options)
    } catch (error) {
      await attempt.kill()
      throw error
    }
    const tookMs = clock.now() - since
    if (why === null) return { attempt, acceleration, userspaceMs: tookMs, failures }
    await attempt.kill()
    failures.push({ acceleration, why, tookMs })
    onFailure?.({ acceleration, why, tookMs })
  }
  // Of the last try: each begins an empty console.
  const printed = (await options.console()).split(/\r?\n/).filter((line) => line.trim() !== '').slice(-CONSOLE_LINES)
  const detail = [...failures.map(({ acceleration, why }) => `${acceleration.accel} -cpu ${acceleration.cpu}: ${why}`), ...printed].join('\n')
  throw new NaruError('provider.boot-failed', 'the virtual machine did not boot', { hint: 'vm-boot', detail })
}

/** The first `bytes` of a file that may not be there yet. */
export async function headOfFile(path: string, bytes = 64 * 1024): Promise<string> {
  const file = await open(path, 'r').catch(() => null)
  if (!file) return ''
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}
