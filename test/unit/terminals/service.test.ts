import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import { createTerminalService } from '../../../engine/terminals/service.ts'
import type { TerminalClient } from '../../../engine/terminals/service.ts'
import { findShells } from '../../../engine/terminals/shells.ts'
import { whyEnded } from '../../../engine/terminals/why-ended.ts'

const signal = new AbortController().signal
const gone = new NaruError('not-found', 'gone')
const SIZE = { columns: 80, rows: 24 }

function bench(files: readonly string[] = ['/bin/sh'], config: { Tty?: boolean; OpenStdin?: boolean } = {}) {
  const typed: string[] = []
  let exit: (code: number) => void = () => undefined
  const made: { body: Parameters<TerminalClient['createExec']>[1]; socket: Duplex }[] = []
  const sizes: unknown[] = []
  let state: { Running: boolean; ExitCode: number } | null = { Running: true, ExitCode: 0 }
  const client: TerminalClient = {
    createExec: async (_id, body) => {
      const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
      made.push({ body, socket })
      return String(made.length - 1)
    },
    startExec: async (execId) => (made[Number(execId)] as { socket: Duplex }).socket,
    resizeExec: async (_execId, size) => void sizes.push(size),
    inspectExec: async () => ({ Running: false, ExitCode: 3 }),
    inspectContainer: async () => {
      if (!state) throw gone
      return { Name: '/box', State: state, Config: config } as unknown as Awaited<ReturnType<TerminalClient['inspectContainer']>>
    },
    runExec: async () => undefined,
    attachContainer: async () => {
      const socket = new Duplex({ read: () => undefined, write: (chunk: Buffer, _encoding, done) => (typed.push(chunk.toString()), done()) })
      made.push({ body: { Cmd: [] }, socket })
      return socket
    },
    resizeContainer: async (_id, size) => void sizes.push(size),
    waitForExit: () => ({ begun: Promise.resolve(), exitCode: new Promise((resolve) => (exit = resolve)) }),
    hasPath: async (_id, path) => files.includes(path),
  }
  const service = createTerminalService({ connection: () => ({ client, signal }), orphanMs: 1, graceMs: 1 })
  const open = (peerId = 'a', more = {}) => service.open({ engineId: 'e', id: 'c', command: ['/bin/sh'], ...SIZE, ...more }, { peerId, signal })
  return { client, made, sizes, typed, service, open, setState: (next: typeof state) => (state = next), exit: (code: number) => exit(code) }
}

describe('shells of a container', () => {
  it('are named once each, the most comfortable first', async () => {
    const { client } = bench(['/bin/sh', '/bin/bash', '/usr/bin/bash', '/usr/bin/zsh'])
    expect(await findShells(client, 'c', signal)).toEqual([{ path: '/bin/bash' }, { path: '/usr/bin/zsh' }, { path: '/bin/sh' }])
  })
  it('are none in an image without any, and an error when the container is gone', async () => {
    const { client, setState } = bench([])
    expect(await findShells(client, 'c', signal)).toEqual([])
    setState(null)
    await expect(findShells(client, 'c', signal)).rejects.toBe(gone)
  })
})

describe('why a terminal ended', () => {
  const client = (exit: number, container: { Running: boolean; ExitCode: number } | null): Pick<TerminalClient, 'inspectExec' | 'inspectContainer'> => {
    const { client: one, setState } = bench()
    setState(container)
    return { ...one, inspectExec: async () => ({ Running: false, ExitCode: exit }) }
  }
  it.each([
    ['its command ended', 7, { Running: true, ExitCode: 0 }, { reason: 'exited', exitCode: 7 }],
    ['it was killed alone', 137, { Running: true, ExitCode: 0 }, { reason: 'exited', exitCode: 137 }],
    ['its container stopped', 137, { Running: false, ExitCode: 143 }, { reason: 'container-stopped', exitCode: 143 }],
    ['its container was removed', 137, null, { reason: 'container-removed', exitCode: null }],
  ] as const)('%s', async (_name, exit, container, expected) => {
    expect(await whyEnded(client(exit, container), 'c', 'x', signal)).toEqual(expected)
  })
})

