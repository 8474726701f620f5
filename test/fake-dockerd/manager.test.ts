import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { NaruError } from '../../engine/contract/errors.ts'
import type { EnginesSnapshot } from '../../engine/contract/models.ts'
import { createBench, fakeNative } from './manager-bench.ts'
import type { Bench, BenchOptions } from './manager-bench.ts'

vi.setConfig({ testTimeout: 30_000 })

/** Alone, the waits between attempts would take minutes: what returns sooner was woken by the socket's folder. */
const NO_BACKOFF_LUCK = { retryBaseMs: 600_000, retryCapMs: 600_000, pingMs: 600_000, idlePingMs: 600_000 }

let bench: Bench
afterEach(() => bench.close())
const open = async (options: BenchOptions): Promise<Bench> => {
  bench = await createBench(options)
  return bench
}
const signal = new AbortController().signal

describe('engine manager: finding and choosing', () => {
  it('uses the first socket that answers and tells its version', async () => {
    const { manager, engine, id, summary } = await open({ sockets: ['dead.sock', 'a.sock', 'b.sock'] })
    await engine('b.sock')
    await engine('a.sock', { version: '28.1.0' })
    expect(manager.snapshot()).toEqual({ engines: [], currentId: null, detecting: true })
    const found = await manager.detect()
    expect(found).toMatchObject({ currentId: id('a.sock'), detecting: false })
    expect(summary(id('a.sock'))).toMatchObject({ status: 'ready', version: { version: '28.1.0' }, managed: false })
    expect(summary(id('b.sock'))?.status).toBe('ready')
    expect(summary(id('dead.sock'))).toMatchObject({ status: 'unreachable', error: { hint: 'socket-missing' } })
    expect(manager.connection(id('a.sock')).client.version.version).toBe('28.1.0')
    expect(manager.currentConnection()?.engineId).toBe(id('a.sock'))
  })

  it('starts the native engine only when nothing else answers', async () => {
    const native = fakeNative()
    const { manager, engine, id, summary } = await open({ sockets: ['a.sock'], native: native.provider })
    await engine('a.sock')
    expect((await manager.detect()).currentId).toBe(id('a.sock'))
    expect(native.starts).toBe(0)
    expect(summary('native')?.status).toBe('stopped')
  })

  it('starts the native engine by itself on a machine with nothing else', async () => {
    const native = fakeNative()
    const { manager, until, summary } = await open({ sockets: [], native: native.provider })
    const seen: EnginesSnapshot[] = []
    const over = new AbortController()
    const watching = (async () => {
      for await (const item of manager.watch(over.signal)) seen.push(item)
    })()
    await manager.detect()
    await until('ready', () => summary('native')?.status === 'ready')
    expect(manager.snapshot().currentId).toBe('native')
    expect(native.starts).toBe(1)
    over.abort()
    await watching
    expect(seen.at(-1)?.engines[0]?.status).toBe('ready')
  })

  it('takes a choice made while it still lists its engines', async () => {
    const { manager, engine, id, until } = await open({ sockets: ['a.sock', 'b.sock'] })
    await engine('a.sock')
    await engine('b.sock')
    const looking = manager.detect()
    await manager.select(id('b.sock'))
    await looking
    await until('chosen', () => manager.snapshot().currentId === id('b.sock'))
    await expect(manager.select('socket:/no/such.sock')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('shows the phase of a start with its last line', async () => {
    const native = fakeNative()
    let go: () => void = () => undefined
    native.gate = new Promise((resolve) => {
      go = resolve
    })
    const { manager, until, summary } = await open({ sockets: [], native: native.provider })
    await manager.detect()
    expect(summary('native')).toMatchObject({
      status: 'starting',
      phase: { step: 'daemon', index: 1, total: 2, lastLine: 'daemon says hello' },
    })
    expect(() => manager.connection('native')).toThrow(expect.objectContaining({ code: 'engine.starting' }))
    go()
    await until('ready', () => summary('native')?.status === 'ready')
    expect(summary('native')?.phase).toBeUndefined()
  })

  it('honours an explicit choice, even of an engine that is down', async () => {
    const native = fakeNative()
    const { manager, engine, id, path, summary } = await open({
      sockets: ['a.sock'],
      native: native.provider,
      settings: (folder) => ({ engine: `socket:${folder}/mine.sock` }),
    })
    await engine('a.sock')
    expect((await manager.detect()).currentId).toBe(id('mine.sock'))
    expect(summary(id('mine.sock'))).toMatchObject({ status: 'unreachable', dockerHost: `unix://${path('mine.sock')}` })
    expect(native.starts).toBe(0)
    await manager.select(id('a.sock'))
    expect(bench.settings.now.engine).toBe(id('a.sock'))
    expect(manager.snapshot().currentId).toBe(id('a.sock'))
  })

  it('starts native when it is the explicit choice', async () => {
    const native = fakeNative()
    const { manager, engine, until } = await open({
      sockets: ['a.sock'],
      native: native.provider,
      settings: () => ({ engine: 'native' }),
    })
    await engine('a.sock')
    await manager.detect()
    await until('ready', () => manager.currentConnection()?.engineId === 'native')
  })

  it('says what is missing when there is nothing, and finds an engine that appears', async () => {
    const { manager, engine, id, until } = await open({
      sockets: [],
      native: fakeNative('absent').provider,
      env: (folder) => ({ XDG_RUNTIME_DIR: folder, NARU_SOCKETS: `${folder}/docker.sock` }),
    })
    const found = await manager.detect()
    expect(found.engines.at(-1)).toMatchObject({ id: 'native', status: 'absent', error: { code: 'provider.absent' } })
    await engine('docker.sock')
    await until('found', () => manager.currentConnection()?.engineId === id('docker.sock'))
  })

  it('does not wait for a socket that hangs', async () => {
    const native = fakeNative()
    const { manager, engine, id, summary, until } = await open({
      sockets: ['hang.sock'],
      native: native.provider,
      timings: { settleMs: 200, connectMs: 2_000 },
    })
    await engine('hang.sock', { behaviour: 'hang' })
    await manager.detect()
    await until('native', () => manager.currentConnection()?.engineId === 'native')
    await until('timeout', () => summary(id('hang.sock'))?.error?.code === 'timeout')
    expect(summary(id('hang.sock'))?.status).toBe('unreachable')
  })

  it('tells a stranger, an engine too old and a file that is no socket', async () => {
    const { manager, engine, id, path, summary } = await open({ sockets: ['web.sock', 'old.sock', 'file'] })
    await engine('web.sock', { behaviour: 'stranger' })
    await engine('old.sock', { version: '17.03.0', apiVersion: '1.26' })
    await writeFile(path('file'), '')
    await manager.detect()
    expect(summary(id('web.sock'))).toMatchObject({ status: 'failed', error: { code: 'engine.not-an-engine' } })
    expect(summary(id('old.sock'))).toMatchObject({ status: 'failed', error: { code: 'engine.incompatible' } })
    expect(summary(id('file'))?.status).not.toBe('ready')
    expect(() => manager.connection(id('old.sock'))).toThrow(expect.objectContaining({ code: 'engine.incompatible' }))
    expect(() => manager.connection('nobody')).toThrow(expect.objectContaining({ code: 'not-found' }))
  })

  it('lists one engine for two names of a socket', async () => {
    const { manager, engine, path, id } = await open({ sockets: ['link.sock', 'a.sock'] })
    await engine('a.sock')
    await symlink(path('a.sock'), path('link.sock'))
    expect((await manager.detect()).engines.map((each) => each.id)).toEqual([id('a.sock')])
  })
})

describe('engine manager: loss and return', () => {
  it('notices a killed engine without a ping and its return without a wait', async () => {
    const { manager, engine, id, summary, until } = await open({
      sockets: ['a.sock'],
      timings: NO_BACKOFF_LUCK,
    })
    const connections: string[] = []
    manager.onConnection((connection) => connections.push(connection.engineId))
    const first = await engine('a.sock')
    await manager.detect()
    const connection = manager.connection(id('a.sock'))
    await first.kill()
    await until('unreachable', () => summary(id('a.sock'))?.status === 'unreachable')
    expect(connection.signal.aborted).toBe(true)
    expect(connection.signal.reason).toBeInstanceOf(NaruError)
    expect(summary(id('a.sock'))).toMatchObject({ error: { code: 'engine.unreachable' }, version: { version: '28.0.0' } })
    expect(manager.snapshot().currentId).toBe(id('a.sock'))
    expect(() => manager.connection(id('a.sock'))).toThrow(expect.objectContaining({ code: 'engine.unreachable' }))
    await rm(first.path)
    await engine('a.sock')
    await until('back', () => summary(id('a.sock'))?.status === 'ready')
    expect(connections).toEqual([id('a.sock'), id('a.sock')])
    expect(manager.connection(id('a.sock'))).not.toBe(connection)
  })

  it('notices a death that leaves no trace in the folder, without a ping', async () => {
    const { manager, engine, id, path, summary, until } = await open({ sockets: ['a.sock'], timings: NO_BACKOFF_LUCK })
    // The socket lies elsewhere: the folder that is watched sees nothing of what happens to it.
    await mkdir(path('elsewhere'))
    await symlink(path('elsewhere/real.sock'), path('a.sock'))
    const first = await engine('elsewhere/real.sock')
    await manager.detect()
    expect(summary(id('elsewhere/real.sock'))?.status).toBe('ready')
    await first.kill()
    await until('unreachable', () => summary(id('elsewhere/real.sock'))?.status === 'unreachable')
  })

  it('comes back after an orderly restart', async () => {
    const { manager, engine, id, summary, until } = await open({ sockets: ['a.sock'], timings: NO_BACKOFF_LUCK })
    const first = await engine('a.sock')
    await manager.detect()
    await first.close()
    await until('unreachable', () => summary(id('a.sock'))?.status === 'unreachable')
    await engine('a.sock')
    await until('back', () => summary(id('a.sock'))?.status === 'ready')
  })

  it('calls a frozen engine degraded, then unreachable, then ready again', async () => {
    const { manager, engine, id, summary, until } = await open({
      sockets: ['a.sock'],
      timings: { pingMs: 100, pingTimeoutMs: 400, connectMs: 2_000 },
    })
    const slow = await engine('a.sock')
    await manager.detect()
    slow.freeze(true)
    await until('degraded', () => summary(id('a.sock'))?.status === 'degraded')
    await until('unreachable', () => summary(id('a.sock'))?.status === 'unreachable')
    slow.freeze(false)
    await until('ready', () => summary(id('a.sock'))?.status === 'ready')
  })

  it('retries at once when asked', async () => {
    const { manager, engine, id, summary, until } = await open({
      sockets: ['a.sock'],
      timings: { hopelessMs: 60_000 },
    })
    const stranger = await engine('a.sock', { behaviour: 'stranger' })
    await manager.detect()
    expect(summary(id('a.sock'))?.status).toBe('failed')
    const before = stranger.requests.length
    await manager.retry(id('a.sock'))
    await until('asked again', () => stranger.requests.length > before)
    await stranger.close()
    await engine('a.sock')
    await until('ready', () => summary(id('a.sock'))?.status === 'ready')
  })

  it('keeps only one idle connection per engine and lets go at the end', async () => {
    const { manager, engine } = await open({ sockets: ['a.sock'], timings: { pingMs: 60_000 } })
    const mini = await engine('a.sock')
    await manager.detect()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(mini.connections()).toBe(1)
    await manager.close()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(mini.connections()).toBe(0)
  })
})

describe('engine manager: an engine of our own', () => {
  it('starts a killed engine again by itself, three times, then waits for a person', async () => {
    const native = fakeNative()
    const { manager, until, summary } = await open({ sockets: [], native: native.provider })
    await manager.detect()
    for (let starts = 1; starts <= 4; starts++) {
      await until(`start ${starts}`, () => summary('native')?.status === 'ready' && native.starts === starts)
      await native.die()
    }
    await until('failed', () => summary('native')?.status === 'failed')
    expect(native.starts).toBe(4)
    expect(summary('native')?.error?.code).toBe('provider.exited')
    await manager.retry('native')
    await until('ready', () => summary('native')?.status === 'ready')
    expect(native.starts).toBe(5)
  })

  it('never starts a living engine twice because it is silent', async () => {
    const native = fakeNative()
    const { manager, until, summary } = await open({
      sockets: [],
      native: native.provider,
      timings: { pingMs: 50, pingTimeoutMs: 100, connectMs: 300, retryCapMs: 50 },
    })
    await manager.detect()
    await until('ready', () => summary('native')?.status === 'ready')
    native.engine?.freeze(true)
    await until('unreachable', () => summary('native')?.status === 'unreachable')
    const asked = native.engine?.requests.length ?? 0
    await until('asked again and again', () => (native.engine?.requests.length ?? 0) >= asked + 3)
    expect(native.starts).toBe(1)
    expect(summary('native')?.status).toBe('unreachable')
    native.engine?.freeze(false)
    await until('ready', () => summary('native')?.status === 'ready')
    expect(native.starts).toBe(1)
  })

  it('shows why a start failed and starts again when asked', async () => {
    const native = fakeNative()
    native.failure = new NaruError('provider.boot-failed', 'no iptables', { hint: 'iptables', detail: 'exit 1' })
    const { manager, until, summary } = await open({ sockets: [], native: native.provider })
    await manager.detect()
    await until('failed', () => summary('native')?.status === 'failed')
    expect(summary('native')?.error).toMatchObject({ code: 'provider.boot-failed', hint: 'iptables', detail: 'exit 1' })
    await expect(manager.startEngine('native', { signal })).rejects.toMatchObject({ code: 'provider.boot-failed' })
    await manager.detect()
    expect(summary('native')?.status).toBe('failed')
    native.failure = null
    const steps: string[] = []
    await manager.startEngine('native', { signal, report: (phase) => steps.push(phase.step) })
    expect(steps).toContain('daemon')
    expect(manager.connection('native').handle.dockerHost).toContain('native.sock')
  })

  it('stops its containers first, then the engine, and stays stopped', async () => {
    const native = fakeNative('startable', ['one', 'two'])
    const { manager, until, summary } = await open({ sockets: [], native: native.provider })
    await manager.detect()
    await until('ready', () => summary('native')?.status === 'ready')
    const engine = native.engine
    await manager.stopEngine('native', { containers: 'stop', signal })
    const stops = engine?.requests.filter((route) => /POST .*\/stop/.test(route)) ?? []
    expect(stops.map((route) => route.split('?')[0]).sort()).toEqual(['POST /containers/one/stop', 'POST /containers/two/stop'])
    expect(native.stops).toBe(1)
    expect(summary('native')?.status).toBe('stopped')
    await manager.detect()
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(summary('native')?.status).toBe('stopped')
    expect(native.starts).toBe(1)
    await manager.select('native')
    await until('ready', () => summary('native')?.status === 'ready')
  })

  it('keeps containers when asked to', async () => {
    const native = fakeNative('startable', ['one'])
    const { manager, until, summary } = await open({ sockets: [], native: native.provider })
    await manager.detect()
    await until('ready', () => summary('native')?.status === 'ready')
    await manager.stopEngine('native', { containers: 'keep', signal })
    expect(native.engine?.requests.filter((route) => route.includes('/stop'))).toEqual([])
    expect(native.stops).toBe(1)
  })

  it('undoes a start that is cancelled', async () => {
    const native = fakeNative()
    const { manager, engine, summary } = await open({ sockets: ['a.sock'], native: native.provider })
    await engine('a.sock')
    await manager.detect()
    let go: () => void = () => undefined
    native.gate = new Promise((resolve) => {
      go = resolve
    })
    const cancel = new AbortController()
    const starting = manager.startEngine('native', { signal: cancel.signal })
    cancel.abort()
    go()
    await expect(starting).rejects.toMatchObject({ code: 'cancelled' })
    expect(summary('native')?.status).toBe('stopped')
  })

  it('adopts a running engine and lets it live at the end', async () => {
    const native = fakeNative('running')
    const { manager, until, summary } = await open({ sockets: [], native: native.provider })
    await manager.detect()
    await until('ready', () => summary('native')?.status === 'ready')
    await manager.close()
    expect(native.stops).toBe(0)
    expect(native.released).toBe(1)
    await native.engine?.close()
  })

  it('does not stop what is not its own', async () => {
    const { manager, engine, id } = await open({ sockets: ['a.sock'] })
    await engine('a.sock')
    await manager.detect()
    await expect(manager.stopEngine(id('a.sock'), { containers: 'keep', signal })).rejects.toMatchObject({ code: 'unsupported' })
  })
})

describe('engine manager: sockets added by hand', () => {
  it('adds an engine after it answered, keeps it in the settings and forgets it', async () => {
    const { manager, engine, id, path, settings, until } = await open({ sockets: [] })
    await manager.detect()
    await engine('mine.sock')
    expect(await manager.addSocket(` unix://${path('mine.sock')}`)).toEqual({ engineId: id('mine.sock') })
    expect(settings.now.sockets).toEqual([path('mine.sock')])
    await until('current', () => manager.currentConnection()?.engineId === id('mine.sock'))
    await manager.forget(id('mine.sock'))
    expect(settings.now.sockets).toEqual([])
    await manager.detect()
    expect(manager.snapshot()).toMatchObject({ engines: [], currentId: null })
  })

  it('refuses what is no engine and keeps nothing of it', async () => {
    const { manager, engine, path, settings } = await open({ sockets: [], timings: { addMs: 2_000 } })
    await manager.detect()
    await engine('web.sock', { behaviour: 'stranger' })
    await engine('hang.sock', { behaviour: 'hang' })
    await expect(manager.addSocket(path('web.sock'))).rejects.toMatchObject({ code: 'engine.not-an-engine' })
    await expect(manager.addSocket(path('hang.sock'))).rejects.toMatchObject({ code: 'timeout' })
    await expect(manager.addSocket(path('none.sock'))).rejects.toMatchObject({ code: 'engine.unreachable' })
    await expect(manager.addSocket('none.sock')).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(manager.addSocket(path('native.sock'))).rejects.toMatchObject({ code: 'conflict' })
    expect(settings.now.sockets).toEqual([])
    expect(manager.snapshot().engines).toEqual([])
  })

  it('forgets only what was added', async () => {
    const { manager, id } = await open({ sockets: ['a.sock'] })
    await manager.detect()
    await expect(manager.forget(id('a.sock'))).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(manager.forget('nobody')).rejects.toMatchObject({ code: 'not-found' })
  })
})
