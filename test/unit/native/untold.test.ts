/** A container that dockerd calls running and that has no shim, against a scripted dockerd: what is asked of it, and how often. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nativePaths } from '../../../engine/providers/native/paths.ts'
import { createUntoldSweep } from '../../../engine/providers/native/untold.ts'

let folder: string
let server: Server
let state: { Running: boolean; Pid: number }
let policy: string
let onKill: () => void
const posts: string[] = []
const logged: string[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-untold-'))
  state = { Running: true, Pid: 1_000 }
  policy = 'always'
  onKill = () => undefined
  posts.length = logged.length = 0
  server = createServer((request, answer) => {
    const path = request.url ?? ''
    if (request.method === 'POST') {
      posts.push(path)
      if (path.includes('/kill')) onKill()
      return void answer.writeHead(204).end()
    }
    answer.end(JSON.stringify(path === '/containers/json' ? (state.Running ? [{ Id: 'a' }] : []) : { State: state, Config: {}, HostConfig: { RestartPolicy: { Name: policy } } }))
  })
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true, force: true })
})

async function listening(): Promise<ReturnType<typeof createUntoldSweep>> {
  const paths = { ...nativePaths(folder), socket: join(folder, 'd.sock') }
  await new Promise<void>((resolve) => server.listen(paths.socket, resolve))
  return createUntoldSweep(paths, (line) => logged.push(line))
}
const KILL = '/containers/a/kill?signal=CONT'
const START = '/containers/a/start'

it('is told once while dockerd takes its time, and started when it has', async () => {
  const sweep = await listening()
  const { signal } = new AbortController()
  expect(await sweep(signal)).toBe(1)
  await vi.waitFor(() => expect(posts).toEqual([KILL]))
  expect(await sweep(signal)).toBe(0)
  state = { Running: false, Pid: 0 }
  await vi.waitFor(() => expect(posts).toEqual([KILL, START]), { timeout: 5_000 })
  expect(logged).toEqual([])
})

it('that dockerd starts again itself is left alone from then on, also when somebody stops it', async () => {
  const sweep = await listening()
  onKill = () => (state = { Running: true, Pid: 2_000 })
  let inspected = 0
  server.on('request', ({ url }) => {
    if (url === '/containers/a/json' && posts.length > 0) inspected += 1
  })
  expect(await sweep(new AbortController().signal)).toBe(1)
  await vi.waitFor(() => expect(inspected).toBe(1), { timeout: 5_000 })
  state = { Running: false, Pid: 0 }
  // A new sweep can tell of it again: the one before is over.
  state = { Running: true, Pid: 3_000 }
  await vi.waitFor(async () => expect(await sweep(new AbortController().signal)).toBe(1), { timeout: 10_000 })
  expect(posts.filter((path) => path === START)).toEqual([])
})

it('that is meant to stay ended is not started', async () => {
  policy = 'no'
  onKill = () => (state = { Running: false, Pid: 0 })
  const sweep = await listening()
  expect(await sweep(new AbortController().signal)).toBe(1)
  await vi.waitFor(() => expect(posts).toEqual([KILL]))
  expect(await sweep(new AbortController().signal)).toBe(0)
  expect(posts).toEqual([KILL])
})
