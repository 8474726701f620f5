/** Hostile input: bytes near valid ones, texts of a language's own pieces, answers whose members have any type. */
import fc from 'fast-check'

/** Changes that break a format where it hurts: a byte, a cut, a repetition, numbers at their edges. */
type Change = readonly [kind: 'set' | 'cut' | 'insert' | 'repeat' | 'drop', at: number, byte: number]

const change: fc.Arbitrary<Change> = fc.tuple(
  fc.constantFrom('set', 'cut', 'insert', 'repeat', 'drop'),
  fc.nat(),
  fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 0x7f, 0x80, 0xff, 0x0a, 0x0d, 0x20, 0x30, 0x39)),
)

function apply(bytes: Buffer, [kind, place, byte]: Change): Buffer {
  const at = bytes.length === 0 ? 0 : place % bytes.length
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  switch (kind) {
    case 'set':
      return Buffer.concat([before, Buffer.of(byte), after.subarray(1)])
    case 'cut':
      return Buffer.from(before)
    case 'insert':
      return Buffer.concat([before, Buffer.of(byte, byte, byte, byte).subarray(0, 1 + (byte % 4)), after])
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, 1 + byte), after])
    case 'drop':
      return Buffer.concat([before, after.subarray(1 + byte)])
  }
}

/** Valid bytes with up to eight changes, or bytes of no kind at all. */
export const nearBytes = (valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Buffer> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.tuple(valid, fc.array(change, { maxLength: 8 })).map(([bytes, changes]) => changes.reduce(apply, Buffer.from(bytes))) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4_096 }).map((bytes) => Buffer.from(bytes)) },
  )

/** Names every object has: a table that is asked for one of them must not answer. */
const INHERITED = ['constructor', '__proto__', 'valueOf', 'toString', 'hasOwnProperty'] as const

/** Where a stream may be cut. */
export const cuts = fc.array(fc.nat(), { maxLength: 12 })

/** Text of the given pieces, any characters between them, and long repetitions of one of them. */
export const textOf = (...pieces: readonly string[]): fc.Arbitrary<string> => {
  const piece = fc.constantFrom(...pieces)
  const any = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('\0', '\n', '\r\n', ' ', '\t', '가', '\u202e', '\ufeff', '👩‍👩‍👧', '\ud800', ...INHERITED))
  const long = fc.tuple(fc.oneof(piece, any), fc.integer({ min: 100, max: 4_000 })).map(([text, times]) => text.repeat(times).slice(0, 30_000))
  return fc.array(fc.oneof({ weight: 40, arbitrary: piece }, { weight: 20, arbitrary: any }, { weight: 1, arbitrary: long }), { maxLength: 30 }).map((all) => all.join(''))
}

const strange = fc.oneof(
  fc.constantFrom<unknown>(...INHERITED),
  fc.constantFrom<unknown>(null, '', 0, -1, 1e308, 2 ** 53, true, false, [], {}, [null], '\u202e', 'x'.repeat(5_000), { length: 1e9 }),
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.jsonValue({ maxDepth: 2 }),
)

/**
 * A good answer in which up to six members, at any depth, were replaced by something else or taken away: what a daemon of
 * another version, a broken proxy or a hostile registry might send. Only what JSON can hold.
 */
export const nearAnswer = (good: unknown): fc.Arbitrary<unknown> =>
  fc.array(fc.tuple(fc.nat(), fc.option(strange, { nil: undefined })), { maxLength: 6 }).map((changes) => changes.reduce<unknown>(replaceOne, structuredClone(good)))

function replaceOne(root: unknown, [place, value]: readonly [number, unknown]): unknown {
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = []
  const walk = (holder: unknown): void => {
    if (holder === null || typeof holder !== 'object') return
    for (const key of Object.keys(holder)) {
      places.push({ holder: holder as Record<string, unknown>, key })
      walk((holder as Record<string, unknown>)[key])
    }
  }
  walk(root)
  const found = places[place % (places.length + 1)]
  // A copy: the value may get members of its own by the next change.
  if (!found) return value === undefined ? root : structuredClone(value)
  if (value === undefined) delete found.holder[found.key]
  else found.holder[found.key] = structuredClone(value)
  return root
}
