import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { connectEngine } from '../../engine/docker/connect.ts'
import { dialSocket } from './fake-dockerd.ts'
import { collect, startFakeEngine, until } from './harness.ts'
import type { FakeEngine } from './harness.ts'

let engine: FakeEngine | undefined
afterEach(async () => {
  vi.unstubAllEnvs()
  await engine?.close()
  engine = undefined
})

const soon = () => AbortSignal.timeout(20_000)

describe('connectEngine', () => {
  it('speaks the newest common API and knows what the engine can', async () => {
    engine = await startFakeEngine({ version: { ApiVersion: '1.44' } })
    const client = await engine.connect()
    expect(client.version).toMatchObject({ product: 'Moby', version: '28.5.2', apiVersion: '1.44', rootless: false })
    expect(client.capabilities).toMatchObject({
      pause: true,
      limits: true,
      stats: true,
      update: true,
      buildkit: true,
      swarm: false,
      distribution: false,
      layerDirectories: true,
      notes: [],
    })
  })

  it('goes where it dials, whatever the environment says', async () => {
    for (const [name, value] of Object.entries({
      DOCKER_HOST: 'ssh://not a host',
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: '/nowhere',
      DOCKER_PATH_PREFIX: '/x',
      http_proxy: 'http://127.0.0.1:9',
    })) {
      vi.stubEnv(name, value)
    }
    engine = await startFakeEngine({ containers: 3 })
    const client = await engine.connect()
    expect(await client.listContainers({ all: true })).toHaveLength(3)
  })

  it('refuses an engine that is too old, saying what is needed', async () => {
    engine = await startFakeEngine({ version: { Version: '17.03', ApiVersion: '1.27', MinAPIVersion: '1.12' } })
    await expect(engine.connect()).rejects.toMatchObject({
      code: 'engine.incompatible',
      params: { version: '17.03', apiVersion: '1.27', needed: '1.40' },
    })
  })

  it('tells a web server from an engine', async () => {
    engine = await startFakeEngine({ faults: { stranger: true } })
    await expect(engine.connect()).rejects.toMatchObject({ code: 'engine.not-an-engine' })
  })

  it('tells what does not speak HTTP from an engine', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.resume().end('SSH-2.0-OpenSSH_9.2\r\n')
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const dial = () => Promise.resolve(connect(port, '127.0.0.1'))
    await expect(connectEngine(dial, { signal: soon(), engineId: 'x' })).rejects.toMatchObject({ code: 'engine.not-an-engine' })
    await new Promise((resolve) => server.close(resolve))
  })

  it('gives up when cancelled and leaves no connection', async () => {
    engine = await startFakeEngine({ faults: { hang: /version/ } })
    const { fake } = engine
    const cancel = new AbortController()
    const connecting = connectEngine(fake.dial, { signal: cancel.signal, engineId: 'x' })
    setTimeout(() => cancel.abort(), 50)
    await expect(connecting).rejects.toMatchObject({ code: 'cancelled' })
    await until('no connection left', () => fake.connections() === 0)
  })

  it('names a missing socket, and the group of one that may not be opened', async () => {
    await expect(connectEngine(() => dialSocket('/nowhere/d.sock'), { signal: soon(), engineId: 'x' })).rejects.toMatchObject({
      code: 'engine.unreachable',
      params: { path: '/nowhere/d.sock' },
    })
    engine = await startFakeEngine()
    const path = engine.fake.socketPath
    const refused = Object.assign(new Error(`connect EACCES ${path}`), { code: 'EACCES', address: path })
    const group = process.getgid?.() === 0 ? 'root' : expect.any(String)
    await expect(connectEngine(() => Promise.reject(refused), { signal: soon(), engineId: 'x' })).rejects.toMatchObject({
      code: 'denied',
      params: { path, group },
    })
  })
})

