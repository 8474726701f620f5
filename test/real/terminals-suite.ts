/** Terminals in containers of real engines. */
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect } from 'vitest'
import { readProcesses } from '../../engine/containers/top.ts'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { createTerminalService } from '../../engine/terminals/service.ts'
import type { TerminalService } from '../../engine/terminals/service.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import { busyboxArchive } from '../support/busybox-image.ts'
import { imageArchive } from '../support/image-archive.ts'
import { allCases } from '../support/cases.ts'
import type { Suite } from '../support/cases.ts'
import type { RealEngine } from '../support/real-engine.ts'

const IMAGE = 'localhost/naru-test/terminals:latest'
const soon = () => AbortSignal.timeout(120_000)
const by = () => ({ peerId: 'page', signal: soon() })

/** Terminals in containers of an engine. */
export function terminalsSuite({ start, cases: it = allCases }: Suite): void {
  let engine: RealEngine
  let client: EngineClient
  let terminals: TerminalService

  beforeAll(async () => {
    engine = await start()
    client = await connectEngine(() => dialSocket(engine.socketPath), { engineId: 'real', signal: soon() })
    for await (const message of client.loadImage(Readable.from([await busyboxArchive(IMAGE)]))) void message
    const alive = new AbortController().signal
    terminals = createTerminalService({ connection: () => ({ client, signal: alive }) })
  }, 120_000)

  afterAll(async () => {
    await terminals?.shutdown()
    for (const { Id } of (await client?.listContainers({ all: true })) ?? []) await client.removeContainer(Id, { force: true, volumes: true })
    client?.close()
    await engine?.close()
  }, 60_000)

  async function started(): Promise<string> {
    const { Id } = await client.createContainer({ Image: IMAGE, Cmd: ['sleep', '3600'], HostConfig: { NetworkMode: 'none' } }, {})
    await client.startContainer(Id)
    return Id
  }

  /** Processes that live: Podman counts those too that ended and whose parent never looked. */
  async function alive(id: string): Promise<number> {
    const { columns, rows } = await readProcesses(client, id, soon())
    const at = columns.findIndex(({ kind }) => kind === 'command')
    return rows.filter((row) => !row[at]?.startsWith('[')).length
  }

  async function open(id: string, command: string[], more: { user?: string; workdir?: string; env?: string[] } = {}) {
    const { sessionId } = await terminals.open({ engineId: 'real', id, command, columns: 80, rows: 24, ...more }, by())
    let text = ''
    const reading = (async () => {
      for await (const bytes of terminals.output({ sessionId }, by())) text += Buffer.from(bytes).toString()
    })()
    reading.catch(() => undefined)
    return {
      sessionId,
      reading,
      text: () => text,
      type: (line: string) => terminals.write({ sessionId, bytes: Buffer.from(line) }, by()),
      sees: (part: string | RegExp) => expect.poll(() => text, { timeout: 30_000 }).toMatch(part),
      ended: async () => (await terminals.list({}, by())).terminals.find((one) => one.sessionId === sessionId)?.ended,
    }
  }

  it('finds the shells without running one', async () => {
    const id = await started()
    const { shells } = await terminals.shells({ engineId: 'real', id }, by())
    expect(shells.map(({ path }) => path)).toContain('/bin/sh')
    await expect(terminals.shells({ engineId: 'real', id: 'nosuch' }, by())).rejects.toMatchObject({ code: 'not-found' })
  }, 60_000)

  it('says when there is none, and still runs a program the image holds', async () => {
    const tag = 'localhost/naru-test/shell-less:latest'
    const { archive } = await imageArchive([{ entries: [{ name: 'app/', type: 'directory' }, { name: 'app/sleep', mode: 0o755, content: await readFile('/bin/busybox') }] }], { tag })
    for await (const message of client.loadImage(Readable.from([archive]))) void message
    const { Id } = await client.createContainer({ Image: tag, Cmd: ['/app/sleep', '3600'], HostConfig: { NetworkMode: 'none' } }, {})
    await client.startContainer(Id)
    expect(await terminals.shells({ engineId: 'real', id: Id }, by())).toEqual({ shells: [] })
    const short = await open(Id, ['/app/sleep', '0'])
    await short.reading
    expect(await short.ended()).toEqual({ reason: 'exited', exitCode: 0 })
  }, 60_000)

  it('echoes, knows its size, user, folder and environment, and tells how it ended', async () => {
    const id = await started()
    const shell = await open(id, ['/bin/sh'], { user: '1234', workdir: '/bin', env: ['GREETING=안녕'] })
    await shell.type('echo "$GREETING from $PWD as $(id -u) on $TERM"\n')
    await shell.sees('안녕 from /bin as 1234 on xterm-256color')
    await terminals.resize({ sessionId: shell.sessionId, columns: 101, rows: 37 }, by())
    await shell.type('stty size\n')
    await shell.sees(/37 101/)
    await shell.type('exit 7\n')
    await shell.reading
    expect(await shell.ended()).toEqual({ reason: 'exited', exitCode: 7 })
  }, 60_000)

  it('holds a command back whose reader rests, and hears Ctrl+C behind a flood', async () => {
    const id = await started()
    const { sessionId } = await terminals.open({ engineId: 'real', id, command: ['/bin/sh', '-c', 'yes 0123456789; echo over'], columns: 80, rows: 24 }, by())
    const reader = terminals.output({ sessionId }, by())[Symbol.asyncIterator]()
    await reader.next()
    await reader.next()
    const before = process.memoryUsage.rss()
    // The reader rests: what the command still prints has nowhere to go.
    for (let i = 0; i < 20; i += 1) await client.inspectContainer(id)
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024)
    let bytes = 0
    while (bytes < 8 * 1024 * 1024) bytes += (await reader.next()).value?.length ?? 0
    await terminals.write({ sessionId, bytes: Buffer.from('\x03') }, by())
    for (let next = await reader.next(); !next.done; next = await reader.next()) bytes += next.value.length
    expect((await terminals.list({}, by())).terminals.find((one) => one.sessionId === sessionId)?.ended?.reason).toBe('exited')
  }, 60_000)

  it('goes on without a reader and tells the newest to the next', async () => {
    const id = await started()
    const shell = await open(id, ['/bin/sh'])
    await shell.type('seq 1 100000; echo d""one\n')
    await shell.sees(/done/)
    const again = terminals.output({ sessionId: shell.sessionId }, by())[Symbol.asyncIterator]()
    const { value } = await again.next()
    const text = Buffer.from(value ?? []).toString()
    expect(text.length).toBeLessThanOrEqual(256 * 1024)
    expect(text).toMatch(/^\d+\r\n[^]*100000\r\ndone/)
    // The first reader was replaced.
    await shell.reading
    await again.return?.(undefined)
  }, 60_000)

  it('ends with its container and says so', async () => {
    const id = await started()
    const shell = await open(id, ['/bin/sh'])
    await shell.type('echo re""ady\n')
    await shell.sees('ready')
    await client.killContainer(id, 'SIGKILL')
    await shell.reading
    expect(await shell.ended()).toEqual({ reason: 'container-stopped', exitCode: 137 })
    await expect(terminals.open({ engineId: 'real', id, command: ['/bin/sh'], columns: 80, rows: 24 }, by())).rejects.toMatchObject({ code: 'conflict' })
  }, 60_000)

  it('leaves no shell behind when it is closed', async () => {
    const id = await started()
    const shell = await open(id, ['/bin/sh'])
    await shell.type('echo re""ady\n')
    await shell.sees('ready')
    await terminals.close({ sessionId: shell.sessionId }, by())
    await shell.reading
    await expect.poll(() => alive(id), { timeout: 30_000 }).toBe(1)
  }, 60_000)

  it.each([
    ['a full-screen program alone', ['/bin/busybox', 'vi', '/new'], ''],
    ['one in a shell', ['/bin/sh'], 'vi /new\n'],
    ['one that shrugs off Ctrl+C and Ctrl+D', ['/bin/sh', '-c', "trap '' INT; echo deaf; while :; do sleep 1; done"], ''],
  ])('leaves nothing behind of %s', async (_name, command, typed) => {
    const id = await started()
    const program = await open(id, command)
    if (typed) await program.type(typed)
    await program.sees(/~|deaf/)
    expect(await terminals.close({ sessionId: program.sessionId }, by())).toEqual({ ended: true })
    await program.reading
    await expect.poll(() => alive(id), { timeout: 30_000 }).toBe(1)
  }, 60_000)

  it('says that a program goes on which ignores being hung up on', async () => {
    const id = await started()
    const program = await open(id, ['/bin/sh', '-c', "trap '' INT HUP; echo deaf; while :; do sleep 1; done"])
    await program.sees('deaf')
    expect(await terminals.close({ sessionId: program.sessionId }, by())).toEqual({ ended: false })
    expect(await alive(id)).toBeGreaterThan(1)
  }, 60_000)

  it('shows vi on the whole screen, drawn again at another size, moved in by arrows', async () => {
    const id = await started()
    const program = await open(id, ['/bin/busybox', 'vi', '/new'])
    await program.sees('~')
    await terminals.resize({ sessionId: program.sessionId, columns: 120, rows: 50 }, by())
    await program.type('\x0c')
    // Its status line is on the last row.
    await program.sees('\x1b[50;1H')
    await program.type('iabove\rbelow\x1b[A\x1b[Hleft of ')
    await program.sees(/left of/)
    await program.type('\x1b')
    // No key is read as part of another once it shows that it no longer inserts.
    await program.sees(/- \/new \[modified\]/i)
    await program.type(':wq\r')
    await program.reading
    expect(await program.ended()).toEqual({ reason: 'exited', exitCode: 0 })
    const written = await open(id, ['/bin/cat', '/new'])
    await written.reading
    expect(written.text()).toBe('left of above\r\nbelow\r\n')
  }, 60_000)

  it('shows top on the whole screen, as wide as it is', async () => {
    const id = await started()
    const program = await open(id, ['/bin/busybox', 'top', '-d', '1'])
    await program.sees('Mem: ')
    await terminals.resize({ sessionId: program.sessionId, columns: 30, rows: 12 }, by())
    await program.sees(/Mem: [^\r\n\x1b]{15,26}[\r\n\x1b]/)
    await terminals.resize({ sessionId: program.sessionId, columns: 120, rows: 12 }, by())
    await program.sees(/Mem: [^\r\n\x1b]{40,}[\r\n\x1b]/)
    await program.type('q')
    await program.reading
    expect(await program.ended()).toEqual({ reason: 'exited', exitCode: 0 })
  }, 60_000)

  it('is found again by the window that claims it, with what it printed; without its window it ends after a while', async () => {
    const id = await started()
    const unbroken = new AbortController().signal
    const service = createTerminalService({ connection: () => ({ client, signal: unbroken }), orphanMs: 1_000 })
    const first = { peerId: 'before the reload', signal: soon() }
    const then = { peerId: 'after the reload', signal: soon() }
    const window = 'a-window-with-a-key'
    await service.claim({ window }, first)
    const { sessionId } = await service.open({ engineId: 'real', id, command: ['/bin/sh'], columns: 80, rows: 24 }, first)
    await service.write({ sessionId, bytes: Buffer.from('echo be""fore; kept=yes\n') }, first)
    service.closePeer('before the reload')
    expect((await service.claim({ window }, then)).terminals).toMatchObject([{ sessionId, containerId: id, command: ['/bin/sh'], number: 1, ended: null }])
    let text = ''
    void (async () => {
      for await (const bytes of service.output({ sessionId }, then)) text += Buffer.from(bytes).toString()
    })().catch(() => undefined)
    await expect.poll(() => text).toContain('before')
    await service.write({ sessionId, bytes: Buffer.from('echo it is $kept\n') }, then)
    await expect.poll(() => text).toContain('it is yes')
    service.closePeer('after the reload')
    await expect.poll(() => alive(id), { timeout: 30_000 }).toBe(1)
    await service.shutdown()
  }, 60_000)

  it('says what the engine says when the command is not there', async () => {
    const id = await started()
    const failed = open(id, ['/nosuch']).then(async (shell) => {
      await shell.reading
      return (await shell.ended())?.exitCode
    }, (error: { code?: string }) => error.code ?? String(error))
    expect([126, 127, 'invalid-request', 'internal', 'not-found']).toContain(await failed)
  }, 60_000)
}
