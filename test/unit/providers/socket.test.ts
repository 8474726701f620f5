import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { deniedError, groupOf } from '../../../engine/providers/socket/access.ts'
import type { Identity } from '../../../engine/providers/socket/access.ts'
import type { OpenSocket } from '../../../engine/providers/socket/dial.ts'
import { createSocketProvider, socketId } from '../../../engine/providers/socket/socket-provider.ts'
import { watchPath } from '../../../engine/providers/socket/watch-path.ts'
import { startMiniEngine } from '../../support/mini-engine.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-socket-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const GROUPS = 'root:x:0:\ndocker:x:998:bob\nusers:x:100:\n'
const identity: Identity = { user: 'alice', uid: 1000, gids: [1000], readGroups: async () => GROUPS }
const signal = new AbortController().signal

const provider = (path: string, more: { open?: OpenSocket; identity?: Identity; dialTimeoutMs?: number } = {}) =>
  createSocketProvider({ path, id: socketId(path), name: '', origin: 'added', identity, ...more })

const context = { signal, report: () => undefined, log: () => undefined, now: () => 0 }
const refuse =
  (code: string): OpenSocket =>
  async () => {
    throw Object.assign(new Error(`connect ${code}`), { code })
  }

test('a stream is handed over before it can end unheard', async () => {
  const open: OpenSocket = async () => {
    const stream = new PassThrough()
    setImmediate(() => stream.destroy())
    return stream
  }
  const handle = await provider(join(folder, 'e.sock'), { open }).start(context)
  const stream = await handle.dial()
  expect(stream.destroyed).toBe(false)
  await new Promise((resolve) => stream.once('close', resolve))
  handle.release()
})

describe('socket provider: detection', () => {
  it('finds a listening socket', async () => {
    const engine = await startMiniEngine(join(folder, 'e.sock'))
    expect(await provider(engine.path).detect(signal)).toEqual({ state: 'running' })
    await engine.close()
  })

  it('tells a missing socket', async () => {
    const found = await provider(join(folder, 'none.sock')).detect(signal)
    expect(found).toMatchObject({ state: 'absent', error: { code: 'engine.unreachable', hint: 'socket-missing' } })
  })

  it('tells a socket whose daemon died', async () => {
    const engine = await startMiniEngine(join(folder, 'e.sock'))
    await engine.kill()
    const found = await provider(engine.path).detect(signal)
    expect(found.error).toMatchObject({ code: 'engine.unreachable', hint: 'socket-stale', params: { path: engine.path } })
  })

  it('tells a file that is no socket', async () => {
    const path = join(folder, 'file')
    await writeFile(path, '')
    const expected = { code: 'engine.not-an-engine', hint: 'not-a-socket' }
    expect((await provider(path).detect(signal)).error).toMatchObject(expected)
    await expect((await provider(path).start(context)).dial()).rejects.toMatchObject(expected)
  })

  it('refuses a path no socket can have', async () => {
    const long = provider(`/${'x'.repeat(200)}`)
    const expected = { code: 'invalid-request', hint: 'socket-path-long' }
    expect((await long.detect(signal)).error).toMatchObject(expected)
    await expect((await long.start(context)).dial()).rejects.toMatchObject(expected)
  })
})

describe('socket provider: permission', () => {
  const denied = (who: Identity, mode = 0o660, gid = 998) =>
    deniedError('/run/docker.sock', { uid: 0, gid, mode: 0o140000 | mode }, who, 'connect EACCES')

  it('names the group to join', async () => {
    expect(await denied(identity)).toMatchObject({
      code: 'denied',
      hint: 'join-group',
      params: { path: '/run/docker.sock', group: 'docker', user: 'alice', command: 'sudo usermod -aG docker alice' },
      detail: 'connect EACCES',
    })
  })

  it('knows a member who has not logged in again', async () => {
    const who = { ...identity, user: 'bob' }
    expect(await denied(who)).toMatchObject({ hint: 'log-in-again', params: { command: 'newgrp docker' } })
  })

  it('does not send people into the root group or a group that may not write', async () => {
    expect(await denied(identity, 0o660, 0)).toMatchObject({ hint: 'socket-owner-only' })
    expect(await denied(identity, 0o600)).toMatchObject({ hint: 'socket-owner-only' })
  })

  it('uses the number of a group without a name', async () => {
    expect(await denied(identity, 0o660, 4242)).toMatchObject({ params: { group: '4242' } })
  })

  it('reports EACCES of a real dial as denied', async () => {
    const engine = await startMiniEngine(join(folder, 'e.sock'))
    const refused = provider(engine.path, { open: refuse('EACCES') })
    expect((await refused.detect(signal)).error).toMatchObject({ code: 'denied', retryable: false })
    await expect((await refused.start(context)).dial()).rejects.toMatchObject({ code: 'denied' })
    await engine.close()
  })

  it('reads group files', () => {
    expect(groupOf(GROUPS, 998)).toEqual({ name: 'docker', members: ['bob'] })
    expect(groupOf('broken\n:::\n', 0)).toBeNull()
  })
})

