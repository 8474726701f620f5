import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import { readMessages } from '../../../engine/docker/ndjson.ts'

async function* chunksOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    if (cut <= at || cut >= bytes.length) continue
    yield bytes.subarray(at, cut)
    at = cut
  }
  yield bytes.subarray(at)
}

async function all(source: AsyncIterable<unknown>): Promise<unknown[]> {
  const messages: unknown[] = []
  for await (const message of source) messages.push(message)
  return messages
}

describe('readMessages', () => {
  it('gives the same messages however the bytes are cut', async () => {
    const message = fc.record({ id: fc.string({ unit: 'grapheme' }), value: fc.integer() })
    const separator = fc.constantFrom('\n', '\r\n', '\n\n')
    await fc.assert(
      fc.asyncProperty(fc.array(message), separator, fc.boolean(), fc.array(fc.nat(2_000)), async (messages, end, last, cuts) => {
        const text = messages.map((one) => JSON.stringify(one)).join(end) + (last ? end : '')
        expect(await all(readMessages(chunksOf(Buffer.from(text), cuts)))).toEqual(messages)
      }),
      { numRuns: 200 },
    )
  })

  it('refuses a line that is not JSON', async () => {
    await expect(all(readMessages(chunksOf(Buffer.from('{"a":1}\n<html>\n'), [])))).rejects.toMatchObject({
      code: 'engine.not-an-engine',
      detail: '<html>',
    })
  })

  it('refuses an endless line at its bound, before it ends', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield new Uint8Array(1_024).fill(65)
    }
    await expect(all(readMessages(endless(), 100_000))).rejects.toBeInstanceOf(NaruError)
  })

  it('reads no further than it is asked', async () => {
    let taken = 0
    async function* source(): AsyncGenerator<Uint8Array> {
      for (;;) {
        taken++
        yield Buffer.from('{}\n')
      }
    }
    const messages = readMessages(source())
    await messages.next()
    await messages.next()
    expect(taken).toBe(2)
  })
})
