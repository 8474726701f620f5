/** What every engine must do for Naru, whatever its name: the same cases for Docker and Podman. */
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import { containerDetail } from '../../engine/containers/inspect.ts'
import { computeStats, isRunningSample } from '../../engine/containers/stats.ts'
import { watchStats } from '../../engine/containers/stats-stream.ts'
import { NaruError } from '../../engine/contract/errors.ts'
import type { ContainerStats } from '../../engine/contract/models.ts'
import type { RawStats } from '../../engine/docker/api-types.ts'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import type { PlainEvent } from '../../engine/docker/events.ts'
import { readEvent } from '../../engine/docker/events.ts'
import { createMirror } from '../../engine/state/sync.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import { collect, until } from '../fake-dockerd/harness.ts'
import { busyboxArchive } from '../support/busybox-image.ts'
import { allCases } from '../support/cases.ts'
import type { Cases } from '../support/cases.ts'
import type { RealEngine } from '../support/real-engine.ts'

export const IMAGE = 'naru-test/bb:1'
const soon = (ms = 120_000) => AbortSignal.timeout(ms)

export interface SuiteContext {
  readonly engine: () => RealEngine
  readonly client: () => EngineClient
  /** Creates a container that runs `script`, without network unless `host` says more. */
  readonly create: (name: string, script: string, host?: object) => Promise<string>
}

/** Text of framed logs, stdout and stderr apart. */
export async function readLogs(client: EngineClient, id: string, follow: boolean): Promise<{ out: string; err: string }> {
  const query = { follow, timestamps: false, signal: soon() }
  const bytes = Buffer.concat(await collect(client.logs(id, query)))
  const text = { out: '', err: '' }
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at + 4)
    text[bytes[at] === 2 ? 'err' : 'out'] += bytes.toString('utf8', at + 8, at + 8 + length)
    at += 8 + length
  }
  return text
}

