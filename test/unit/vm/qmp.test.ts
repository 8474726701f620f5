import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { humanCommand, openQmp } from '../../../engine/providers/vm/qmp.ts'
import type { Qmp } from '../../../engine/providers/vm/qmp.ts'

const GREETING = '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian"}, "capabilities": ["oob"]}}\r\n'

interface Command {
  readonly execute: string
  readonly arguments: Record<string, unknown>
  readonly id: number
}

/** A QEMU that answers with what `reply` says (null = silence), its text cut after every `piece` characters. */
function fakeQemu(reply: (command: Command) => string | null, piece = Infinity, greeting = GREETING): { line: Duplex; qemu: Duplex } {
  const [line, qemu] = duplexPair()
  const say = (text: string): void => {
    const size = Math.min(piece, text.length)
    for (let at = 0; at < text.length; at += size) qemu.write(text.slice(at, at + size))
  }
  let rest = ''
  qemu.on('data', (part: Buffer) => {
    const lines = (rest + part.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const text of lines) {
      const command = JSON.parse(text) as Command
      const answer = command.execute === 'qmp_capabilities' ? `{"return": {}, "id": ${command.id}}\r\n` : reply(command)
      if (answer) say(answer)
    }
  })
  say(greeting)
  return { line, qemu }
}

const opened = (reply: (command: Command) => string | null, piece?: number): Promise<Qmp> => openQmp(fakeQemu(reply, piece).line, { timeoutMs: 5_000 })

describe('the machine protocol', () => {
  it('reads the version, runs commands by id and hears events in between, in any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (piece) => {
        const qmp = await opened(({ execute, arguments: args, id }) => {
          return `{"event": "RESUME", "timestamp": {}}\r\n{"return": {"of": "${execute}", "size": ${String(args.size ?? 0)}, "text": "가상"}, "id": ${id}}\r\n`
        }, piece)
        const events: string[] = []
        qmp.onEvent(({ name }) => events.push(name))
        expect(qmp.version).toBe('7.2.22')
        const both = await Promise.all([qmp.execute('query-status'), qmp.execute('block_resize', { size: 5 })])
        expect(both).toEqual([{ of: 'query-status', size: 0, text: '가상' }, { of: 'block_resize', size: 5, text: '가상' }])
        expect(events).toEqual(['RESUME', 'RESUME'])
        qmp.close()
      }),
      { numRuns: 30 },
    )
  })

  it('gives QEMU’s own words when it refuses', async () => {
    const qmp = await opened(({ id }) => `{"id": ${id}, "error": {"class": "GenericError", "desc": "Cannot shrink"}}\r\n`)
    await expect(qmp.execute('block_resize')).rejects.toMatchObject({ code: 'internal', detail: 'Cannot shrink' })
  })

  it('does not wait for ever: no greeting, no answer, a closed connection, a cancelled start', async () => {
    await expect(openQmp(fakeQemu(() => null, Infinity, '').line, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' })
    const qmp = await opened(() => null)
    await expect(qmp.execute('stop', {}, 20)).rejects.toMatchObject({ code: 'timeout' })
    const { line, qemu } = fakeQemu(() => null)
    const other = await openQmp(line, { timeoutMs: 5_000 })
    const asked = other.execute('cont')
    qemu.end()
    qemu.destroy()
    line.destroy()
    await expect(asked).rejects.toMatchObject({ code: 'engine.unreachable' })
    await expect(other.execute('cont')).rejects.toMatchObject({ code: 'engine.unreachable' })
    expect(await other.closed).toContain('closed')
    await expect(openQmp(fakeQemu(() => null).line, { timeoutMs: 5_000, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('lets go of whatever is not the protocol', async () => {
    for (const greeting of ['HTTP/1.1 400\r\n', '[]\n', 'x'.repeat(2 << 20)]) {
      await expect(openQmp(fakeQemu(() => null, 65_536, greeting).line, { timeoutMs: 5_000 })).rejects.toMatchObject({ code: 'engine.unreachable' })
    }
  })

  it('knows that the human monitor fails in its answer, not as an error', async () => {
    const says = (text: string) => opened(({ id }) => `{"return": ${JSON.stringify(text)}, "id": ${id}}\r\n`)
    expect(await humanCommand(await says(''), 'hostfwd_add n0 udp::53-:53')).toBe('')
    await expect(humanCommand(await says('Could not set up host forwarding rule\r\n'), 'hostfwd_add n0 x')).rejects.toMatchObject({
      code: 'internal',
      detail: 'Could not set up host forwarding rule',
    })
    expect(await humanCommand(await says('host forwarding rule for x removed\r\n'), 'hostfwd_remove n0 x', /removed$/)).toContain('removed')
    await expect(humanCommand(await says(''), 'a\nb')).rejects.toMatchObject({ code: 'invalid-request' })
  })
})
