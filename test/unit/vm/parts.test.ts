import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fatalError, lastLine, ownLines } from '../../../engine/providers/vm/console.ts'
import { openGateway } from '../../../engine/providers/vm/gateway.ts'
import { RUN_FOLDER_MAX, vmPaths } from '../../../engine/providers/vm/paths.ts'
import { findQemu, parseVersion } from '../../../engine/providers/vm/qemu.ts'
import { endMachine } from '../../../engine/providers/vm/stop.ts'
import { createVmProvider } from '../../../engine/providers/vm/vm-provider.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-parts-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('what the guest says on its console', () => {
  const text = '[    0.0] Linux version 6.1\r\nNARU: initramfs up=1.5\r\nNARU: init up=1.6\r\n'

  it('own lines and the newest one', () => {
    expect(ownLines(text)).toEqual(['initramfs up=1.5', 'init up=1.6'])
    expect(lastLine(text)).toBe('init up=1.6')
    expect(lastLine('')).toBe('')
  })

  it.each([
    ['disk-foreign', 'provider.boot-failed', 'vm-disk-foreign'],
    ['disk-check', 'provider.boot-failed', 'vm-disk-check'],
    ['root-disk', 'provider.image-corrupt', 'vm-image-corrupt'],
    ['something new', 'provider.boot-failed', 'vm-boot'],
    ['toString', 'provider.boot-failed', 'vm-boot'],
  ])('FATAL %s', (word, code, hint) => {
    expect(fatalError(`${text}NARU: FATAL ${word} up=2\n`, '/d')).toMatchObject({ code, hint, params: { path: '/d' } })
  })

  it('nothing fatal, no error', () => expect(fatalError(`${text}FATAL error: not ours\n`, '/d')).toBeNull())
})

describe('paths of a machine', () => {
  it('sockets lie in the state folder while their path is short enough for every system', () => {
    const short = vmPaths('/home/a/.local/share/naru/vm', '/run/user/1')
    expect(short.socket).toBe('/home/a/.local/share/naru/vm/run/docker.sock')
    const long = vmPaths(`/home/${'a'.repeat(RUN_FOLDER_MAX)}/vm`, '/run/user/1')
    expect(long.socket).toMatch(/^\/run\/user\/1\/naru-vm-[0-9a-f]{8}\/docker\.sock$/)
    expect(long.data).toContain('aaaa')
  })
})

describe('QEMU on this machine', () => {
  it('reads the version it tells', () => {
    expect(parseVersion('QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\n')).toBe('7.2.22')
    expect(parseVersion('QEMU emulator version 10.1')).toBe('10.1')
    expect(parseVersion('bash: not found')).toBe('')
  })

  it('is told missing by its name', async () => {
    const absent = findQemu({ platform: 'win32', arch: 'x64' }, { path: folder })
    await expect(absent).rejects.toMatchObject({ code: 'provider.absent', hint: 'vm-qemu-missing', params: { program: 'qemu-system-x86_64.exe' } })
  })

  it('a provider without an image is absent, never broken', async () => {
    const provider = createVmProvider({ stateFolder: join(folder, 'vm'), imageFolder: join(folder, 'none'), log: () => undefined })
    const found = await provider.detect(new AbortController().signal)
    expect(found).toMatchObject({ state: 'absent' })
    expect(['vm-image-missing', 'vm-qemu-missing', 'vm-host']).toContain(found.error?.hint)
  })
})

describe('the engine’s socket on the host', () => {
  it('is its owner’s alone, joins both ways with half-close, and ends when the guest is not there', async () => {
    const inside = createServer({ allowHalfOpen: true }, (socket) => {
      let text = ''
      socket.on('data', (part: Buffer) => (text += part.toString()))
      socket.on('end', () => socket.end(`${text}, answered after its end`))
    })
    const guest = join(folder, 'guest.sock')
    await once(inside.listen(guest), 'listening')
    let there = true
    const path = join(folder, 'docker.sock')
    const gateway = await openGateway(path, () => {
      if (!there) throw new Error('nobody')
      return createConnection({ path: guest, allowHalfOpen: true })
    })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const client = createConnection({ path, allowHalfOpen: true })
    client.end('question')
    let answer = ''
    client.on('data', (part: Buffer) => (answer += part.toString()))
    await once(client, 'close')
    expect(answer).toBe('question, answered after its end')
    there = false
    const second = createConnection(path)
    second.on('error', () => undefined)
    await once(second, 'close')
    await gateway.close()
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
    inside.close()
  })
})

describe('ending a machine', () => {
  const dead = { pid: 2 ** 30, startTime: 1 }
  const paths = (): ReturnType<typeof vmPaths> => vmPaths(join(folder, 'ended'))

  it('asks the agent, else presses the power button; nobody is asked without grace', async () => {
    const asked: string[] = []
    const qmp = { execute: async (command: string) => void asked.push(command) }
    const link = (answer: () => Promise<string>) => ({ ask: (text: string) => (asked.push(text), answer()) })
    await endMachine({ paths: paths(), process: dead, graceMs: 100, link: link(async () => 'ok'), qmp })
    expect(asked).toEqual(['poweroff'])
    asked.length = 0
    await endMachine({ paths: paths(), process: dead, graceMs: 100, link: link(() => Promise.reject(new Error('gone'))), qmp })
    expect(asked).toEqual(['poweroff', 'system_powerdown'])
    asked.length = 0
    await endMachine({ paths: paths(), process: dead, graceMs: 0, qmp })
    expect(asked).toEqual(['quit'])
  })
})