describe('simple calls', () => {
  it('do what they say', async () => {
    engine = await startFakeEngine({ images: 1 })
    const client = await engine.connect()
    const { Id, Warnings } = await client.createContainer({ Image: 'fake/image0' }, { name: 'web' })
    expect(Warnings).toEqual(['fake warning'])
    await client.startContainer(Id)
    // 304, already so: success.
    await client.startContainer(Id)
    await client.renameContainer(Id, 'shop')
    await client.pauseContainer(Id)
    await client.unpauseContainer(Id)
    expect((await client.inspectContainer('shop')).State.Status).toBe('running')
    expect(await client.listContainers({ all: false, ids: [Id] })).toHaveLength(1)
    expect(await client.listContainers({ all: true, ids: ['f'.repeat(64)] })).toEqual([])
    await expect(client.removeContainer(Id, { force: false, volumes: false })).rejects.toMatchObject({ code: 'running' })
    await client.stopContainer(Id, 3)
    await client.stopContainer(Id, undefined)
    expect(engine.fake.requests).toContain(`POST /containers/${Id}/stop?t=3`)
    await client.removeContainer(Id, { force: false, volumes: true })
    expect(engine.fake.requests.at(-1)).toBe(`DELETE /containers/${Id}?force=false&v=true`)
    const [image] = await client.listImages({})
    expect(await client.listImages({ ids: ['sha256:none'] })).toEqual([])
    expect((await client.inspectImage('fake/image0:latest')).Id).toBe(image?.Id)
    expect(await client.imageHistory('fake/image0:latest')).toHaveLength(1)
    expect(await client.removeImage('fake/image0:latest', { force: false, noPrune: false })).toHaveLength(2)
  })

  it('carry the names involved in their errors', async () => {
    engine = await startFakeEngine({ images: 1 })
    const client = await engine.connect()
    const { Id } = await client.createContainer({ Image: 'fake/image0' }, { name: 'web' })
    await expect(client.createContainer({ Image: 'fake/image0' }, { name: 'web' })).rejects.toMatchObject({
      code: 'name-in-use',
      params: { name: 'web', holderId: Id },
      engineId: 'fake',
    })
    await expect(client.createContainer({ Image: 'nope:1' }, {})).rejects.toMatchObject({
      code: 'image-not-found',
      params: { reference: 'nope:1' },
    })
    await expect(client.inspectContainer('nope')).rejects.toMatchObject({ code: 'not-found', params: { name: 'nope' } })
  })
})

describe('faults', () => {
  it('an engine that never answers is a timeout, not a wait', async () => {
    engine = await startFakeEngine({ containers: 1 })
    const client = await engine.connect()
    engine.fake.faults.hang = /containers/
    const began = performance.now()
    await expect(client.listContainers({ all: true }, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'timeout', retryable: true })
    expect(performance.now() - began).toBeLessThan(1_000)
  })

  it('an answer cut in the middle is unreachable, at once', async () => {
    engine = await startFakeEngine({ faults: { cut: /containers\/json/ } })
    const client = await engine.connect()
    const began = performance.now()
    await expect(client.listContainers({ all: true })).rejects.toMatchObject({ code: 'engine.unreachable' })
    expect(performance.now() - began).toBeLessThan(1_000)
  })

  it('half JSON and 500 have their own codes', async () => {
    engine = await startFakeEngine({ faults: { garbage: /images\/json/, fail: /containers\/json/ } })
    const client = await engine.connect()
    await expect(client.listImages({})).rejects.toMatchObject({ code: 'engine.not-an-engine' })
    await expect(client.listContainers({ all: true })).rejects.toMatchObject({ code: 'internal', detail: 'something broke' })
  })

  it('a cancelled call ends its connection', async () => {
    engine = await startFakeEngine({ faults: { hang: /images/ } })
    const client = await engine.connect()
    const { fake } = engine
    const cancel = new AbortController()
    const call = client.listImages({}, { signal: cancel.signal })
    await until('the request came', () => fake.requests.some((one) => one.includes('/images/json')))
    cancel.abort()
    await expect(call).rejects.toMatchObject({ code: 'cancelled' })
    await until('no connection left', () => fake.connections() === 0)
  })
})

