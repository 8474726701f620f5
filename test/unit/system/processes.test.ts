import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { waitUntil } from '../../../engine/system/clock.ts'
import {
  argumentsOf, endProcess, executableOf, findProcesses, isAlive, isZombie, parseStat, readProcess,
} from '../../../engine/system/processes.ts'
import { headless } from '../../support/tiny-elf.ts'

const program = headless()
if (!program) console.log('skipped: a zombie that still runs (no such program for this processor)')

describe('processes', () => {
  it('reads a stat line whose name holds spaces and parentheses', () => {
    const line = `42 (a ) b (c) S 7 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 12345 0 0`
    expect(parseStat(line)).toEqual({ pid: 42, state: 'S', parent: 7, startTime: 12345 })
    expect(parseStat('')).toBeNull()
    expect(parseStat('1 (x')).toBeNull()
  })
  it('knows itself, and nobody with another start time', async () => {
    const self = await readProcess(process.pid)
    expect(self).not.toBeNull()
    if (!self) return
    expect(await isAlive(self)).toBe(true)
    expect(await isAlive({ pid: self.pid, startTime: self.startTime + 1 })).toBe(false)
    expect(await executableOf(self.pid)).toBe(process.execPath)
    expect((await argumentsOf(self.pid)).length).toBeGreaterThan(0)
    expect(await readProcess(-1)).toBeNull()
  })
  it('takes a zombie for dead', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 5'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(chunk.toString())
    expect(await waitUntil(() => isZombie(pid), { withinMs: 3000, everyMs: 20 })).toBe(true)
    const info = await readProcess(pid)
    expect(info && (await isAlive(info))).toBe(false)
    parent.kill('SIGKILL')
  })
  it.skipIf(!program)('takes a zombie whose other threads still run for alive: it holds what it held', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'naru-headless-'))
    const file = join(folder, 'headless')
    await writeFile(file, program ?? '', { mode: 0o755 })
    const child = spawn(file, { stdio: 'ignore' })
    try {
      const pid = child.pid ?? 0
      expect(await waitUntil(() => isZombie(pid), { withinMs: 3000, everyMs: 5 })).toBe(true)
      const ref = await readProcess(pid)
      if (!ref) expect.fail('it ended')
      expect(await isAlive(ref)).toBe(true)
      expect(await endProcess(ref, [{ signal: 'SIGKILL', waitMs: 3000 }])).toBe(true)
      expect(await isAlive(ref)).toBe(false)
    } finally {
      child.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    }
  })
  it('climbs the ladder when TERM is ignored', async () => {
    const mark = `naru-test-${process.pid}-${Date.now()}`
    const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e3); console.log(1)', mark], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await once(child.stdout, 'data')
    const [found] = await findProcesses((args) => args.includes(mark))
    expect(found?.pid).toBe(child.pid)
    if (!found) return
    expect(await endProcess(found, [{ signal: 'SIGTERM', waitMs: 100 }])).toBe(false)
    expect(await endProcess(found, [{ signal: 'SIGTERM', waitMs: 50 }, { signal: 'SIGKILL', waitMs: 2000 }])).toBe(true)
    expect(await endProcess(found, [{ signal: 'SIGTERM', waitMs: 50 }])).toBe(true)
  })
})
