/** Inside containers of real engines: what runs there is what is told. */
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readProcesses } from '../../engine/containers/top.ts'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import { busyboxArchive, hasBusybox } from '../support/busybox-image.ts'
import { canRunDockerd, canRunPodman, startDockerd, startPodman } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'

const IMAGE = 'localhost/naru-test/inside:latest'
const ENGINES = [
  { name: 'dockerd', can: canRunDockerd, start: startDockerd },
  { name: 'Podman', can: canRunPodman, start: startPodman },
] as const
const soon = () => AbortSignal.timeout(30_000)

describe.each(ENGINES.filter(({ can }) => can && hasBusybox))('inside a container of a real $name', ({ start }) => {
  let engine: RealEngine
  let client: EngineClient

  beforeAll(async () => {
    engine = await start()
    client = await connectEngine(() => dialSocket(engine.socketPath), { engineId: 'real', signal: soon() })
    for await (const message of client.loadImage(Readable.from([await busyboxArchive(IMAGE)]))) void message
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
    await expect.poll(async () => (await readProcesses(client, id, soon())).total, { timeout: 10_000 }).toBe(2)
    const { columns, rows, total } = await readProcesses(client, id, soon())
    const of = (kind: string) => rows.map((row) => row[columns.findIndex((column) => column.kind === kind)])
    expect(total).toBe(2)
    expect(of('command').sort()).toEqual(['sleep 1234', 'sleep 4321'])
    for (const pid of of('pid')) expect(Number(pid)).toBeGreaterThan(0)
    for (const memory of of('memory')) expect(Number(memory)).toBeGreaterThan(100)
    expect(of('user')).toEqual(['root', 'root'])
  }, 60_000)
})
