/** What a handle of the embedded engine notices by itself, on real sockets. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { mkdirSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { createHandle } from '../../../engine/providers/native/handle.ts'
import { nativePaths } from '../../../engine/providers/native/paths.ts'
import { isZombie, readProcess } from '../../../engine/system/processes.ts'
import { headless } from '../../support/tiny-elf.ts'

/** A socket that keeps who comes. */
async function listenAt(path: string): Promise<{ server: Server; held: Socket[] }> {
  mkdirSync(dirname(path), { recursive: true })
  const held: Socket[] = []
  const server = createServer((socket) => void held.push(socket.on('error', () => undefined))).listen(path)
  await once(server, 'listening')
  return { server, held }
}

test('a containerd that goes while house is kept is seen to right afterwards, not ten seconds later', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'naru-handle-'))
  const paths = nativePaths(folder)
  const [docker, containerd] = [await listenAt(paths.socket), await listenAt(paths.containerdSocket)]
  const daemon = await readProcess(process.pid)
  if (!daemon) throw new Error('no process of our own')
  const works: (() => void)[] = []
  const keep = vi.fn(() => new Promise<void>((resolve) => works.push(resolve)))
  const handle = createHandle({ paths, daemon, adopted: false, log: () => undefined, keep, end: async () => undefined })
  try {
    const lose = async (nth: number): Promise<void> => {
      await vi.waitFor(() => expect(containerd.held).toHaveLength(nth), 8_000)
      containerd.held[nth - 1]?.destroy()
    }
    await lose(1)
    await vi.waitFor(() => expect(keep).toHaveBeenCalledTimes(1), 2_000)
    await lose(2)
    // The line is open again, so its loss was told, while the first work goes on: never two at once.
    await vi.waitFor(() => expect(containerd.held).toHaveLength(3), 8_000)
    expect(keep).toHaveBeenCalledTimes(1)
    works[0]?.()
    await vi.waitFor(() => expect(keep).toHaveBeenCalledTimes(2), 2_000)
  } finally {
    handle.release()
    for (const { server, held } of [docker, containerd]) {
      for (const socket of held) socket.destroy()
      server.close()
    }
    await rm(folder, { recursive: true, force: true })
  }
})

test.skipIf(!headless())('a daemon whose last thread is gone after its connections is told as ended at once, not at the next round of looks', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'naru-handle-'))
  const paths = nativePaths(folder)
  const docker = await listenAt(paths.socket)
  const file = join(folder, 'headless')
  await writeFile(file, headless() ?? '', { mode: 0o755 })
  const child = spawn(file, { stdio: 'ignore' })
  await vi.waitFor(async () => expect(await isZombie(child.pid ?? 0)).toBe(true))
  const daemon = await readProcess(child.pid ?? 0)
  if (!daemon) throw new Error('it ended')
  // Rounds of looks never come.
  const interval = vi.spyOn(globalThis, 'setInterval').mockReturnValue({ unref: () => undefined } as never)
  const handle = createHandle({ paths, daemon, adopted: false, log: () => undefined, keep: async () => undefined, end: async () => undefined })
  interval.mockRestore()
  let ended = ''
  void handle.ended.then(({ kind }) => (ended = kind))
  try {
    await vi.waitFor(() => expect(docker.held).toHaveLength(1))
    docker.held[0]?.destroy()
    await new Promise((resolve) => docker.held[0]?.once('close', resolve))
    setTimeout(() => child.kill('SIGKILL'), 100)
    await vi.waitFor(() => expect(ended).toBe('exited'), 3_000)
  } finally {
    handle.release()
    child.kill('SIGKILL')
    docker.server.close()
    await rm(folder, { recursive: true, force: true })
  }
})
