/** What a machine is started with: choices, their bounds, folders that cannot be shared; and what a restart would change. */
import { chmod, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { VmSettings } from '../../../engine/contract/models.ts'
import { PhaseTimes } from '../../../engine/providers/vm/phases.ts'
import { changesFor, planMachine } from '../../../engine/providers/vm/plan.ts'

let home = ''
beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'naru-plan-')))
  await chmod(home, 0o755)
  await mkdir(join(home, 'shut'), { mode: 0o700 })
  await mkdir(join(home, 'shut/inner'), { mode: 0o755 })
})
afterAll(() => rm(home, { recursive: true, force: true }))

const host = { memoryMiB: 4_096, cpus: 4 }
/** Nobody in this test owns anything here. */
const other = { uid: 4_000_001, gid: 4_000_001 }
const plan = (settings: VmSettings, user: typeof other | null = null) => planMachine({ settings, home, host, user })

describe('the plan of a machine', () => {
  it('without choices is Naru’s: the home folder, nothing of memory and processors, no loopback', async () => {
    expect(await plan({})).toEqual({ shares: [{ tag: 'h0', path: home, readonly: false }], softwareOnly: false, hostLoopback: false, publishEverywhere: false })
  })

  it('cuts what is more than this machine has, and takes the rest as it was chosen', async () => {
    expect(await plan({ memoryMiB: 99_999, cpus: 64, folders: [], hostLoopback: true, softwareOnly: true, publishEverywhere: true })).toEqual({
      memoryMiB: 4_096, cpus: 4, shares: [], hostLoopback: true, softwareOnly: true, publishEverywhere: true,
    })
    expect(await plan({ memoryMiB: 768, cpus: 1 })).toMatchObject({ memoryMiB: 768, cpus: 1 })
  })

  it('refuses a chosen folder that is not there, or that QEMU’s user may not enter', async () => {
    const share = (path: string) => ({ folders: [{ path: join(home, path), readonly: true }] })
    await expect(plan(share('gone'))).rejects.toMatchObject({ code: 'invalid-request', hint: 'vm-share-missing', params: { path: join(home, 'gone') } })
    await expect(plan(share('shut'), other)).rejects.toMatchObject({ hint: 'vm-share-denied' })
    await expect(plan(share('shut'))).resolves.toMatchObject({ shares: [{ path: join(home, 'shut') }] })
    // QEMU opens it before it becomes that user: the way there may be closed to others.
    expect((await plan(share('shut/inner'), other)).shares).toEqual([{ tag: 'h0', path: join(home, 'shut/inner'), readonly: true }])
  })

  it('leaves a home folder out that cannot be shared: nobody asked for it', async () => {
    expect((await planMachine({ settings: {}, home: join(home, 'shut'), host, user: other })).shares).toEqual([])
    expect((await planMachine({ settings: {}, home: '/var/lib/somebody', host, user: null })).shares).toEqual([])
  })
})

describe('what waits for a restart', () => {
  const facts = { memoryMiB: 1_024, cpus: 2, folders: [{ path: '/home/a', readonly: false }], hostLoopback: false, publishEverywhere: false }
  const shares = [{ tag: 'h0', path: '/home/a', readonly: false }]
  const wanted = { shares, softwareOnly: false, hostLoopback: false, publishEverywhere: false }
  const software = { name: 'tcg', software: true, why: 'failed', tried: [] } as const

  it('is nothing while the machine has what was chosen, or Naru chose', () => {
    expect(changesFor(wanted, facts, software)).toEqual([])
    expect(changesFor({ ...wanted, memoryMiB: 1_024, cpus: 2 }, facts, software)).toEqual([])
  })

  it('is each thing that differs', () => {
    expect(changesFor({ ...wanted, memoryMiB: 2_048, cpus: 1, hostLoopback: true, publishEverywhere: true, softwareOnly: true, shares: [{ tag: 'h0', path: '/home/a', readonly: true }] }, facts, software)).toEqual([
      'memory', 'cpus', 'folders', 'loopback', 'publish', 'acceleration',
    ])
    expect(changesFor({ ...wanted, softwareOnly: true }, facts, { ...software, why: 'chosen' })).toEqual([])
    expect(changesFor(wanted, facts, { ...software, why: 'chosen' })).toEqual(['acceleration'])
  })
})

describe('the times of a start', () => {
  it('end with the next step; a line of the same step and a step without an end change nothing', () => {
    const times = new PhaseTimes()
    expect(times.report({ step: 'image', index: 1, total: 4, limitMs: 10 }, 100)).toBe(true)
    expect(times.report({ step: 'image', index: 1, total: 4, limitMs: 10, lastLine: 'x' }, 120)).toBe(false)
    expect(times.report({ step: 'connect', index: 1, total: 1 }, 130)).toBe(false)
    expect(times.report({ step: 'machine', index: 2, total: 4, limitMs: 20 }, 150)).toBe(true)
    expect(times.list).toEqual([{ step: 'image', since: 100, tookMs: 50, limitMs: 10 }, { step: 'machine', since: 150, limitMs: 20 }])
    times.end(190)
    expect(times.list[1]).toMatchObject({ tookMs: 40 })
    times.begin()
    expect(times.list).toEqual([])
  })
})
