/** Whether a containerd is there, asked of a process that passes for one: Node, by another name. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, link, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { findContainerd } from '../../../engine/providers/native/find.ts'
import { nativePaths } from '../../../engine/providers/native/paths.ts'
import { hasContainerd } from '../../../engine/providers/native/start.ts'

let folder = ''
let child: ChildProcess

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-containerd-'))
  const program = join(folder, 'containerd')
  await link(process.execPath, program).catch(() => copyFile(process.execPath, program))
  await mkdir(dirname(nativePaths(folder).containerdSocket), { recursive: true })
  child = spawn(program, ['-e', 'setInterval(() => {}, 1e6)', '--', nativePaths(folder).containerdConfig], { stdio: 'ignore' })
  await vi.waitFor(async () => expect((await findContainerd(nativePaths(folder)))?.pid).toBe(child.pid), 10_000)
})
afterAll(async () => {
  child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

test('one that lets nobody in for a moment, because it is busy, is there; one that never does is not; nor is an ended one', async () => {
  const paths = nativePaths(folder)
  expect(await hasContainerd(paths)).toBe(false)
  const server = createServer((socket) => socket.destroy())
  const asked = hasContainerd(paths, 10_000)
  setTimeout(() => server.listen(paths.containerdSocket), 100)
  expect(await asked).toBe(true)
  expect(await hasContainerd(paths)).toBe(true)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await hasContainerd(paths)).toBe(false)
  server.close()
})