export function clientSuite(start: () => Promise<RealEngine>, it: Cases = allCases): SuiteContext {
  let engine: RealEngine
  let client: EngineClient
  const create = async (name: string, script: string, host: object = { NetworkMode: 'none' }): Promise<string> => {
    const body = { Image: IMAGE, Cmd: ['sh', '-c', script], HostConfig: host }
    return (await client.createContainer(body, { name })).Id
  }
  const force = { force: true, volumes: true }

  beforeAll(async () => {
    engine = await start()
    client = await connectEngine(() => dialSocket(engine.socketPath), { signal: soon(), engineId: 'real' })
    const archive = await busyboxArchive(IMAGE)
    async function* upload(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < archive.length; at += 65_536) yield archive.subarray(at, at + 65_536)
    }
    const messages = await collect(client.loadImage(upload()))
    expect(JSON.stringify(messages)).toContain('naru-test/bb:1')
  }, 90_000)
  afterAll(async () => {
    if (client) {
      for (const { Id } of await client.listContainers({ all: true })) await client.removeContainer(Id, force)
      client.close()
    }
    await engine?.close()
  }, 60_000)

  it('an image can be listed, inspected and read back to its instructions', async () => {
    const images = await client.listImages({})
    expect(images).toHaveLength(1)
    const image = await client.inspectImage(IMAGE)
    expect(image).toMatchObject({ Os: 'linux', RootFS: { Layers: [expect.stringMatching(/^sha256:/)] } })
    expect((await client.imageHistory(IMAGE)).map((one) => one.CreatedBy)).toContain('COPY busybox /bin')
    await expect(client.inspectImage('naru-test/none:1')).rejects.toMatchObject({ code: 'image-not-found', params: { reference: 'naru-test/none:1' } })
  })

  it('images are saved as one archive, and a save can be left', async () => {
    const { Id } = await client.inspectImage(IMAGE)
    for (const names of [[IMAGE], [Id], [IMAGE, Id]]) {
      const archive = Buffer.concat(await collect(client.saveImages(names, { signal: soon() })))
      expect(archive.includes('manifest.json')).toBe(true)
      expect(archive.length).toBeGreaterThan(100_000)
      expect(archive.length % 512).toBe(0)
    }
    for await (const chunk of client.saveImages([IMAGE])) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    await expect(collect(client.saveImages(['naru-test/none:1']))).rejects.toMatchObject({ code: 'image-not-found' })
  })

  it('a container lives from create to remove', async () => {
    const id = await create('life', 'echo out; echo err >&2; sleep 60')
    await client.startContainer(id)
    await client.startContainer(id)
    expect((await client.listContainers({ all: true, ids: [id] }))[0]?.State).toBe('running')
    await client.renameContainer(id, 'renamed')
    expect((await client.inspectContainer('renamed')).Id).toBe(id)
    await client.pauseContainer(id)
    expect((await client.inspectContainer(id)).State.Status).toBe('paused')
    await client.unpauseContainer(id)
    expect(await readLogs(client, id, false)).toEqual({ out: 'out\n', err: 'err\n' })
    await client.restartContainer(id, 0)
    await client.stopContainer(id, 0)
    await client.stopContainer(id, 0)
    expect((await client.inspectContainer(id)).State.ExitCode).toBe(137)
    await client.removeContainer(id, { force: false, volumes: false })
    await expect(client.inspectContainer(id)).rejects.toMatchObject({ code: 'not-found' })
    expect(await client.listContainers({ all: true, ids: [id] })).toEqual([])
  })

  it('followed logs end with the container, and a silent one can be left', async () => {
    const id = await create('speaks', 'for i in 1 2 3; do echo $i; sleep 0.2; done')
    await client.startContainer(id)
    expect((await readLogs(client, id, true)).out).toBe('1\n2\n3\n')
    const silent = await create('silent', 'sleep 60')
    await client.startContainer(silent)
    const cancel = new AbortController()
    setTimeout(() => cancel.abort(), 300)
    const reading = collect(client.logs(silent, { follow: true, timestamps: true, signal: cancel.signal }))
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' })
    await client.removeContainer(silent, force)
    await client.removeContainer(id, force)
  })

  it('a taken name names its holder', async () => {
    const id = await create('taken', 'true')
    await expect(create('taken', 'true')).rejects.toMatchObject({ code: 'name-in-use', params: { name: 'taken', holderId: id } })
    const other = await create('other', 'true')
    await expect(client.renameContainer(other, 'taken')).rejects.toMatchObject({ code: 'name-in-use', params: { name: 'taken' } })
    await client.removeContainer(id, force)
    await client.removeContainer(other, force)
  })

  it('a missing image, a running container and a used image are refused by name', async () => {
    const body = { Image: 'naru-test/none:1' }
    await expect(client.createContainer(body, {})).rejects.toMatchObject({ code: 'image-not-found', params: { reference: 'naru-test/none:1' } })
    const id = await create('busy', 'sleep 60')
    await client.startContainer(id)
    await expect(client.removeContainer(id, { force: false, volumes: false })).rejects.toMatchObject({ code: 'running', params: { container: id } })
    const image = await client.inspectImage(IMAGE)
    const imageId = image.Id.startsWith('sha256:') ? image.Id : `sha256:${image.Id}`
    await expect(client.removeImage(imageId, { force: false, noPrune: false })).rejects.toMatchObject({ code: 'in-use' })
    await client.removeContainer(id, force)
  })

  it('a taken port is named', async () => {
    const publish = { PortBindings: { '80/tcp': [{ HostPort: '18080' }] } }
    const body = (name: string) =>
      client.createContainer({ Image: IMAGE, Cmd: ['sleep', '60'], ExposedPorts: { '80/tcp': {} }, HostConfig: publish }, { name })
    const first = (await body('port-one')).Id
    await client.startContainer(first)
    const second = (await body('port-two')).Id
    await expect(client.startContainer(second)).rejects.toMatchObject({ code: 'port-in-use', params: { port: 18_080 } })
    await client.removeContainer(first, force)
    await client.removeContainer(second, force)
  })

  it('a registry that does not answer is not an unknown image', async () => {
    const pull = collect(client.pullImage({ name: '127.0.0.1:9/x', tag: '1' }, { signal: soon() }))
    await expect(pull).rejects.toMatchObject({ code: 'registry.unreachable', params: { registry: '127.0.0.1:9' } })
    await expect(collect(client.pullImage({ name: 'UPPER', tag: '1' }))).rejects.toMatchObject({ code: 'invalid-reference' })
  })

  it('events tell the life of a container in Docker words', async () => {
    const cancel = new AbortController()
    const seen: PlainEvent[] = []
    let open = false
    const reading = (async () => {
      for await (const raw of client.events({ signal: cancel.signal, onOpen: () => (open = true) })) seen.push(readEvent(raw, 0))
    })().catch((error: unknown) => error)
    await until('events open', () => open)
    const id = await create('eventful', 'exit 3')
    await client.startContainer(id)
    await until('die', () => seen.some((event) => event.id === id && event.action === 'die'))
    await client.removeContainer(id, force)
    await until('destroy', () => seen.some((event) => event.id === id && event.action === 'destroy'))
    expect(seen.filter((event) => event.id === id).map((event) => event.action)).toEqual(expect.arrayContaining(['create', 'start', 'die', 'destroy']))
    cancel.abort()
    expect(await reading).toMatchObject({ code: 'cancelled' })
  })

  it('stats flow', async () => {
    const id = await create('measured', 'sleep 60')
    await client.startContainer(id)
    for await (const sample of client.stats(id, soon())) {
      expect(sample.memory_stats?.usage).toBeGreaterThan(0)
      break
    }
    await client.removeContainer(id, force)
  })

  it('single samples tell what the stream tells', async () => {
    const id = await create('busy', 'while :; do :; done')
    await client.startContainer(id)
    const end = new AbortController()
    const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const streamed: number[] = []
    const streaming = (async () => {
      let previous: RawStats | undefined
      for await (const sample of client.stats(id, end.signal)) {
        const { cpuPercent } = computeStats(sample, previous)
        if (previous && cpuPercent !== null) streamed.push(cpuPercent)
        previous = sample
      }
    })().catch((error: unknown) => error)
    const single: number[] = []
    for await (const { cpuPercent, memoryBytes } of watchStats(client, [id], soon())) {
      expect(memoryBytes).toBeGreaterThan(0)
      if (cpuPercent !== null) single.push(cpuPercent)
      // Podman streams a sample every five seconds; two make a figure.
      if (single.length >= 3 && streamed.length > 0) break
    }
    end.abort()
    expect(await streaming).toMatchObject({ code: 'cancelled' })
    expect(streamed.length).toBeGreaterThan(0)
    // Other programs take turns with it, and the two look at slightly other moments.
    expect(average(single) / average(streamed)).toBeGreaterThan(0.6)
    expect(average(single) / average(streamed)).toBeLessThan(1.6)
    await client.killContainer(id, 'KILL')
    const none = await client.statsOnce(id).catch((error: unknown) => error)
    if (!(none instanceof NaruError)) expect(isRunningSample(none as RawStats)).toBe(false)
    await client.removeContainer(id, force)
  }, 60_000)

  it('half a core is told as half a core, and the limits as they were given', async () => {
    const id = await create('limited', 'while :; do :; done', { NetworkMode: 'none', NanoCpus: 5e8, Memory: 64 * 1024 ** 2, PidsLimit: 50 })
    await client.startContainer(id)
    const seen: ContainerStats[] = []
    const used = async (): Promise<readonly [number, number]> => {
      const sample = await client.statsOnce(id)
      return [sample.cpu_stats?.cpu_usage?.total_usage ?? 0, Date.parse(sample.read ?? '')]
    }
    const [usedBefore, before] = await used()
    for await (const one of watchStats(client, [id], soon(), 'live')) {
      if (one.cpuPercent !== null) seen.push(one)
      if (seen.length === 4) break
    }
    const [usedAfter, after] = await used()
    // What its own control group counted, by the clock on the wall.
    const truth = (usedAfter - usedBefore) / (after - before) / 1e4
    const told = seen.reduce((sum, { cpuPercent }) => sum + (cpuPercent ?? 0), 0) / seen.length
    expect(told / truth).toBeGreaterThan(0.7)
    expect(told / truth).toBeLessThan(1.4)
    expect(told).toBeLessThan(75)
    expect(seen.at(-1)).toMatchObject({ memoryLimitBytes: 64 * 1024 ** 2, pids: 1, cores: cpus().length })
    const { limits } = containerDetail(await client.inspectContainer(id))
    expect(limits).toMatchObject({ cpus: 0.5, memoryBytes: 64 * 1024 ** 2 })
    await client.pauseContainer(id)
    expect(computeStats(await client.statsOnce(id)).memoryBytes).toBeGreaterThan(0)
    await client.removeContainer(id, force)
  }, 60_000)

  it('disk usage is told', async () => {
    expect((await client.diskUsage()).Images?.length).toBe(1)
  })

  it('the mirror follows', async () => {
    const mirror = createMirror(client, { engineId: 'real', now: Date.now, log: () => undefined })
    await until('live', () => mirror.snapshot().sync === 'live')
    const id = await create('mirrored', 'sleep 1; exit 7')
    await until('created', () => mirror.containers().get(id)?.state === 'created')
    expect(mirror.containers().get(id)).toMatchObject({ name: 'mirrored', image: expect.stringContaining(IMAGE) as string })
    await client.startContainer(id)
    await until('running', () => mirror.containers().get(id)?.state === 'running')
    await until('exit facts', () => mirror.containers().get(id)?.finishedAt !== undefined)
    const row = mirror.containers().get(id)
    expect(row).toMatchObject({ state: 'exited', exitCode: 7, oomKilled: false })
    expect((row?.finishedAt ?? 0) - (row?.startedAt ?? 0)).toBeGreaterThan(800)
    expect([...mirror.images().values()].map((image) => image.dangling)).toEqual([false])
    await client.removeContainer(id, force)
    await until('removed', () => !mirror.containers().has(id))
    await mirror.stop()
    await sleep(10)
  }, 20_000)

  return { engine: () => engine, client: () => client, create }
}
