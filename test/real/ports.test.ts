/** Who listens on this machine: real programs, real containers, each named right, and clashes told before they happen. */
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { HostListener, PortSurvey } from '../../engine/contract/models.ts'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { checkPort } from '../../engine/ports/check.ts'
import { createPlannedPorts } from '../../engine/ports/planned.ts'
import { surveyPorts } from '../../engine/ports/survey.ts'
import { containerRow } from '../../engine/state/normalise.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import { busyboxArchive, hasBusybox } from '../support/busybox-image.ts'
import { listen } from '../support/listening.ts'
import type { ListeningProgram } from '../support/listening.ts'
import { makeNativeHome, prepareNative, whyNoNative } from '../support/native.ts'
import type { NativeHome } from '../support/native.ts'
import { canRunDockerd, canRunPodman, startDockerd, startPodman } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'

const soon = () => AbortSignal.timeout(30_000)
const machine = (proc?: string): Promise<PortSurvey> => surveyPorts({ rows: [], others: [], planned: [] }, soon(), proc)
const find = (listeners: readonly HostListener[] | null, port: number, protocol = 'tcp') => (listeners ?? []).filter((each) => each.port === port && each.protocol === protocol)

const programs: ListeningProgram[] = []
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.close()))
})
async function program(...args: Parameters<typeof listen>): Promise<ListeningProgram> {
  const started = await listen(...args)
  programs.push(started)
  return started
}

describe.skipIf(process.platform !== 'linux')('listeners of this machine', () => {
  it.each([
    ['tcp', '127.0.0.1'],
    ['tcp', '0.0.0.0'],
    ['tcp', '::1'],
    ['udp', '0.0.0.0'],
    ['udp', '::1'],
  ] as const)('names a program that listens on %s %s, and sees it go', async (kind, host) => {
    const { pid, port } = await program(kind, host)
    const { listeners, total } = await machine()
    expect(find(listeners, port, kind)).toEqual([{ protocol: kind, ip: host, port, holder: { kind: 'process', pid, name: 'node', command: expect.stringContaining('node') as string } }])
    expect(total).toBe(listeners?.length)
    await programs.pop()?.close()
    expect(find((await machine()).listeners, port, kind)).toEqual([])
  })

  it.skipIf(process.getuid?.() !== 0 || !process.seteuid)('may not look at the processes of other users, and says whose they are', async () => {
    const [theirs, own] = [await program('tcp', '127.0.0.1'), await program('tcp', '127.0.0.1', { uid: 65_534 })]
    process.setegid?.(65_534)
    process.seteuid?.(65_534)
    try {
      const { listeners } = await machine()
      expect(find(listeners, theirs.port)).toMatchObject([{ holder: { kind: 'unknown', name: '', user: 'root' } }])
      expect(find(listeners, own.port)).toMatchObject([{ holder: { kind: 'process', pid: own.pid } }])
      const question = { hostIp: '127.0.0.1', hostPort: theirs.port, protocol: 'tcp' } as const
      expect(await checkPort(question, { rows: [] }, soon())).toMatchObject({ free: false, holder: { kind: 'unknown', user: 'root' } })
    } finally {
      process.seteuid?.(0)
      process.setegid?.(0)
    }
  })

  it('names the program at a range of ports, and where as many are free', async () => {
    const held = await program('udp', '127.0.0.1')
    const question = { hostIp: '127.0.0.1', hostPort: held.port - 1, lastPort: held.port + 1 }
    const check = await checkPort({ ...question, protocol: 'udp' }, { rows: [] }, soon())
    expect(check).toMatchObject({ free: false, port: held.port, holder: { kind: 'process', pid: held.pid } })
    expect(check.nearestFree).toBeGreaterThan(held.port)
    expect(await checkPort({ ...question, anyOne: true, protocol: 'udp' }, { rows: [] }, soon())).toEqual({ free: true })
  })
})

const IMAGE = 'localhost/naru-test/ports:latest'
const ENGINES = [
  { name: 'dockerd', can: canRunDockerd, start: startDockerd },
  { name: 'Podman', can: canRunPodman, start: startPodman },
] as const

interface Wanted {
  readonly Name?: string
  readonly Ports?: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>>
  readonly NetworkMode?: string
  readonly Cmd?: readonly string[]
}

async function create(client: EngineClient, { Name, Ports = {}, NetworkMode, Cmd = ['sleep', '600'] }: Wanted): Promise<string> {
  const ExposedPorts = Object.fromEntries(Object.keys(Ports).map((key) => [key, {}]))
  return (await client.createContainer({ Image: IMAGE, Cmd, ExposedPorts, HostConfig: { PortBindings: Ports, ...(NetworkMode && { NetworkMode }) } }, Name ? { name: Name } : {})).Id
}

/** The survey as the handler makes it, of the network of a process when one is given. */
async function survey(client: EngineClient, pid?: number): Promise<PortSurvey> {
  const rows = (await client.listContainers({ all: true })).map(containerRow)
  const planned = await createPlannedPorts().of('engine', rows, (id) => client.inspectContainer(id))
  return surveyPorts({ engineId: 'engine', rows, others: [], planned }, soon(), pid === undefined ? undefined : `/proc/${pid}`)
}

async function load(client: EngineClient): Promise<void> {
  for await (const message of client.loadImage(Readable.from([await busyboxArchive(IMAGE)]))) void message
}

