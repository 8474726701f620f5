/** Both ends of the channel against anything: questions nobody would ask, answers nobody would give, lines that come in crumbs. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex, duplexPair, Transform } from 'node:stream'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseGuestStats } from '../../../engine/providers/vm/guest-stats.ts'
import { CONTROL_MAX, Mux } from '../../../engine/providers/vm/mux.ts'
import { encodeFrame, FRAME, FrameReader, RESYNC, WINDOW_BYTES } from '../../../engine/providers/vm/mux-frame.ts'
import { buildAgent, runAgent } from '../../support/vm-agent.ts'
import type { BuiltAgent, RunningAgent } from '../../support/vm-agent.ts'

const agent: BuiltAgent | null = await buildAgent()
if (!agent) console.log('skipped: the guest agent is not tried here (no C compiler)')

let folder = ''
let echo: Server
const agents: RunningAgent[] = []
const muxes: Mux[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-fuzz-'))
  echo = createServer({ allowHalfOpen: true }, (socket) => void socket.on('error', () => undefined).pipe(socket))
  await once(echo.listen(join(folder, 'echo.sock')), 'listening')
})
afterEach(async () => {
  muxes.splice(0).forEach((mux) => mux.close())
  for (const { line, ended } of agents.splice(0)) {
    line.destroy()
    expect(await ended).toEqual({ code: 0, said: '' })
  }
})
afterAll(async () => {
  echo.close()
  await agent?.remove()
  await rm(folder, { recursive: true, force: true })
})

function started(): RunningAgent {
  const running = runAgent(agent?.path ?? '')
  agents.push(running)
  return running
}

async function attached(line: Duplex): Promise<Mux> {
  const mux = await Mux.attach(line, { timeoutMs: 10_000 })
  muxes.push(mux)
  return mux
}

/** Sends `pieces`, ends, and gives what came back until the other side ended too. */
async function roundTrip(mux: Mux, pieces: readonly Uint8Array[]): Promise<Buffer> {
  const stream = mux.open(`unix:${folder}/echo.sock`)
  const parts: Buffer[] = []
  stream.on('data', (part: Buffer) => parts.push(part))
  for (const piece of pieces) stream.write(piece)
  stream.end()
  await once(stream, 'end')
  return Buffer.concat(parts)
}

/** The line to an agent in crumbs: what goes each way is cut at lengths of `sizes`, again and again. */
function crumbled(line: Duplex, sizes: readonly number[]): Duplex {
  const cutter = (): Transform => {
    let turn = 0
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        for (let at = 0; at < chunk.length; ) {
          const size = sizes[turn++ % sizes.length] ?? 1
          this.push(chunk.subarray(at, at + size))
          at += size
        }
        done()
      },
    })
  }
  const inward = cutter()
  inward.pipe(line)
  return Duplex.from({ writable: inward, readable: line.pipe(cutter()) })
}

describe.skipIf(!agent)('the agent', () => {
  it('has the disk written by a process of its own, and answers when that has ended', async () => {
    const { line } = started()
    const mux = await attached(line)
    expect(await mux.ask('sync')).toBe('sync rc=0')
    const [one, other, pong] = await Promise.all([mux.ask('sync'), mux.ask('sync'), mux.ask('ping')])
    expect(pong).toBe('pong naru-agent 1')
    for (const each of [one, other]) expect(each).toMatch(/^(?:sync rc=0|busy)$/)
  })

  it('gives no answer to a new host that an earlier one waits for', async () => {
    const { line } = started()
    const heard: string[] = []
    const reader = new FrameReader(({ stream, type, payload }) => void (stream === 0 && heard.push(`${type} ${payload.toString('latin1')}`)), () => expect.fail('a spoilt frame'))
    line.on('data', (part: Buffer) => reader.push(part))
    const hello = (nonce: string): Buffer => Buffer.concat([RESYNC, encodeFrame(0, FRAME.RST, Buffer.from(nonce))])
    const ask = (text: string): Buffer => encodeFrame(0, FRAME.DATA, Buffer.from(text))
    line.write(Buffer.concat([hello('one'), ask('7 sync'), hello('two'), ask('8 ping')]))
    await expect.poll(() => heard.at(-1)).toBe(`${FRAME.DATA} 8 pong naru-agent 1`)
    // The helper of the first host is over once a new one may begin.
    for (let number = 9; !heard.includes(`${FRAME.DATA} ${number - 1} sync rc=0`); number++) {
      line.write(ask(`${number} sync`))
      await expect.poll(() => heard.at(-1)).toMatch(new RegExp(`^${FRAME.DATA} ${number} (?:busy|sync rc=0)$`))
    }
    expect(heard.filter((each) => each.startsWith(`${FRAME.DATA} 7 `))).toEqual([])
  })

  it('answers any question by its number, and anything else not at all', async () => {
    const { line } = started()
    const mux = await attached(line)
    const verb = fc.oneof(
      fc.constantFrom('ping', 'pin', 'ping ', 'time', 'time ', 'time -1', 'time 99999999999999999999', 'clock', 'stats', 'sync', 'growfs', '', ' ', 'sync\0', '%s%n%s'),
      fc.string({ maxLength: 40 }),
      fc.string({ minLength: 4_000, maxLength: CONTROL_MAX + 20, unit: 'grapheme-ascii' }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(verb, { maxLength: 6 }), fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), async (verbs, rubbish) => {
        for (const each of rubbish) line.write(encodeFrame(0, FRAME.DATA, each))
        const answers = await Promise.all(verbs.map((each) => mux.ask(each)))
        for (const each of answers) expect(each).toMatch(/^(?:pong naru-agent 1|\d+|memoryTotal=.*|sync rc=0|busy|unknown|time (?:refused|off=-?\d+))$/)
        expect(await mux.ask('ping')).toBe('pong naru-agent 1')
      }),
      { numRuns: 80 },
    )
  })
})

