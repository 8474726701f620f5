/** The link: what a page sends that was taken over. Bytes, frames, arguments. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { METHOD_RULES, STREAM_RULES } from '../../engine/contract/contract.ts'
import { METHOD_ARGS, OPERATION_ARGS, problemOf, STREAM_ARGS } from '../../engine/contract/validate.ts'
import { decodeFrame, encodeFrame } from '../../engine/link/codec.ts'
import { memoryPair } from '../../engine/link/memory.ts'
import { serveLink } from '../../engine/link/server.ts'
import { FRAME } from '../../engine/link/transport.ts'
import type { Frame } from '../../engine/link/transport.ts'
import { fuzz } from '../support/fuzz/budget.ts'
import { nearAnswer, nearBytes } from '../support/fuzz/inputs.ts'
import { orRefused } from '../support/fuzz/refusals.ts'
import { stubMethods, stubStreams } from '../support/stub-handlers.ts'

const name = fc.constantFrom<keyof typeof METHOD_RULES | keyof typeof STREAM_RULES | string>(...Object.keys(METHOD_ARGS), ...Object.keys(STREAM_ARGS), '__proto__', 'constructor', '')
const id = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer(), fc.double())
const any = nearAnswer({ engineId: 'x', id: 'a', spec: { image: 'b', ports: [], env: [{ name: 'A', value: 'b' }] }, bytes: [1, 2], path: '/a', filter: { text: 'x' } })
const frame = fc.oneof(
  fc.tuple(fc.constantFrom(FRAME.call, FRAME.open), id, name, any),
  fc.tuple(fc.constantFrom(FRAME.credit), id, id),
  fc.tuple(fc.constantFrom(FRAME.end, FRAME.cancel), id),
  fc.tuple(fc.constantFrom(FRAME.ok, FRAME.items, FRAME.error), id, any),
  fc.array(fc.anything(), { maxLength: 5 }),
)
const good = fc.tuple(fc.constantFrom(FRAME.call, FRAME.open), fc.integer({ min: 1, max: 99 }), name, any, fc.uint8Array({ maxLength: 64 })).map(([kind, number, what, arg, bytes]) => encodeFrame([kind, number, what, { arg, bytes, none: undefined, nan: Number.NaN }] as unknown as Frame))

fuzz('frames as bytes', nearBytes(good), async (bytes) => {
  const read = await orRefused(() => decodeFrame(bytes))
  // What was taken can be sent on.
  if (read) await orRefused(() => decodeFrame(encodeFrame(read)))
})

fuzz('frames in any order', fc.array(frame, { maxLength: 20 }), async (frames) => {
  const [page, room] = memoryPair()
  const answers: Frame[] = []
  let closed = false
  page.onMessage((answer) => void answers.push(answer))
  page.onClose(() => (closed = true))
  const server = serveLink(room, { methods: stubMethods(), streams: stubStreams(), peerId: 'p' })
  for (const one of frames) await orRefused(() => page.send(one as unknown as Frame))
  // Two turns of the pipe's timer: there and back.
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
  server.close()
  for (const answer of answers) expect(Object.values(FRAME)).toContain(answer[0])
  expect(closed || answers.length <= frames.length * 2).toBe(true)
})

const SCHEMAS = [...Object.entries(METHOD_ARGS), ...Object.entries(STREAM_ARGS), ...Object.entries(OPERATION_ARGS)]

fuzz('arguments', fc.tuple(fc.constantFrom(...SCHEMAS), fc.oneof(any, fc.anything({ withBigInt: true, withMap: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true, withDate: true }))), ([[, schema], arg]) => {
  const problem = problemOf(schema, arg)
  expect(problem === null || (typeof problem === 'string' && problem.length < 2_000), String(problem).slice(0, 200)).toBe(true)
})