describe.each(ENGINES.filter(({ can }) => can && hasBusybox))('ports of containers of a real $name', ({ start }) => {
  let engine: RealEngine
  let client: EngineClient

  beforeAll(async () => {
    engine = await start()
    client = await connectEngine(() => dialSocket(engine.socketPath), { engineId: 'real', signal: soon() })
    await load(client)
  }, 120_000)
  afterAll(async () => {
    for (const { Id } of (await client?.listContainers({ all: true })) ?? []) await client.removeContainer(Id, { force: true, volumes: true })
    client?.close()
    await engine?.close()
  }, 60_000)

  it('gives what proxies hold to their containers, tcp and udp, and marks what clashes with them', async () => {
    const bound = (HostIp: string, HostPort: number) => [{ HostIp, HostPort: String(HostPort) }]
    const web = await create(client, { Name: 'web', Ports: { '80/tcp': bound('127.0.0.1', 18_080), '53/udp': bound('', 18_053) } })
    await client.startContainer(web)
    const late = await create(client, { Name: 'late', Ports: { '80/tcp': bound('127.0.0.1', 18_080) } })
    const fine = await create(client, { Name: 'fine', Ports: { '80/tcp': bound('127.0.0.2', 18_080), '81/tcp': bound('127.0.0.1', 18_053) } })
    const gone = await create(client, { Name: 'gone', Ports: { '80/tcp': bound('192.0.2.7', 18_081) } })
    const rivals = [await create(client, { Name: 'aa', Ports: { '80/tcp': bound('', 18_090) } }), await create(client, { Name: 'bb', Ports: { '80/tcp': bound('127.0.0.1', 18_090) } })]

    const { listeners, planned } = await survey(client, engine.pid())
    const holder = { kind: 'container', containerId: web, name: 'web' }
    for (const [port, protocol] of [[18_080, 'tcp'], [18_053, 'udp']] as const) {
      const found = find(listeners, port, protocol)
      expect(found.length, `${port}/${protocol}`).toBeGreaterThan(0)
      for (const each of found) expect(each.holder).toEqual(holder)
    }
    const conflict = (id: string, port: number) => planned.find(({ containerId, mapping }) => containerId === id && mapping.hostPort === port)?.conflict
    expect(conflict(late, 18_080)).toEqual({ kind: 'held', holder, nearestFree: 18_082 })
    expect(planned.filter(({ containerId }) => containerId === fine)).toHaveLength(2)
    expect(conflict(fine, 18_080)).toBeUndefined()
    expect(conflict(fine, 18_053)).toBeUndefined()
    expect(conflict(gone, 18_081)).toEqual({ kind: 'address-gone' })
    expect(rivals.map((id) => conflict(id, 18_090)?.rivals?.map(({ name }) => name))).toEqual([['bb'], ['aa']])
    await expect(client.startContainer(late)).rejects.toMatchObject({ code: 'port-in-use' })
    expect(planned.some(({ containerId }) => containerId === web)).toBe(false)
  }, 90_000)

  it("knows a container in the host's network by its process", async () => {
    const id = await create(client, { Name: 'edge', NetworkMode: 'host', Cmd: ['httpd', '-f', '-p', '127.0.0.1:18099'] })
    await client.startContainer(id)
    await expect
      .poll(async () => find((await survey(client, engine.pid())).listeners, 18_099), { timeout: 20_000 })
      .toMatchObject([{ holder: { kind: 'container', containerId: id, name: 'edge', pid: expect.any(Number) as number } }])
  }, 60_000)
})

describe.skipIf(whyNoNative() !== null || !hasBusybox)('ports of containers of the embedded engine', () => {
  let home: NativeHome
  let client: EngineClient

  beforeAll(async () => {
    home = await makeNativeHome(await prepareNative('newest'))
    await home.start()
    client = await connectEngine(() => dialSocket(home.paths.socket), { engineId: 'native', signal: soon() })
    await load(client)
  }, 300_000)
  afterAll(async () => {
    client?.close()
    await home?.destroy()
  }, 60_000)

  it("are on the machine itself, and the container's though a proxy holds them", async () => {
    // Three free ports of the machine, found by a program and left.
    const [one, two] = [await program('tcp', '127.0.0.1'), await program('udp', '127.0.0.1')]
    const [tcp, udp] = [one.port, two.port]
    await Promise.all(programs.splice(0).map((each) => each.close()))
    const id = await create(client, { Name: 'web', Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: String(tcp) }], '53/udp': [{ HostIp: '127.0.0.1', HostPort: String(udp) }] } })
    await client.startContainer(id)
    const holder = { kind: 'container', containerId: id, name: 'web' }
    const seen = await survey(client)
    expect(find(seen.listeners, tcp)).toMatchObject([{ ip: '0.0.0.0', holder }])
    expect(find(seen.listeners, udp, 'udp')).toMatchObject([{ ip: '127.0.0.1', holder }])
    // Without its engine the proxy is a program, which leads to a container.
    expect(find((await machine()).listeners, tcp)).toMatchObject([{ holder: { kind: 'process', name: 'docker-proxy', target: expect.stringMatching(/^10\.\d+\.\d+\.\d+:80$/) as string } }])

    await client.stopContainer(id, 0)
    const taker = await program('tcp', '0.0.0.0', { port: tcp })
    const { planned } = await survey(client)
    expect(planned.find(({ mapping }) => mapping.hostPort === tcp)?.conflict).toMatchObject({ kind: 'held', holder: { kind: 'process', pid: taker.pid, name: 'node' } })
    expect(planned.find(({ mapping }) => mapping.hostPort === udp)?.conflict).toBeUndefined()
    await expect(client.startContainer(id)).rejects.toMatchObject({ code: 'port-in-use' })
  }, 90_000)
})