describe('socket provider: dial and end', () => {
  it('gives up on a connect that hangs', async () => {
    const path = join(folder, 'full.sock')
    const hang: OpenSocket = (_path, _signal, timeoutMs) =>
      new Promise((_resolve, reject) => {
        setTimeout(() => reject(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })), timeoutMs)
      })
    const handle = await provider(path, { open: hang, dialTimeoutMs: 20 }).start(context)
    await expect(handle.dial()).rejects.toMatchObject({ code: 'engine.unreachable', hint: 'no-answer' })
  })

  it('can be cancelled', async () => {
    const controller = new AbortController()
    controller.abort()
    const handle = await provider(join(folder, 'none.sock')).start(context)
    await expect(handle.dial(controller.signal)).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('ends when the socket file goes', async () => {
    const engine = await startMiniEngine(join(folder, 'e.sock'))
    const handle = await provider(engine.path).start(context)
    ;(await handle.dial()).destroy()
    await engine.close()
    expect(await handle.ended).toMatchObject({ kind: 'lost', error: { code: 'engine.unreachable' } })
  })

  it.each(['goes', 'is replaced'])('ends when the socket file %s in the moment after it let somebody in', async (what) => {
    const engine = await startMiniEngine(join(folder, 'e.sock'))
    const open: OpenSocket = async (path) => {
      const stream = new PassThrough()
      if (what === 'is replaced') await rename(path, `${path}.old`)
      if (what === 'is replaced') await writeFile(path, '')
      else await rm(path)
      return stream
    }
    const handle = await provider(engine.path, { open }).start(context)
    ;(await handle.dial()).destroy()
    expect(await handle.ended).toMatchObject({ kind: 'lost', error: { code: 'engine.unreachable' } })
    await engine.close()
  })

  it('ends when another daemon takes the path over', async () => {
    const path = join(folder, 'e.sock')
    const first = await startMiniEngine(path)
    const handle = await provider(path).start(context)
    ;(await handle.dial()).destroy()
    await rm(path)
    const second = createServer()
    await new Promise<void>((resolve) => second.listen(path, resolve))
    expect(await handle.ended).toMatchObject({ kind: 'lost' })
    await new Promise((resolve) => second.close(resolve))
    await first.close()
  })

  it.each(['no file', 'a dead socket'])('watches the daemon it let in, not %s that was there before it', async (before) => {
    const path = join(folder, 'e.sock')
    if (before === 'a dead socket') await (await startMiniEngine(path)).kill()
    const handle = await provider(path).start(context)
    let ended: unknown
    void handle.ended.then((reason) => (ended = reason))
    await rm(path, { force: true })
    const engine = await startMiniEngine(path)
    const held = await handle.dial()
    // A file beside it: the folder's notices come in order, so all about the socket have been told by then.
    const told = new Promise((resolve) => {
      const unwatch = watchPath(join(folder, 'later'), () => resolve(unwatch()))
    })
    await writeFile(join(folder, 'later'), '')
    await told
    await stat(path)
    await new Promise((resolve) => setImmediate(resolve))
    expect(ended).toBeUndefined()
    held.destroy()
    await engine.close()
    expect(await handle.ended).toMatchObject({ kind: 'lost' })
  })

  it('ends as stopped when let go', async () => {
    const handle = await provider(join(folder, 'e.sock')).start(context)
    handle.release()
    expect(await handle.ended).toEqual({ kind: 'stopped' })
  })
})
