/** The boot watchdog against scripts in QEMU's place: one that hangs, one that aborts, one that prints the marker. */
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Acceleration } from '../../../engine/providers/vm/acceleration.ts'
import { bootWatched, headOfFile, verdict } from '../../../engine/providers/vm/watchdog.ts'
import type { Attempt, BootLimits } from '../../../engine/providers/vm/watchdog.ts'

/** Short where something hangs; long where a busy machine must not look like a hang. */
const LIMITS: BootLimits = { firstByteMs: 150, userspaceMs: 15_000, softwareUserspaceMs: 15_000 }
const SOON: BootLimits = { ...LIMITS, firstByteMs: 15_000, userspaceMs: 300 }
const PATIENT: BootLimits = { ...LIMITS, firstByteMs: 15_000 }

const SCRIPTS = {
  hang: '#!/bin/sh\nexec sleep 600\n',
  abort: '#!/bin/sh\nexit 134\n',
  mute: '#!/bin/sh\necho "Booting from ROM" >"$1"\nexec sleep 600\n',
  boots: '#!/bin/sh\necho "NARU: initramfs up=1" >"$1"\nexec sleep 600\n',
}

let folder = ''
const pids: number[] = []
const log = (): string => join(folder, 'serial.log')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-dog-'))
  for (const [name, text] of Object.entries(SCRIPTS)) {
    await writeFile(join(folder, name), text)
    await chmod(join(folder, name), 0o755)
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** An acceleration whose `accel` is the script that plays QEMU. */
const played = (script: keyof typeof SCRIPTS, name: Acceleration['name'] = 'kvm'): Acceleration => ({ name, accel: script, cpu: 'host' })

async function launch({ accel }: Acceleration): Promise<Attempt> {
  await rm(log(), { force: true })
  const child = spawn(join(folder, accel), [log()], { stdio: 'ignore' })
  const gone = new Promise<string>((resolve) => child.once('exit', (code, signal) => resolve(`ended with ${code ?? signal ?? ''}`)))
  pids.push(child.pid ?? 0)
  return {
    pid: child.pid ?? 0,
    exited: gone,
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

const boot = (candidates: readonly Acceleration[], limits = LIMITS, signal?: AbortSignal) =>
  bootWatched({ candidates, launch, console: () => headOfFile(log()), limits, ...(signal && { signal }) })

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

describe('the boot watchdog', () => {
  it('takes the first that reaches userspace; what aborts or hangs is ended first', async () => {
    const booted = await boot([played('abort'), played('hang'), played('boots', 'tcg')])
    expect(booted.acceleration).toEqual(played('boots', 'tcg'))
    expect(booted.failures.map(({ why }) => why)).toEqual([
      'QEMU ended: ended with 134',
      'no byte on the console in 150 ms',
    ])
    expect(pids.slice(-3, -1).every(isGone)).toBe(true)
    await booted.attempt.kill()
  })

  it('a guest that speaks and never gets to userspace has hung too', async () => {
    const booted = await boot([played('mute'), played('boots', 'tcg')], SOON)
    expect(booted.failures.map(({ why }) => why)).toEqual(['no userspace in 300 ms'])
    await booted.attempt.kill()
  })

  it('does not try more than it needs', async () => {
    const booted = await boot([played('boots'), played('hang')], PATIENT)
    expect(booted.failures).toEqual([])
    await booted.attempt.kill()
  })

  it('tells every failure when nothing boots', async () => {
    await expect(boot([played('abort'), played('hang')])).rejects.toMatchObject({
      code: 'provider.boot-failed',
      hint: 'vm-boot',
      detail: 'abort -cpu host: QEMU ended: ended with 134\nhang -cpu host: no byte on the console in 150 ms',
    })
  })

  it('tells what the console of the last try said', async () => {
    await expect(boot([played('abort'), played('mute')], SOON)).rejects.toMatchObject({ detail: expect.stringMatching(/^abort .*\nmute .*no userspace in 300 ms\nBooting from ROM$/) })
  })

  it('leaves nothing when it is given up', async () => {
    const abort = new AbortController()
    const before = pids.length
    const booting = boot([played('hang', 'tcg')], LIMITS, abort.signal)
    await expect.poll(() => pids.length).toBe(before + 1)
    abort.abort()
    await expect(booting).rejects.toMatchObject({ code: 'cancelled' })
    expect(isGone(pids.at(-1) ?? 0)).toBe(true)
  })

  it.each<[string, boolean, string, number, string | null]>([
    ['silent, but early', false, '', 6_000, null],
    ['silent too long', false, '', 6_001, 'no byte on the console in 6000 ms'],
    ['speaking, not there yet', false, 'x', 20_000, null],
    ['speaking too long', false, 'x', 20_001, 'no userspace in 20000 ms'],
    ['software may take longer and be silent', true, '', 60_000, null],
    ['software too long', true, 'x', 60_001, 'no userspace in 60000 ms'],
  ])('%s', (_name, software, printed, ms, wanted) => {
    expect(verdict(software, printed, ms, { firstByteMs: 6_000, userspaceMs: 20_000, softwareUserspaceMs: 60_000 })).toBe(wanted)
  })
})
