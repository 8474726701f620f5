import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LOG_CUT, LOG_PARTIAL, LOG_STDERR } from '../../../engine/contract/models.ts'
import { LogDemux } from '../../../engine/logs/demux.ts'
import { LINE_MAX } from '../../../engine/logs/line-buffer.ts'
import { bodyOf, collector, cutAt, frameOf } from '../../support/log-frames.ts'
import type { LogEntry, SeenLine } from '../../support/log-frames.ts'

const SECONDS = 1_790_000_000
const entry = (text: string | Uint8Array, more: Partial<LogEntry> = {}): LogEntry => ({
  stream: 'stdout',
  seconds: SECONDS,
  nanos: 5,
  text,
  ...more,
})

function read(pieces: readonly Uint8Array[], tty = false, timestamps = true, flush = true): SeenLine[] {
  const sink = collector()
  const demux = new LogDemux({ tty, timestamps }, sink)
  for (const piece of pieces) demux.write(piece)
  demux.end(flush)
  return sink.lines
}

const framed = (entries: readonly LogEntry[], style: 'docker' | 'podman' | 'bare' = 'docker') =>
  Buffer.concat(entries.map((one) => frameOf(one, style)))
const byByte = (bytes: Uint8Array) => Array.from(bytes, (byte) => Uint8Array.of(byte))

describe('frames', () => {
  it('gives lines with stream and time', () => {
    const bytes = framed([entry('one\n'), entry('two\n', { stream: 'stderr', seconds: SECONDS + 61, nanos: 123456789 })])
    for (const pieces of [[bytes], byByte(bytes)]) {
      expect(read(pieces)).toEqual([
        { text: 'one', seconds: SECONDS, nanos: 5, flags: 0 },
        { text: 'two', seconds: SECONDS + 61, nanos: 123456789, flags: LOG_STDERR },
      ])
    }
  })

  it('reads whole seconds with an offset', () => {
    expect(read([framed([entry('x\n')], 'podman')])).toEqual([{ text: 'x', seconds: SECONDS, nanos: 0, flags: 0 }])
  })

  it('keeps text that only looks like it has no time', () => {
    const lines = read([framed([entry('no stamp here\n'), entry('\n'), entry('x\n')], 'bare')])
    expect(lines.map((line) => [line.text, line.seconds])).toEqual([
      ['no stamp here', Number.NaN],
      ['', Number.NaN],
      ['x', Number.NaN],
    ])
  })

  it('joins the entries of a long line, which repeat its time', () => {
    const part = 'a'.repeat(16 * 1024)
    const bytes = framed([entry(part), entry('err\n', { stream: 'stderr', nanos: 7 }), entry(part), entry('end\n')])
    for (const pieces of [[bytes], byByte(bytes)]) {
      const lines = read(pieces)
      expect(lines.map((line) => line.text.length)).toEqual([3, part.length * 2 + 3])
      expect(lines[1]?.text.includes('2026')).toBe(false)
    }
  })

  it('ends a line that never ended when an entry of another time follows', () => {
    const lines = read([framed([entry('prompt'), entry('next life\n', { nanos: 99 })])])
    expect(lines).toEqual([
      { text: 'prompt', seconds: SECONDS, nanos: 5, flags: LOG_PARTIAL },
      { text: 'next life', seconds: SECONDS, nanos: 99, flags: 0 },
    ])
  })

  it('joins Podman entries across a change of second', () => {
    const lines = read([framed([entry('a'), entry('b\n', { seconds: SECONDS + 1 })], 'podman')])
    expect(lines.map((line) => line.text)).toEqual(['ab'])
  })

  it('gives several lines of one frame the same time', () => {
    const lines = read([framed([entry('one\ntwo\n')])])
    expect(lines.map((line) => [line.text, line.nanos])).toEqual([['one', 5], ['two', 5]])
  })

  it('cuts and marks a line over the bound, whatever the header says', () => {
    const huge = framed([entry(Buffer.alloc(LINE_MAX + 5000, 120)), entry('\n'), entry('after\n', { nanos: 6 })])
    const lines = read([huge])
    expect(lines.map((line) => [line.text.length, line.flags])).toEqual([[LINE_MAX, LOG_CUT], [5, 0]])
  })

  it('hands out an unfinished line at the end only when told to', () => {
    const bytes = framed([entry('whole\n'), entry('half')])
    expect(read([bytes], false, true, true).map((line) => line.text)).toEqual(['whole', 'half'])
    expect(read([bytes], false, true, false).map((line) => line.text)).toEqual(['whole'])
  })

  it('keeps a carriage return that a program printed itself', () => {
    expect(read([framed([entry('10%\r20%\r\n')])])[0]?.text).toBe('10%\r20%\r')
  })

  it('says when the daemon reports an error inside the stream', () => {
    const error = Buffer.concat([Buffer.from([3, 0, 0, 0, 0, 0, 0, 4]), Buffer.from('boom')])
    expect(() => read([framed([entry('x\n')]), error])).toThrowError(/reported an error/)
  })

  it('refuses a stream that falls out of step', () => {
    expect(() => read([framed([entry('x\n')]), Buffer.from('not a header')])).toThrowError(/out of step/)
  })

  it('reads a stream that never had frames as it is', () => {
    expect(read([Buffer.from('plain text\nmore\n')], false, false).map((line) => line.text)).toEqual([
      'plain text',
      'more',
    ])
  })
})

