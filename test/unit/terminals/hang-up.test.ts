/** What an exec leaves behind is ended only when it is surely its own process. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { hangUp } from '../../../engine/terminals/hang-up.ts'
import { createTerminalSession } from '../../../engine/terminals/session.ts'

const ID = 'ab'.repeat(32)
const folders: string[] = []
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true }))))

/** A command that ends when it gets the signal, or by `keys` already. */
async function bench({ nspid = '4711 23', cgroup = `0::/docker/${ID}`, cmdline = 'other\0', keys = false, deaf = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'naru-hang-up-'))
  folders.push(folder)
  await mkdir(join(folder, '4711'))
  await Promise.all(Object.entries({ status: `Name:\tvi\nNSpid:\t${nspid.replace(' ', '\t')}\n`, cgroup, cmdline }).map(([name, text]) => writeFile(join(folder, '4711', name), text)))
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => (keys && socket.destroy(), done()) })
  const session = createTerminalSession(socket, async () => ({ reason: 'exited', exitCode: 129 }))
  const ran: unknown[] = []
  const client = {
    inspectExec: async () => ({ Running: true, Pid: 4711 }),
    runExec: async (_id: string, body: { readonly Cmd: readonly string[]; readonly User?: string }) => {
      ran.push(body)
      if (!deaf) socket.destroy()
    },
  }
  const ended = await hangUp(session, { client, id: ID, execId: 'x', command: ['vi', '/file'], user: 'me', proc: folder, limits: { leaveMs: 30, signalMs: 200 } })
  return { ended, ran, socket }
}

describe('hanging up', () => {
  it('needs no signal for what the keys end', async () => {
    expect(await bench({ keys: true })).toMatchObject({ ended: true, ran: [] })
  })
  it('signals the process by its number in the container, as the same user', async () => {
    expect(await bench()).toMatchObject({ ended: true, ran: [{ Cmd: ['/bin/sh', '-c', 'kill -HUP "$1"', 'sh', '23'], User: 'me' }] })
    expect(await bench({ cgroup: '', cmdline: 'vi\0/file\0' })).toMatchObject({ ended: true })
  })
  it.each([
    ['it is a process of another container or machine', { cgroup: '0::/docker/other' }],
    ['it is in no container', { nspid: '4711' }],
    ['it is the first of its container', { nspid: '4711 1' }],
  ])('leaves a process alone when %s, and says so', async (_name, more) => {
    expect(await bench(more)).toMatchObject({ ended: false, ran: [], socket: { destroyed: true } })
  })
  it('says that something goes on which does not heed the signal', async () => {
    expect(await bench({ deaf: true })).toMatchObject({ ended: false, socket: { destroyed: true } })
  })
})
