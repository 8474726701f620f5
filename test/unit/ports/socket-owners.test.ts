import { mkdir, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSocketOwners } from '../../../engine/ports/socket-owners.ts'
import { readListeners } from '../../../engine/ports/socket-tables.ts'

let proc = ''
let now = 1_000_000
const { signal } = new AbortController()

beforeEach(async () => {
  proc = await mkdtemp(join(tmpdir(), 'naru-proc-'))
})
afterEach(() => rm(proc, { recursive: true, force: true }))

async function process(pid: number, comm: string, inodes: readonly number[], more: { cmdline?: string; cgroup?: string } = {}): Promise<void> {
  await mkdir(join(proc, String(pid), 'fd'), { recursive: true })
  await writeFile(join(proc, String(pid), 'comm'), `${comm}\n`)
  await writeFile(join(proc, String(pid), 'cmdline'), more.cmdline ?? `${comm}\0`)
  await writeFile(join(proc, String(pid), 'cgroup'), more.cgroup ?? '0::/\n')
  for (const [n, inode] of inodes.entries()) await symlink(`socket:[${inode}]`, join(proc, String(pid), 'fd', String(n)))
}

describe('createSocketOwners', () => {
  it('finds a server before its workers and before the one that started it', async () => {
    await process(1, 'systemd', [10])
    await process(50, 'nginx', [10, 11])
    await process(51, 'nginx', [10, 11])
    await process(70, 'MainThread', [12], { cgroup: `0::/system.slice/docker-${'e'.repeat(64)}.scope\n` })
    await symlink('/usr/local/bin/node', join(proc, '70', 'exe'))
    const owners = await createSocketOwners(proc).find([10, 11, 12, 99], signal)
    expect(owners.get(10)).toEqual({ pid: 50, name: 'nginx', command: 'nginx' })
    expect(owners.get(11)).toMatchObject({ pid: 50 })
    expect(owners.get(12)).toMatchObject({ pid: 70, name: 'node', containerId: 'e'.repeat(64) })
    expect(owners.has(99)).toBe(false)
  })

  it('looks again once a process lets go, and after a while at what nobody was found for', async () => {
    const owners = createSocketOwners(proc, () => now)
    await process(50, 'first', [10])
    expect((await owners.find([10, 11], signal)).get(10)?.name).toBe('first')
    await unlink(join(proc, '50', 'fd', '0'))
    await process(60, 'second', [10, 11])
    const later = await owners.find([10, 11], signal)
    expect(later.get(10)?.name).toBe('second')
    expect(later.has(11)).toBe(false)
    now += 60_000
    expect((await owners.find([11], signal)).get(11)?.name).toBe('second')
  })

  it('stops when nobody waits for it', async () => {
    await process(50, 'big', Array.from({ length: 900 }, (_, n) => n + 1))
    await expect(createSocketOwners(proc).find([5_000], AbortSignal.abort())).rejects.toBeDefined()
  })
})

describe('readListeners', () => {
  it('says that a system without tables has none, which is not the same as no listeners', async () => {
    expect(await readListeners(join(proc, 'nothing'), signal)).toBeNull()
    await mkdir(join(proc, 'net'))
    await writeFile(join(proc, 'net', 'udp'), 'head\n')
    expect(await readListeners(proc, signal)).toEqual([])
  })

  it('reads no further than the first connection', async () => {
    await mkdir(join(proc, 'net'))
    const line = (state: string, n: number) => `${n}: 0100007F:${(n + 1).toString(16).padStart(4, '0').toUpperCase()} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${n} 1 0 100 0 0 10 0\n`
    const listening = Array.from({ length: 900 }, (_, n) => line('0A', n))
    const connected = Array.from({ length: 40_000 }, (_, n) => line('01', n % 60_000))
    await writeFile(join(proc, 'net', 'tcp'), ['head\n', ...listening, ...connected, line('0A', 65_000)].join(''))
    expect(await readListeners(proc, signal)).toHaveLength(900)
  })
})