describe('terminals of peers', () => {
  it.each([
    ['container-stopped', { Running: false, ExitCode: 137 }],
    ['container-restarted', { Running: true, ExitCode: 0 }],
    ['container-removed', null],
  ] as const)('end with their container (%s) even when the engine leaves the connection open', async (reason, state) => {
    const { open, service, setState, exit } = bench()
    const { sessionId } = await open()
    const heard: Uint8Array[] = []
    const reading = (async () => {
      for await (const piece of service.output({ sessionId }, { peerId: 'a', signal })) heard.push(piece)
    })()
    setState(state)
    exit(137)
    await reading
    expect((await service.list({}, { peerId: 'a', signal })).terminals).toMatchObject([{ ended: { reason, exitCode: 137 } }])
  })
  it('are opened with what was chosen, and TERM unless it is', async () => {
    const { made, sizes, open } = bench()
    await open('a', { user: 'u', workdir: '/w', env: ['A=1'] })
    await open('a', { env: ['TERM=vt100'] })
    expect(made.map(({ body }) => body)).toEqual([
      { Cmd: ['/bin/sh'], User: 'u', WorkingDir: '/w', Env: ['TERM=xterm-256color', 'A=1'] },
      { Cmd: ['/bin/sh'], Env: ['TERM=vt100'] },
    ])
    expect(sizes).toEqual([SIZE, SIZE])
  })

  it('belong to their peer alone and go with it', async () => {
    const { made, service, open } = bench()
    const { sessionId } = await open('a')
    await open('b')
    await expect(service.write({ sessionId, bytes: Buffer.from('x') }, { peerId: 'b', signal })).rejects.toMatchObject({ code: 'not-found', hint: 'terminal-gone' })
    expect((await service.list({}, { peerId: 'a', signal })).terminals.map((one) => one.sessionId)).toEqual([sessionId])
    service.closePeer('a')
    expect((await service.list({}, { peerId: 'a', signal })).terminals).toEqual([])
    await expect.poll(() => made[0]?.socket.destroyed).toBe(true)
    expect(made[1]?.socket.destroyed).toBe(false)
    void service.shutdown()
    await expect.poll(() => made[1]?.socket.destroyed).toBe(true)
  })

  it('are no more than 32, ended ones are listed until they are closed', async () => {
    const { made, service, open } = bench()
    const opened = await Promise.all(Array.from({ length: 32 }, () => open()))
    await expect(open()).rejects.toMatchObject({ hint: 'terminals-full' })
    made[0]?.socket.destroy()
    await expect.poll(async () => (await service.list({}, { peerId: 'a', signal })).terminals.find(({ ended }) => ended)?.ended).toEqual({ reason: 'exited', exitCode: 3 })
    await expect(open()).rejects.toMatchObject({ hint: 'terminals-full' })
    await service.close({ sessionId: opened[0]?.sessionId ?? '' }, { peerId: 'a', signal })
    await open()
    await service.shutdown()
  })
})

describe('windows', () => {
  const window = 'a key long enough'

  it('find their terminals again after a reload, and lose them when they do not come back', async () => {
    const { made, service, open } = bench()
    await service.claim({ window }, { peerId: 'a', signal })
    const { sessionId } = await open('a')
    await open('b')
    await service.claim({ window }, { peerId: 'a2', signal })
    service.closePeer('a')
    expect((await service.list({}, { peerId: 'a2', signal })).terminals).toMatchObject([{ sessionId, kind: 'exec', number: 1, command: ['/bin/sh'], tty: true, input: true, ended: null }])
    expect((await service.list({}, { peerId: 'b', signal })).terminals).toHaveLength(1)
    service.closePeer('a2')
    await expect.poll(() => made[0]?.socket.destroyed).toBe(true)
    expect(made[1]?.socket.destroyed).toBe(false)
    expect((await service.claim({ window }, { peerId: 'a3', signal })).terminals).toEqual([])
    await service.shutdown()
  })

  it('that are not there have nothing attached for them', async () => {
    const { made, service } = bench()
    expect(await service.attachBefore({ engineId: 'e', id: 'c' }, { window, ...SIZE }, signal)).toBeNull()
    expect(made).toEqual([])
  })
})

describe('main processes', () => {
  const on = { engineId: 'e', id: 'c', ...SIZE }
  const by = { peerId: 'a', signal }

  it('are told a size that changed, take keys, and are left by Ctrl+P Ctrl+Q wherever they are cut', async () => {
    const { made, sizes, typed, service } = bench([], { Tty: true, OpenStdin: true })
    const { sessionId, kind, tty, input } = await service.attach(on, by)
    expect({ kind, tty, input }).toEqual({ kind: 'attach', tty: true, input: true })
    expect(sizes).toEqual([{ columns: 80, rows: 25 }, SIZE])
    await service.write({ sessionId, bytes: Buffer.from('ls\x10') }, by)
    await service.write({ sessionId, bytes: Buffer.from('\x11never') }, by)
    expect(typed.join('')).toBe('ls')
    await expect.poll(async () => (await service.list({}, by)).terminals[0]?.ended).toEqual({ reason: 'detached', exitCode: null })
    expect(made[0]?.socket.destroyed).toBe(true)
  })

  it('without a terminal keep the connection when left: their input would end with it', async () => {
    const { made, service } = bench([], { OpenStdin: true })
    const { sessionId } = await service.attach(on, by)
    expect(await service.close({ sessionId }, by)).toEqual({ ended: true })
    expect(made[0]?.socket.destroyed).toBe(false)
  })

  it('end with the exit code the engine told, also when the container is gone', async () => {
    const { made, service, setState, exit } = bench()
    const { sessionId } = await service.attach(on, by)
    setState(null)
    exit(3)
    made[0]?.socket.push(null)
    await expect.poll(async () => (await service.list({}, by)).terminals.find((one) => one.sessionId === sessionId)?.ended).toEqual({ reason: 'container-removed', exitCode: 3 })
  })

  it('are none of a container that does not run; a command cannot be detached from', async () => {
    const { service, open, setState } = bench()
    const { sessionId } = await open('a')
    await expect(service.detach({ sessionId }, by)).rejects.toMatchObject({ code: 'invalid-request' })
    setState({ Running: false, ExitCode: 0 })
    await expect(service.attach(on, by)).rejects.toMatchObject({ code: 'conflict', hint: 'attach-stopped', params: { name: 'box' } })
    await service.shutdown()
  })
})
