import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DATAGRAM_MAX, DatagramReader, encodeDatagram } from '../../../engine/providers/vm/datagrams.ts'

function read(pieces: readonly Buffer[]): string[] {
  const came: string[] = []
  const reader = new DatagramReader((datagram) => came.push(datagram.toString('hex')))
  for (const piece of pieces) reader.push(piece)
  return came
}

describe('datagrams in a byte stream', () => {
  it('are a length and the bytes', () => {
    expect(encodeDatagram(Buffer.from('abc'))).toEqual(Buffer.from([3, 0, 97, 98, 99]))
    expect(() => encodeDatagram(Buffer.alloc(DATAGRAM_MAX + 1))).toThrow(RangeError)
    expect(read([encodeDatagram(Buffer.alloc(DATAGRAM_MAX, 1))])).toEqual(['01'.repeat(DATAGRAM_MAX)])
  })

  it('come out as they went in, whatever the pieces; half of one waits', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), fc.array(fc.nat()), fc.boolean(), (datagrams, places, cut) => {
        const whole = Buffer.concat(datagrams.map(encodeDatagram))
        const bytes = cut ? Buffer.concat([whole, encodeDatagram(Buffer.from('more')).subarray(0, 5)]) : whole
        const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
        expect(read(pieces)).toEqual(datagrams.map((each) => Buffer.from(each).toString('hex')))
      }),
    )
  })
})
