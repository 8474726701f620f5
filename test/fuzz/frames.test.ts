/** Streams of the engine: frames of logs and programs, chunks of HTTP, lines of JSON. However they are cut, they are the same. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { NaruError } from '../../engine/contract/errors.ts'
import { FrameReader } from '../../engine/container-files/frames.ts'
import { ChunkedBody } from '../../engine/docker/chunked.ts'
import { readMessages } from '../../engine/docker/ndjson.ts'
import { LogDemux } from '../../engine/logs/demux.ts'
import { createFrameReader } from '../../engine/terminals/frames.ts'
import { fuzz } from '../support/fuzz/budget.ts'
import { cuts, nearBytes, textOf } from '../support/fuzz/inputs.ts'
import { collector, cutAt, frameOf } from '../support/log-frames.ts'

const entry = fc.record({
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  seconds: fc.integer({ min: 0, max: 4_000_000_000 }),
  nanos: fc.nat(999_999_999),
  text: fc.oneof(textOf('\n', '\r\n', 'a line', '\x1b[31m'), fc.constant('x'.repeat(16 * 1024))),
})
const log = fc
  .tuple(fc.array(entry, { maxLength: 8 }), fc.constantFrom('docker' as const, 'podman' as const, 'bare' as const))
  .map(([entries, style]) => Buffer.concat(entries.map((one) => frameOf(one, style))))

/** What `run` gives for the pieces, and the code it refused with. */
function outcome<T>(run: () => T): { readonly refused: string | null } {
  try {
    run()
    return { refused: null }
  } catch (error) {
    if (!(error instanceof NaruError)) throw error
    return { refused: error.code }
  }
}

fuzz('frames of a log', fc.tuple(nearBytes(log), cuts, fc.boolean(), fc.boolean()), ([bytes, places, tty, timestamps]) => {
  const read = (pieces: readonly Uint8Array[]) => {
    const sink = collector()
    const demux = new LogDemux({ tty, timestamps }, sink)
    return {
      ...outcome(() => {
        for (const piece of pieces) demux.write(piece)
        demux.end(true)
      }),
      lines: sink.lines,
    }
  }
  const whole = read([bytes])
  expect(read(cutAt(bytes, places))).toEqual(whole)
  expect(whole.lines.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(bytes.length * 2 + 200)
})

const program = fc.array(fc.tuple(fc.constantFrom(0, 1, 2, 3), fc.uint8Array({ maxLength: 300 })), { maxLength: 8 }).map((frames) =>
  Buffer.concat(
    frames.flatMap(([stream, data]) => {
      const head = Buffer.alloc(8)
      head[0] = stream
      head.writeUInt32BE(data.length, 4)
      return [head, data]
    }),
  ),
)

fuzz('frames of a program', fc.tuple(nearBytes(program), cuts), ([bytes, places]) => {
  const read = (pieces: readonly Uint8Array[]) => {
    const [out, error]: [number[], number[]] = [[], []]
    const reader = new FrameReader({ out: (part) => void out.push(...part), error: (part) => void error.push(...part) })
    return { ...outcome(() => pieces.forEach((piece) => reader.write(piece))), out, error }
  }
  expect(read(cutAt(bytes, places))).toEqual(read([bytes]))
})

fuzz('frames of an attached terminal', fc.tuple(nearBytes(program), cuts), ([bytes, places]) => {
  const read = (pieces: readonly Uint8Array[]) => {
    const take = createFrameReader()
    const parts: Uint8Array[] = []
    const { refused } = outcome(() => pieces.forEach((piece) => parts.push(...take(piece).map((part) => Uint8Array.from(part)))))
    return { refused, bytes: Buffer.concat(parts) }
  }
  const [whole, cut] = [read([bytes]), read(cutAt(bytes, places))]
  expect(cut.refused).toBe(whole.refused)
  // What came in the piece that is refused is not shown any more.
  if (whole.refused === null) expect(cut.bytes).toEqual(whole.bytes)
})

const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 }).map((all) =>
  Buffer.concat([...all.flatMap((data) => [Buffer.from(`${data.length.toString(16)};ext=1\r\n`), data, Buffer.from('\r\n')]), Buffer.from('0\r\nTrailer: x\r\n\r\n')]),
)

fuzz('chunks of HTTP', fc.tuple(nearBytes(chunks), cuts), ([bytes, places]) => {
  const read = (pieces: readonly Uint8Array[]) => {
    const body = new ChunkedBody()
    const parts: Uint8Array[] = []
    const { refused } = outcome(() => pieces.forEach((piece) => parts.push(Uint8Array.from(body.push(Uint8Array.from(piece))))))
    return { refused, done: body.done, bytes: Buffer.concat(parts) }
  }
  const [whole, cut] = [read([bytes]), read(cutAt(bytes, places))]
  expect({ refused: cut.refused, done: cut.done }).toEqual({ refused: whole.refused, done: whole.done })
  if (whole.refused === null) expect(cut.bytes).toEqual(whole.bytes)
})

const messages = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 8 }).map((all) => Buffer.from(all.map((one) => JSON.stringify(one)).join('\n')))

fuzz('lines of JSON', fc.tuple(nearBytes(messages), cuts), async ([bytes, places]) => {
  const read = async (pieces: readonly Uint8Array[]) => {
    const all: unknown[] = []
    try {
      for await (const message of readMessages((async function* () { yield* pieces })())) all.push(message)
      return { all, refused: null }
    } catch (error) {
      if (!(error instanceof NaruError)) throw error
      return { all, refused: error.code }
    }
  }
  expect(await read(cutAt(bytes, places))).toEqual(await read([bytes]))
})