describe('streams', () => {
  it('hold the engine back while nobody reads, and lose nothing', async () => {
    engine = await startFakeEngine({ images: 1 })
    const { world } = engine.fake
    const container = world.create('noisy', 'fake/image0:latest')
    const lines = 200_000
    container.log = Array.from({ length: lines }, (_, i) => `line ${i} ${'x'.repeat(90)}`)
    const client = await engine.connect()
    const cancel = new AbortController()
    let bytes = 0
    let largest = 0
    for await (const chunk of client.logs('noisy', { follow: false, timestamps: false, signal: cancel.signal })) {
      if (bytes === 0) {
        await sleep(200)
        largest = process.memoryUsage().arrayBuffers
      }
      bytes += chunk.length
    }
    expect(bytes).toBe(container.log.reduce((sum, line) => sum + line.length + 9, 0))
    expect(largest).toBeLessThan(bytes)
  })

  it('leaving a followed log early ends the connection', async () => {
    engine = await startFakeEngine({ images: 1 })
    const { fake } = engine
    const container = fake.world.create('web', 'fake/image0:latest')
    fake.world.start(container)
    container.log = ['one', 'two']
    const client = await engine.connect()
    for await (const chunk of client.logs('web', { follow: true, timestamps: true, tail: 1, signal: soon() })) {
      expect(Buffer.from(chunk).toString('latin1')).toContain('two')
      break
    }
    expect(fake.requests.at(-1)).toBe('GET /containers/web/logs?follow=true&timestamps=true&stdout=true&stderr=true&tail=1')
    await until('no connection left', () => fake.connections() === 0)
  })

  it('a cut event stream is an error, a cancelled one says so', async () => {
    engine = await startFakeEngine()
    const client = await engine.connect()
    const { fake } = engine
    const cut = collect(client.events({ signal: soon(), onOpen: () => fake.cutAll() }))
    await expect(cut).rejects.toMatchObject({ code: 'engine.unreachable' })
    const cancel = new AbortController()
    const ended = collect(client.events({ signal: cancel.signal, onOpen: () => cancel.abort() }))
    await expect(ended).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('stats come as samples', async () => {
    engine = await startFakeEngine({ images: 1 })
    engine.fake.world.create('web', 'fake/image0:latest')
    const client = await engine.connect()
    for await (const sample of client.stats('web', soon())) {
      expect(sample.pids_stats?.current).toBe(3)
      break
    }
  })

  it('a pull gives its messages in order, and its error although the answer was 200', async () => {
    engine = await startFakeEngine()
    const client = await engine.connect()
    const messages = await collect(client.pullImage({ name: 'shop/web', tag: '1' }))
    expect(messages.filter((one) => one.status === 'Pull complete')).toHaveLength(3)
    expect(await client.listImages({})).toHaveLength(1)
    engine.fake.faults.pullError = 'manifest for shop/web:2 not found: manifest unknown'
    const seen: unknown[] = []
    const pull = (async () => {
      for await (const one of client.pullImage({ name: 'shop/web', tag: '2' })) seen.push(one)
    })()
    await expect(pull).rejects.toMatchObject({ code: 'image-not-found', params: { reference: 'shop/web:2' } })
    expect(seen.length).toBeGreaterThan(5)
  })

  it('a load streams its archive', async () => {
    engine = await startFakeEngine()
    const client = await engine.connect()
    async function* archive(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 100; i++) yield new Uint8Array(10_000)
    }
    expect(await collect(client.loadImage(archive()))).toEqual([{ stream: 'Loaded 1000000 bytes\n' }])
  })

  it('a load whose archive fails is an error and ends the connection', async () => {
    engine = await startFakeEngine()
    const client = await engine.connect()
    const { fake } = engine
    async function* archive(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10)
      throw new Error('disk gone')
    }
    await expect(collect(client.loadImage(archive()))).rejects.toMatchObject({ code: 'internal', detail: 'disk gone' })
    await until('no connection left', () => fake.connections() === 0)
  })
})

it('close ends every connection and later calls fail', async () => {
  engine = await startFakeEngine()
  const client = await engine.connect()
  const events = collect(client.events({ signal: soon() }))
  const outcome = expect(events).rejects.toMatchObject({ code: 'engine.unreachable' })
  const { fake } = engine
  await until('events open', () => fake.connections() === 1)
  client.close()
  await outcome
  await expect(client.ping()).rejects.toMatchObject({ code: 'engine.unreachable' })
})
