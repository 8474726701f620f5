/** What comes out of the virtual machine: QEMU's protocol, the agent's frames and words, datagrams; and requests on their way in. */
import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'
import fc from 'fast-check'
import { expect } from 'vitest'
import { DatagramReader, encodeDatagram } from '../../engine/providers/vm/datagrams.ts'
import { parseGuestStats } from '../../engine/providers/vm/guest-stats.ts'
import { Mux } from '../../engine/providers/vm/mux.ts'
import { encodeCredit, encodeFrame, FRAME, FrameError, FrameReader, PAYLOAD_MAX } from '../../engine/providers/vm/mux-frame.ts'
import { openQmp } from '../../engine/providers/vm/qmp.ts'
import { RequestGate } from '../../engine/providers/vm/request-gate.ts'
import { responseEnd } from '../../engine/providers/vm/response-end.ts'
import { fuzz } from '../support/fuzz/budget.ts'
import { cuts, nearBytes, textOf } from '../support/fuzz/inputs.ts'
import { orRefused } from '../support/fuzz/refusals.ts'
import { cutAt } from '../support/log-frames.ts'

/** The other side hangs up when all it said was heard. */
const closeSoon = (line: Duplex): void => void setTimeout(() => line.destroy(), 1)

const GREETING = '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}, "capabilities": []}}\r\n'
const answers = fc.constantFrom('{"return": {}, "id": 1}\r\n', '{"event": "STOP", "data": {"a": 1}}\r\n', '{"error": {"class": "x", "desc": "no"}, "id": 2}\r\n', '{"return": [null], "id": 2}\r\n')
const talk = fc.array(answers, { maxLength: 6 }).map((lines) => Buffer.from(GREETING + lines.join('')))

fuzz('QEMU’s protocol', fc.tuple(nearBytes(talk), cuts), async ([bytes, places]) => {
  const [line, qemu] = duplexPair()
  qemu.on('error', () => undefined)
  for (const piece of cutAt(bytes, places)) qemu.write(piece)
  closeSoon(line)
  await orRefused(async () => {
    const qmp = await openQmp(line, { timeoutMs: 5_000 })
    qmp.onEvent(({ name, data }) => expect([typeof name, typeof data]).toEqual(['string', 'object']))
    await orRefused(() => qmp.execute('query-status', {}, 1_000), Error)
    qmp.close()
    await qmp.closed
  })
  line.destroy()
})

const muxFrames = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.constantFrom(FRAME.OPEN, FRAME.DATA, FRAME.FIN, FRAME.RST, FRAME.WIN), fc.uint8Array({ maxLength: 200 })), { maxLength: 8 })
  .map((frames) => Buffer.concat([...frames.map(([stream, type, payload]) => encodeFrame(stream, type, payload)), encodeCredit(1, 5)]))

fuzz('frames of the mux', fc.tuple(nearBytes(muxFrames), cuts), async ([bytes, places]) => {
  const read = async (pieces: readonly Uint8Array[]) => {
    const seen: string[] = []
    let spoilt = 0
    const reader = new FrameReader(({ stream, type, payload }) => void seen.push(`${stream} ${type} ${Buffer.from(payload).toString('hex')}`), () => void (spoilt += 1))
    const whole = await orRefused(() => { for (const piece of pieces) reader.push(Buffer.from(piece)); return true }, FrameError)
    return { seen, spoilt, refused: whole === undefined }
  }
  const whole = await read([bytes])
  expect(await read(cutAt(bytes, places))).toEqual(whole)
  for (const line of whole.seen) expect(line.length).toBeLessThan(PAYLOAD_MAX * 2 + 100)
})

fuzz('an agent that says anything', fc.tuple(nearBytes(muxFrames), cuts), async ([bytes, places]) => {
  const [line, guest] = duplexPair()
  guest.on('error', () => undefined)
  guest.once('data', () => {
    for (const piece of cutAt(bytes, places)) guest.write(piece)
    closeSoon(line)
  })
  await orRefused(async () => (await Mux.attach(line, { timeoutMs: 5_000 })).close())
  line.destroy()
})

const datagrams = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }).map((all) => Buffer.concat(all.map((one) => encodeDatagram(one))))

fuzz('datagrams', fc.tuple(nearBytes(datagrams), cuts), ([bytes, places]) => {
  const read = (pieces: readonly Uint8Array[]) => {
    const seen: string[] = []
    const reader = new DatagramReader((datagram) => void seen.push(Buffer.from(datagram).toString('hex')))
    for (const piece of pieces) reader.push(Buffer.from(piece))
    return seen
  }
  expect(read(cutAt(bytes, places))).toEqual(read([bytes]))
})

fuzz('figures of the agent', textOf('memoryTotal=', 'memoryAvailable=', 'diskTotal=', 'diskFree=', 'up=', '1', ' ', '-', '1e999', 'NaN', '='), (text) => {
  const stats = parseGuestStats(text)
  for (const value of Object.values(stats ?? {})) expect(Number.isFinite(value) && value >= 0).toBe(true)
})

const request = fc.constantFrom(
  'POST /v1.41/containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 31\r\n\r\n{"HostConfig":{"Binds":["/x"]}}',
  'POST /v1.41/containers/create HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
  'GET /events HTTP/1.1\r\nHost: x\r\n\r\n',
  'POST /exec/1/start HTTP/1.1\r\nUpgrade: tcp\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\n{}',
).map((text) => Buffer.from(text))

fuzz('requests on their way into the machine', fc.tuple(nearBytes(fc.array(request, { maxLength: 4 }).map((all) => Buffer.concat(all))), cuts), async ([bytes, places]) => {
  const run = async (pieces: readonly Uint8Array[]) => {
    const gate = new RequestGate({ holds: ({ path }) => path.includes('/create'), hijacks: () => false, judge: async (_head, body) => (body.includes('Binds') ? { refuse: 'no' } : {}) })
    const out: Buffer[] = []
    let refused: string | undefined
    for (const piece of pieces) {
      const each = await gate.push(Buffer.from(piece))
      out.push(...each.out)
      refused ??= each.refuse
    }
    return { out: Buffer.concat(out), refused }
  }
  const [whole, cut] = [await run([bytes]), await run(cutAt(bytes, places))]
  // Nothing but what came goes on, in its order, whatever the pieces; a refusal does not depend on them either.
  expect(bytes.subarray(0, whole.out.length).equals(whole.out)).toBe(true)
  expect(bytes.subarray(0, cut.out.length).equals(cut.out)).toBe(true)
  expect(cut.refused === undefined).toBe(whole.refused === undefined)
})

const response = fc.constantFrom('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n', 'HTTP/1.1 204 No Content\r\n\r\n').map((text) => Buffer.from(text))

fuzz('the end of an answer out of the machine', fc.tuple(nearBytes(response), cuts), ([bytes, places]) => {
  const run = (pieces: readonly Uint8Array[]) => {
    const end = responseEnd()
    return { ended: pieces.some((piece) => end.push(Buffer.from(piece))), success: end.success() }
  }
  expect(run(cutAt(bytes, places))).toEqual(run([bytes]))
})
