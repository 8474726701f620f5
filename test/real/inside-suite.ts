/** Inside containers of real engines: what runs there is what is told. */
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect } from 'vitest'
import { changesOf, commitContainer } from '../../engine/containers/changes.ts'
import { containerDetail } from '../../engine/containers/inspect.ts'
import { readProcesses } from '../../engine/containers/top.ts'
import { updateBody } from '../../engine/containers/update.ts'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import { busyboxArchive } from '../support/busybox-image.ts'
import { allCases } from '../support/cases.ts'
import type { Suite } from '../support/cases.ts'
import type { RealEngine } from '../support/real-engine.ts'

const IMAGE = 'localhost/naru-test/inside:latest'
const soon = () => AbortSignal.timeout(120_000)

/** What runs inside containers is what is told. */
export function insideSuite({ name, start, cases: it = allCases }: Suite): void {
  let engine: RealEngine
  let client: EngineClient

  beforeAll(async () => {
    engine = await start()
    client = await connectEngine(() => dialSocket(engine.socketPath), { engineId: 'real', signal: soon() })
    for await (const message of client.loadImage(Readable.from([await busyboxArchive(IMAGE, { StopSignal: 'SIGINT', Labels: { kept: 'yes' } })]))) void message
  }, 120_000)

  afterAll(async () => {
    for (const { Id } of (await client?.listContainers({ all: true })) ?? []) await client.removeContainer(Id, { force: true, volumes: true })
    client?.close()
    await engine?.close()
  }, 60_000)

  async function create(...Cmd: string[]): Promise<string> {
    return (await client.createContainer({ Image: IMAGE, Cmd, HostConfig: { NetworkMode: 'none' } }, {})).Id
  }

  it('tells its processes, each cell under its title, and says when it does not run', async () => {
    const id = await create('sh', '-c', 'sleep 4321 & exec sleep 1234')
    await expect(readProcesses(client, id, soon())).rejects.toMatchObject({ code: 'conflict' })
    await client.startContainer(id)
    await expect.poll(async () => (await readProcesses(client, id, soon())).total, { timeout: 30_000 }).toBe(2)
    const { columns, rows, total } = await readProcesses(client, id, soon())
    const of = (kind: string) => rows.map((row) => row[columns.findIndex((column) => column.kind === kind)])
    expect(total).toBe(2)
    expect(of('command').sort()).toEqual(['sleep 1234', 'sleep 4321'])
    for (const pid of of('pid')) expect(Number(pid)).toBeGreaterThan(0)
    for (const memory of of('memory')) expect(Number(memory)).toBeGreaterThan(100)
    expect(of('user')).toEqual(['root', 'root'])
  }, 60_000)

  async function finished(script: string): Promise<string> {
    const id = await create('sh', '-c', script)
    await client.startContainer(id)
    await expect.poll(async () => (await client.inspectContainer(id)).State.Status, { timeout: 60_000, interval: 200 }).toBe('exited')
    return id
  }

  it('tells what it wrote, changed and deleted, and makes an image of it with the settings it had', async () => {
    const id = await finished('/bin/busybox mkdir /new; echo one > /new/file; echo x > /bin/extra; /bin/busybox rm /bin/false')
    const { paths, kinds } = changesOf(await client.containerChanges(id))
    const told = new Map(paths.map((path, n) => [path, kinds[n]]))
    for (const [path, kind] of [['/new', 'A'], ['/new/file', 'A'], ['/bin', 'C'], ['/bin/extra', 'A'], ['/bin/false', 'D']]) expect(told.get(path ?? ''), path).toBe(kind)
    const spec = { reference: 'naru-test/committed:1', message: 'what it did', author: 'Ada', pause: true, changes: ['CMD ["cat", "/new/file"]', 'ENV MADE=yes'] }
    const { imageId, reference } = await commitContainer(client, id, spec, soon())
    expect(reference).toBe('naru-test/committed:1')
    const image = await client.inspectImage('docker.io/naru-test/committed:1')
    expect(image.Id).toContain(imageId.replace('sha256:', ''))
    expect(image).toMatchObject({ Author: 'Ada', Comment: 'what it did', Config: { Cmd: ['cat', '/new/file'], StopSignal: 'SIGINT', Labels: { kept: 'yes' } } })
    expect(image.Config?.Env).toContain('MADE=yes')
    expect(image.RootFS?.Layers).toHaveLength(2)
    await client.removeImage(imageId, { force: true, noPrune: false })
  }, 90_000)

  it('counts very many changes', async () => {
    // Podman's storage of the tests copies files one by one.
    const count = name === 'Podman' ? 5_000 : 100_000
    const id = await finished(`/bin/busybox mkdir /many; cd /many; seq 1 ${count} | /bin/busybox xargs /bin/busybox touch`)
    const began = performance.now()
    const changes = changesOf(await client.containerChanges(id))
    const took = performance.now() - began
    const found = changes.paths.filter((path) => path.startsWith('/many/'))
    expect(found).toHaveLength(count)
    // And the folder; Podman has some of its own.
    expect(changes.added).toBeGreaterThan(count)
    expect(took, 'ms').toBeLessThan(20_000)
  }, 120_000)

  it('tells the health check and what it said', async () => {
    const Healthcheck = { Test: ['CMD-SHELL', 'echo not yet; exit 1'], Interval: 1e9, Timeout: 2e9, Retries: 2 }
    const { Id } = await client.createContainer({ Image: IMAGE, Cmd: ['sleep', '1000'], HostConfig: { NetworkMode: 'none' }, Healthcheck }, {})
    await client.startContainer(Id)
    const read = async () => containerDetail(await client.inspectContainer(Id, { signal: soon() }))
    expect((await read()).healthCheck).toMatchObject({ shell: true, words: ['echo not yet; exit 1'], intervalMs: 1_000, timeoutMs: 2_000, retries: 2 })
    // Podman leaves it to timers of systemd to run checks.
    if (name === 'Podman') return
    await expect.poll(async () => (await read()).health, { timeout: 20_000, interval: 200 }).toBe('unhealthy')
    const { healthCheck } = await read()
    expect(healthCheck?.failingStreak).toBeGreaterThanOrEqual(2)
    expect(healthCheck?.checks[0]).toMatchObject({ exitCode: 1, output: 'not yet\n' })
    expect(healthCheck?.checks[0]?.tookMs).toBeLessThan(2_000)
  }, 60_000)

  it('takes other limits and another restart policy while it runs, where it can', async () => {
    const { Id } = await client.createContainer({ Image: IMAGE, Cmd: ['sleep', '1000'], HostConfig: { NetworkMode: 'none', Memory: 64 * 1024 ** 2 } }, {})
    await client.startContainer(Id)
    const spec = { memoryBytes: 256 * 1024 ** 2, memorySwapBytes: 512 * 1024 ** 2, cpus: 0.5, pidsLimit: 50, restart: { name: 'on-failure', maximumRetryCount: 2 } } as const
    if (!client.capabilities.update) {
      await expect(client.updateContainer(Id, updateBody(spec))).rejects.toMatchObject({ code: 'not-found' })
      return
    }
    await client.updateContainer(Id, updateBody(spec))
    const { limits, restartPolicy, state } = containerDetail(await client.inspectContainer(Id))
    expect(state).toBe('running')
    expect(limits).toMatchObject({ memoryBytes: spec.memoryBytes, cpus: 0.5, pidsLimit: 50 })
    expect(restartPolicy).toEqual(spec.restart)
    await client.updateContainer(Id, updateBody({ pidsLimit: -1 }))
    expect(containerDetail(await client.inspectContainer(Id)).limits.pidsLimit).toBe(0)
  }, 60_000)
}
