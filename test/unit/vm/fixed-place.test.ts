import { describe, expect, it } from 'vitest'
import { atFixedPlace } from '../../../engine/providers/vm/image/fixed-place.mjs'

const BASE = 0x400000
const RELATIVE = 8
const JUMP_SLOT = 7
const COUNT = 5_000
/** Places in the file are addresses as well: one segment of everything. */
const AT = { segments: 64, dynamic: 0x200, symbols: 0x300, relocations: 0x400, words: 0x400 + (COUNT + 1) * 24, sections: 0x400 + (COUNT + 1) * 24 + (COUNT + 1) * 8 }
const SIZE = AT.sections + 2 * 64

/** A position-independent program as linkers lay it out, with relocations of these types. */
function program(types: readonly number[] = [...Array<number>(COUNT).fill(RELATIVE), JUMP_SLOT], relative = COUNT): Buffer {
  const bytes = Buffer.alloc(SIZE)
  const word = (at: number, value: number): unknown => bytes.writeBigUInt64LE(BigInt(value), at)
  bytes.write('\x7fELF\x02\x01\x01', 'latin1')
  bytes.writeUInt16LE(3, 0x10)
  word(0x18, 0x1234)
  word(0x20, AT.segments)
  word(0x28, AT.sections)
  bytes.writeUInt16LE(56, 0x36)
  bytes.writeUInt16LE(3, 0x38)
  bytes.writeUInt16LE(64, 0x3a)
  bytes.writeUInt16LE(2, 0x3c)
  const segments = [[1, 0, SIZE], [2, AT.dynamic, 0x100], [0x6474e551, 0, 0]] as const
  segments.forEach(([type, place, size], index) => {
    const head = AT.segments + index * 56
    bytes.writeUInt32LE(type, head)
    for (const [offset, value] of [[8, place], [16, place], [24, place], [32, size]] as const) word(head + offset, value)
  })
  const table = [[6, AT.symbols], [7, AT.relocations], [8, types.length * 24], [0x6ffffff9, relative], [0x6ffffffb, 0x08000001], [0, 0]] as const
  table.forEach(([tag, value], index) => {
    word(AT.dynamic + index * 16, tag)
    word(AT.dynamic + index * 16 + 8, value)
  })
  // One symbol of its own, one of somebody else's.
  for (const [index, section] of [[1, 5], [2, 0]] as const) {
    bytes.writeUInt16LE(section, AT.symbols + index * 24 + 6)
    word(AT.symbols + index * 24 + 8, 0x77)
  }
  types.forEach((type, index) => {
    const at = AT.relocations + index * 24
    word(at, AT.words + index * 8)
    word(at + 8, type)
    word(at + 16, 0x1000 + index)
    word(AT.words + index * 8, 0x55)
  })
  bytes.writeUInt32LE(11, AT.sections + 64 + 4)
  word(AT.sections + 64 + 8, 2)
  word(AT.sections + 64 + 16, AT.symbols)
  word(AT.sections + 64 + 32, 3 * 24)
  return bytes
}

const wordAt = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at))

describe('a program at a fixed place', () => {
  it('has every address written that the loader would write, and the loader left with what only it knows', () => {
    const before = program()
    const bytes = atFixedPlace(before)
    expect(before).toEqual(program())
    expect(bytes.readUInt16LE(0x10)).toBe(2)
    expect(wordAt(bytes, 0x18)).toBe(BASE + 0x1234)
    for (let index = 0; index < COUNT; index++) expect(wordAt(bytes, AT.words + index * 8)).toBe(BASE + 0x1000 + index)
    const value = (index: number): number => wordAt(bytes, AT.dynamic + index * 16 + 8)
    expect([value(0), value(1), value(2), value(3), value(4)]).toEqual([BASE + AT.symbols, BASE + AT.relocations + COUNT * 24, 24, 0, 1])
    // The slot of a function of a library still leads to its stub, and its relocation to the slot.
    expect(wordAt(bytes, AT.words + COUNT * 8)).toBe(BASE + 0x55)
    expect(wordAt(bytes, AT.relocations + COUNT * 24)).toBe(BASE + AT.words + COUNT * 8)
    expect([wordAt(bytes, AT.symbols + 24 + 8), wordAt(bytes, AT.symbols + 48 + 8)]).toEqual([BASE + 0x77, 0x77])
    expect([0, 1, 2].map((index) => wordAt(bytes, AT.segments + index * 56 + 16))).toEqual([BASE, BASE + AT.dynamic, 0])
    expect(wordAt(bytes, AT.sections + 64 + 16)).toBe(BASE + AT.symbols)
  })

  it('leaves alone what is no such program', () => {
    for (const bytes of [Buffer.from('#!/bin/sh\n'.padEnd(100)), atFixedPlace(program()), program(undefined, 12)]) expect(atFixedPlace(bytes)).toBe(bytes)
  })

  it('refuses a program with relocations it does not know', () => {
    expect(() => atFixedPlace(program([...Array<number>(COUNT).fill(RELATIVE), 37]))).toThrow('a relocation of type 37')
    expect(() => atFixedPlace(program([JUMP_SLOT, ...Array<number>(COUNT).fill(RELATIVE)]))).toThrow('not first')
  })
})