describe('terminals', () => {
  it('takes the carriage returns of line ends away', () => {
    const bytes = Buffer.concat([bodyOf(entry('one\r\n')), bodyOf(entry('\r\n')), bodyOf(entry('two\r\r\n'))])
    for (const pieces of [[bytes], byByte(bytes)]) {
      expect(read(pieces, true).map((line) => line.text)).toEqual(['one', '', 'two'])
    }
  })

  it('joins the entries of a long line', () => {
    const text = Buffer.from('0123456789'.repeat(4000))
    const parts = [text.subarray(0, 16384), text.subarray(16384, 32768), text.subarray(32768)]
    const bytes = Buffer.concat([...parts.map((part) => bodyOf(entry(part))), Buffer.from('\r\n')])
    for (const pieces of [[bytes], byByte(bytes)]) {
      expect(read(pieces, true).map((line) => line.text)).toEqual([text.toString()])
    }
  })

  it('leaves alone a line of exactly one entry', () => {
    const bytes = Buffer.concat([bodyOf(entry(`${'a'.repeat(16384)}\n`)), bodyOf(entry('next\n'))])
    for (const pieces of [[bytes], byByte(bytes)]) {
      expect(read(pieces, true).map((line) => line.text.length)).toEqual([16384, 4])
    }
  })
})

describe('any cutting of the input gives the same lines', () => {
  const text = fc.oneof(
    { weight: 4, arbitrary: fc.string({ maxLength: 60 }) },
    { weight: 1, arbitrary: fc.integer({ min: 16_000, max: 17_000 }).map((length) => 'x'.repeat(length)) },
    { weight: 1, arbitrary: fc.constant('2026-09-21T14:13:20.000000005Z looks like a stamp') },
  )
  const entries = fc.array(
    fc.record({
      stream: fc.constantFrom<LogEntry['stream']>('stdout', 'stderr'),
      seconds: fc.integer({ min: SECONDS, max: SECONDS + 3 }),
      nanos: fc.integer({ min: 0, max: 3 }),
      text: fc.tuple(text, fc.constantFrom('\n', '\n', '\n', '\r\n', '')).map(([body, end]) => body + end),
    }),
    { maxLength: 20 },
  )
  const cuts = fc.array(fc.nat(), { maxLength: 30 })
  const style = fc.constantFrom<'docker' | 'podman' | 'bare'>('docker', 'docker', 'podman', 'bare')

  it('framed', () => {
    fc.assert(
      fc.property(entries, cuts, style, fc.boolean(), (list, places, how, timestamps) => {
        const bytes = framed(list, how)
        const whole = read(byByte(bytes), false, timestamps)
        expect(read([bytes], false, timestamps)).toEqual(whole)
        expect(read(cutAt(bytes, places), false, timestamps)).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })

  it('terminal', () => {
    fc.assert(
      fc.property(entries, cuts, style, fc.boolean(), (list, places, how, timestamps) => {
        const bytes = Buffer.concat(list.map((one) => bodyOf(one, how)))
        const whole = read(byByte(bytes), true, timestamps)
        expect(read([bytes], true, timestamps)).toEqual(whole)
        expect(read(cutAt(bytes, places), true, timestamps)).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })

  it('never throws anything but its own errors on rubbish', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, tty) => {
        try {
          read([bytes], tty)
        } catch (error) {
          expect(error).toMatchObject({ name: 'NaruError' })
        }
      }),
    )
  })
})
