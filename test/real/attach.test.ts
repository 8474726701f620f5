/** Main processes of containers of real engines, attached to: before the start and after, left and found running, ended with their reason. */
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { startContainer } from '../../engine/containers/actions.ts'
import { createTerminalService } from '../../engine/terminals/service.ts'
import type { TerminalService } from '../../engine/terminals/service.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import { busyboxArchive, hasBusybox } from '../support/busybox-image.ts'
import { canRunDockerd, canRunPodman, startDockerd, startPodman } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'

const IMAGE = 'localhost/naru-test/attach:latest'
const ENGINES = [
  { name: 'dockerd', can: canRunDockerd, start: startDockerd },
  { name: 'Podman', can: canRunPodman, start: startPodman },
] as const
const WINDOW = 'window-of-the-tests'
const SIZE = { columns: 91, rows: 33 }
const soon = () => AbortSignal.timeout(30_000)
const by = () => ({ peerId: 'page', signal: soon() })

interface Made {
  readonly Tty?: boolean
  readonly OpenStdin?: boolean
  readonly StdinOnce?: boolean
  readonly AutoRemove?: boolean
  readonly Restart?: string
}

describe.each(ENGINES.filter(({ can }) => can && hasBusybox))('the main process of a container of a real $name', ({ start }) => {
  let engine: RealEngine
  let client: EngineClient
  let terminals: TerminalService

  beforeAll(async () => {
    engine = await start()
    client = await connectEngine(() => dialSocket(engine.socketPath), { engineId: 'real', signal: soon() })
    for await (const message of client.loadImage(Readable.from([await busyboxArchive(IMAGE)]))) void message
    const alive = new AbortController().signal
    terminals = createTerminalService({ connection: () => ({ client, signal: alive }) })
    await terminals.claim({ window: WINDOW }, by())
  }, 120_000)

  afterAll(async () => {
    await terminals?.shutdown()
    for (const { Id } of (await client?.listContainers({ all: true })) ?? []) await client.removeContainer(Id, { force: true, volumes: true })
    client?.close()
    await engine?.close()
  }, 60_000)

  const make = async (script: string, { Tty = false, OpenStdin = false, StdinOnce = false, AutoRemove = false, Restart = 'no' }: Made = {}): Promise<string> => {
    const HostConfig = { NetworkMode: 'none', AutoRemove, RestartPolicy: { Name: Restart, MaximumRetryCount: 0 } }
    return (await client.createContainer({ Image: IMAGE, Cmd: ['/bin/sh', '-c', script], Tty, OpenStdin, StdinOnce, HostConfig }, {})).Id
  }
  const begin = (id: string) =>
    startContainer(client, id, { readRows: async () => [], portContext: () => ({ rows: [], otherRows: [], rootless: false }) }, soon(), () =>
      terminals.attachBefore({ engineId: 'real', id }, { window: WINDOW, ...SIZE }, soon()),
    )

  function follow(sessionId: string) {
    let text = ''
    const reading = (async () => {
      for await (const bytes of terminals.output({ sessionId }, { peerId: 'page', signal: AbortSignal.timeout(60_000) })) text += Buffer.from(bytes).toString()
    })()
    reading.catch(() => undefined)
    return {
      reading,
      text: () => text,
      type: (line: string) => terminals.write({ sessionId, bytes: Buffer.from(line) }, by()),
      sees: (part: string | RegExp) => expect.poll(() => text, { timeout: 15_000 }).toMatch(part),
      ended: async () => (await terminals.list({}, by())).terminals.find((one) => one.sessionId === sessionId)?.ended,
    }
  }
  const started = async (id: string) => {
    const { sessionId = '' } = await begin(id)
    return { sessionId, ...follow(sessionId) }
  }
  const attached = async (id: string) => {
    const { sessionId } = await terminals.attach({ engineId: 'real', id, ...SIZE }, by())
    return { sessionId, ...follow(sessionId) }
  }
  const runs = async (id: string) => (await client.inspectContainer(id)).State.Running

  it('is attached to before its start: no byte is lost, and its exit code is told', async () => {
    const id = await make('i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; echo no newline at the end >&2; exit 7')
    const run = await started(id)
    await run.reading
    const lines = run.text().replaceAll('no newline at the end\n', '').trimEnd().split('\n')
    expect(lines).toEqual(Array.from({ length: 2_000 }, (_, n) => `line ${n}`))
    expect(run.text()).toContain('no newline at the end')
    expect(await run.ended()).toEqual({ reason: 'container-stopped', exitCode: 7 })
  }, 60_000)

  it('with --rm tells the exit code although the container is gone', async () => {
    const id = await make('echo bye; exit 3', { AutoRemove: true })
    const run = await started(id)
    await run.reading
    expect(run.text()).toContain('bye')
    expect(await run.ended()).toEqual({ reason: 'container-removed', exitCode: 3 })
  }, 60_000)

  it('with a terminal takes keys, knows its size, and is left by Ctrl+P Ctrl+Q without ending', async () => {
    const id = await make('exec sh', { Tty: true, OpenStdin: true, StdinOnce: true })
    const run = await started(id)
    // An engine may answer before the terminal has the size: asked until it has.
    const asked = (line: string, size: RegExp): Promise<void> =>
      expect.poll(async () => {
        await run.type(line)
        return run.text()
      }, { timeout: 15_000, interval: 250 }).toMatch(size)
    await asked('stty size\n', /33 91/)
    await terminals.resize({ sessionId: run.sessionId, columns: 101, rows: 37 }, by())
    await asked('stty size; kept=yes\n', /37 101/)
    await run.type('\x10\x11')
    await run.reading
    expect(await run.ended()).toEqual({ reason: 'detached', exitCode: null })
    expect(await runs(id)).toBe(true)

    // Attached to again, it is the same shell; Ctrl+P alone is a key.
    const again = await attached(id)
    await again.type('\x10')
    await again.type('\x15echo it is $kept; exit 5\n')
    await again.sees(/it is yes/)
    await again.reading
    expect(await again.ended()).toEqual({ reason: 'container-stopped', exitCode: 5 })

    // docker start -ai
    const third = await started(id)
    await third.type('echo once mo""re; exit\n')
    await third.sees(/once more/)
    await third.reading
    expect(await third.ended()).toEqual({ reason: 'container-stopped', exitCode: 0 })
  }, 90_000)

  it('without a terminal takes lines, is left without losing its input, and hears the end of its input', async () => {
    const id = await make('while read -r line; do echo "got $line"; done; echo input over; exit 4', { OpenStdin: true, StdinOnce: true })
    const run = await started(id)
    await run.type('one\n')
    await run.sees(/got one/)
    await terminals.detach({ sessionId: run.sessionId }, by())
    await run.reading
    expect(await run.ended()).toEqual({ reason: 'detached', exitCode: null })
    const again = await attached(id)
    await again.type('two\n')
    await again.sees(/got two/)
    await terminals.endInput({ sessionId: again.sessionId }, by())
    await again.sees(/input over/)
    await again.reading
    expect(await again.ended()).toEqual({ reason: 'container-stopped', exitCode: 4 })
  }, 60_000)

  it('made without -i only shows what it prints; closing leaves it alone; killed it says so', async () => {
    const id = await make('n=0; while :; do n=$((n+1)); echo tick $n; sleep 0.1; done')
    await client.startContainer(id)
    const { sessionId, input, tty, kind } = await terminals.attach({ engineId: 'real', id, ...SIZE }, by())
    expect({ input, tty, kind }).toEqual({ input: false, tty: false, kind: 'attach' })
    const run = follow(sessionId)
    await run.sees(/tick/)
    expect(await terminals.close({ sessionId }, by())).toEqual({ ended: true })
    await run.reading
    expect(await runs(id)).toBe(true)
    const again = await attached(id)
    await again.sees(/tick/)
    await client.killContainer(id, 'SIGKILL')
    await again.reading
    expect(await again.ended()).toEqual({ reason: 'container-stopped', exitCode: 137 })
    await expect(attached(id)).rejects.toMatchObject({ code: 'conflict', hint: 'attach-stopped' })
  }, 60_000)

  it('started anew by its restart policy is told apart from one that stopped', async () => {
    const id = await make('sleep 1; exit 9', { Restart: 'always' })
    const run = await started(id)
    await run.reading
    expect(await run.ended()).toMatchObject({ exitCode: 9 })
    expect(['container-restarted', 'container-stopped']).toContain((await run.ended())?.reason)
    await client.removeContainer(id, { force: true, volumes: true })
  }, 60_000)
})