describe.skipIf(!agent)('host and agent together', () => {
  it('carry every byte of every stream, whatever crumbs the line comes in, and whoever breaks off beside them', async () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 70_000 })), { minLength: 1, maxLength: 5 })
    const content = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(content, { minLength: 1, maxLength: 6 }), fc.nat({ max: 4 }), async (cuts, contents, broken) => {
        const mux = await attached(crumbled(started().line, cuts))
        for (let each = 0; each < broken; each++) {
          const stream = mux.open(`unix:${folder}/echo.sock`).on('error', () => undefined)
          stream.write(randomBytes(1_000 * each))
          setImmediate(() => stream.destroy())
        }
        const sent = contents.map((lengths) => lengths.map((length) => randomBytes(length)))
        const came = await Promise.all(sent.map((pieces) => roundTrip(mux, pieces)))
        came.forEach((bytes, index) => expect(Buffer.compare(bytes, Buffer.concat(sent[index] ?? []))).toBe(0))
        await expect.poll(() => mux.size).toBe(0)
        expect(await mux.ask('ping')).toBe('pong naru-agent 1')
        mux.close()
      }),
      { numRuns: 25 },
    )
  }, 60_000)

  it('come into step again after a host that was cut off anywhere in what it said', async () => {
    const { line } = started()
    const said = Buffer.concat([
      RESYNC, encodeFrame(0, FRAME.RST, Buffer.alloc(8, 1)), encodeFrame(3, FRAME.OPEN, Buffer.from(`unix:${folder}/echo.sock`)),
      encodeFrame(3, FRAME.DATA, Buffer.alloc(900, 7)), encodeFrame(0, FRAME.DATA, Buffer.from('5 ping')), encodeFrame(3, FRAME.WIN, Buffer.from([0, 0, 1, 0])), encodeFrame(3, FRAME.FIN),
    ])
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: said.length - RESYNC.length }), async (at) => {
        line.write(said.subarray(0, RESYNC.length + at))
        const nonce = randomBytes(8)
        const wanted = encodeFrame(0, FRAME.RST, nonce)
        const found = new Promise<void>((resolve) => {
          let bytes = Buffer.alloc(0)
          const onData = (part: Buffer): void => {
            bytes = Buffer.concat([bytes, part])
            if (bytes.includes(wanted)) resolve(void line.off('data', onData))
          }
          line.on('data', onData)
        })
        line.write(Buffer.concat([RESYNC, wanted]))
        await found
      }),
      { numRuns: 60 },
    )
    const mux = await attached(line)
    const data = randomBytes(2 * WINDOW_BYTES)
    expect(Buffer.compare(await roundTrip(mux, [data]), data)).toBe(0)
  })
})

describe('the host', () => {
  it('takes any answer for what it is: text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ maxLength: 300, unit: 'binary' }), fc.string({ maxLength: 60 })), async (says) => {
        const [line, port] = duplexPair()
        const reader = new FrameReader(({ stream, type, payload }) => {
          if (stream === 0 && type === FRAME.RST) port.write(encodeFrame(0, FRAME.RST, payload))
          else port.write(encodeFrame(0, FRAME.DATA, Buffer.from(`${payload.toString().split(' ')[0]} ${says}`)))
        }, () => expect.fail('a spoilt frame'))
        port.on('data', (part: Buffer) => reader.push(part)).on('error', () => undefined)
        const mux = await attached(line)
        const answer = await mux.ask('stats')
        expect(answer).toBe(Buffer.from(says).toString())
        expect(() => parseGuestStats(answer)).not.toThrow()
        mux.close()
      }),
    )
  })
})
