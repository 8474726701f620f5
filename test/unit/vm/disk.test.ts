import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { VM_DISK_MAX_BYTES } from '../../../engine/contract/models.ts'
import { checkGrowth, diskUsage, growDisk } from '../../../engine/providers/vm/disk.ts'
import { initialNap } from '../../../engine/providers/vm/nap-machine.ts'
import type { NapState } from '../../../engine/providers/vm/nap-machine.ts'
import { awakeReason, residentMiB } from '../../../engine/providers/vm/usage.ts'

const GIB = 1024 ** 3

/** A guest whose kernel notices a larger disk only after some tries. */
function machine({ size = 64 * GIB, deaf = 0, answer = 'growfs rc=0' } = {}) {
  const state = { size, files: size, deaf }
  const asked: string[] = []
  const qmp = {
    execute: async (command: string, args?: Readonly<Record<string, unknown>>) => {
      if (command === 'query-block') return [{ device: 'r', inserted: { image: { 'virtual-size': 1 } } }, { device: 'd', inserted: { image: { 'virtual-size': state.size } } }]
      asked.push(command)
      state.size = Number(args?.['size'])
      return {}
    },
  }
  const ask = async (text: string): Promise<string> => {
    if (text === 'stats') return `memoryTotal=1000 memoryAvailable=700 diskTotal=${Math.floor(state.files * 0.98)} diskFree=${20 * GIB} up=3`
    asked.push(text)
    if (state.deaf-- <= 0) state.files = state.size
    return answer
  }
  const steps: string[] = []
  const grow = (bytes: number, signal = new AbortController().signal) => growDisk({ qmp, ask, bytes, signal, onStep: (step) => steps.push(step) })
  return { qmp, asked, steps, grow }
}

describe('growing the data disk', () => {
  it('makes the disk larger, then its file system', async () => {
    const { grow, asked, steps } = machine()
    await grow(80 * GIB)
    expect(asked).toEqual(['block_resize', 'growfs'])
    expect(steps).toEqual(['growing-disk', 'growing-files'])
  })

  it('asks again while the guest has not noticed', async () => {
    const { grow, asked } = machine({ deaf: 2 })
    await grow(80 * GIB)
    expect(asked).toEqual(['block_resize', 'growfs', 'growfs', 'growfs'])
  })

  it('says so when the file system does not follow', async () => {
    await expect(machine({ answer: 'growfs rc=1' }).grow(80 * GIB)).rejects.toMatchObject({ hint: 'vm-disk-grow', detail: 'growfs rc=1' })
  })

  it('given up before anything changed, nothing is changed', async () => {
    const { grow, asked } = machine()
    await expect(grow(80 * GIB, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
    expect(asked).toEqual([])
  })

  it('refuses what is no growth, and says what there is', async () => {
    for (const bytes of [64 * GIB, 63 * GIB, 1]) await expect(machine().grow(bytes)).rejects.toMatchObject({ code: 'invalid-request', hint: 'vm-disk-shrink', params: { current: '64GiB' } })
    expect(() => checkGrowth(GIB, VM_DISK_MAX_BYTES + 1)).toThrow(expect.objectContaining({ hint: 'vm-disk-too-large' }))
    expect(() => checkGrowth(GIB, VM_DISK_MAX_BYTES)).not.toThrow()
  })
})

describe('what the machine takes', () => {
  it('of its disk: what the guest sees, what it uses, what the file takes here', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'naru-disk-'))
    try {
      const path = join(folder, 'data')
      await writeFile(path, Buffer.alloc(100_000, 1))
      const stats = { memoryMiB: 1, availableMiB: 1, diskBytes: 62 * GIB, diskFreeBytes: 60 * GIB, up: 1 }
      const usage = await diskUsage(machine().qmp, path, stats)
      expect(usage).toMatchObject({ virtualBytes: 64 * GIB, usedBytes: 2 * GIB })
      expect(usage.hostBytes).toBeGreaterThanOrEqual(100_000)
      expect(usage.hostBytes).toBeLessThan(1_000_000)
      expect(usage.hostFreeBytes).toBeGreaterThan(0)
      expect((await diskUsage(machine().qmp, path, null)).usedBytes).toBeNull()
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('of memory: what the process has; none when it is gone', async () => {
    expect(await residentMiB(process.pid)).toBeGreaterThan(20)
    expect(await residentMiB(2 ** 30)).toBe(0)
  })

  it.each<[string, Partial<NapState>, string]>([
    ['no nap is wanted', { rules: { afterMs: 0, withContainers: false } }, 'off'],
    ['somebody is there', { holds: 1, containers: 1 }, 'clients'],
    ['containers run', { containers: 1 }, 'containers'],
    ['it is not known yet what runs', { containers: null }, 'containers'],
    ['containers run and may be paused', { containers: 1, rules: { afterMs: 1, withContainers: true } }, 'counting'],
    ['nothing is in its way', { containers: 0 }, 'counting'],
  ])('why it is awake: %s', (_name, more, wanted) => {
    expect(awakeReason({ ...initialNap({ afterMs: 1, withContainers: false }, 0), ...more })).toBe(wanted)
  })
})
