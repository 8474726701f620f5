import { describe, expect, it } from 'vitest'
import { withOrderedWrites } from '../../../engine/providers/vm/image/ordered-writes.mjs'

const NAMES = ['main.main', 'syscall.Fdatasync', 'syscall.Fsync', 'syscall.Write']
/** Code begins behind what the linker puts first. */
const AT = { text: 0x1000, first: 0x1040, table: 0x2000, module: 0x3000, strings: 0x4000, sections: 0x5000, size: 0x6000 }
const ADDRESS = 0x400000
const FUNCTION = 0x40
const call = (number: number): Buffer => Buffer.from([0xb8, number & 0xff, number >> 8, 0, 0, 0xe8, 1, 2, 3, 4])

/** A program of Go as far as it is looked at: its sections, its table of functions, its module. */
function program(calls: readonly (readonly number[])[] = [[74], [75], [74], [1]]): Buffer {
  const bytes = Buffer.alloc(AT.size)
  const word = (at: number, value: number): unknown => bytes.writeBigUInt64LE(BigInt(value), at)
  bytes.write('\x7fELF\x02\x01\x01', 'latin1')
  word(0x28, AT.sections)
  bytes.writeUInt16LE(64, 0x3a)
  const sections = [['.text', AT.text, 0x1000], ['.gopclntab', AT.table, 0x1000], ['.go.module', AT.module, 0x200], ['.shstrtab', AT.strings, 0x100]] as const
  bytes.writeUInt16LE(sections.length, 0x3c)
  bytes.writeUInt16LE(sections.length - 1, 0x3e)
  let name = 1
  sections.forEach(([text, at, size], index) => {
    const head = AT.sections + index * 64
    bytes.writeUInt32LE(name, head)
    name += bytes.write(text, AT.strings + name) + 1
    for (const [offset, value] of [[16, ADDRESS + at], [24, at], [32, size]] as const) word(head + offset, value)
  })
  bytes.writeUInt32LE(0xfffffff1, AT.table)
  for (const [index, value] of [[0, NAMES.length], [3, 0x48], [7, 0x200]] as const) word(AT.table + 8 + index * 8, value)
  let at = 0
  NAMES.forEach((text, index) => {
    const entry = AT.table + 0x200 + index * 8
    bytes.writeUInt32LE(index * FUNCTION, entry)
    bytes.writeUInt32LE(0x100 + index * 8, entry + 4)
    bytes.writeInt32LE(at, AT.table + 0x300 + index * 8 + 4)
    at += bytes.write(text, AT.table + 0x48 + at) + 1
    calls[index]?.forEach((number, turn) => call(number).copy(bytes, AT.first + index * FUNCTION + 8 + turn * 16))
  })
  bytes.writeUInt32LE(NAMES.length * FUNCTION, AT.table + 0x200 + NAMES.length * 8)
  const [first, last] = [ADDRESS + AT.first, ADDRESS + AT.first + NAMES.length * FUNCTION]
  for (const [index, value] of [[5, ADDRESS + AT.table], [20, first], [21, last], [22, first], [23, last]] as const) word(AT.module + index * 8, value)
  return bytes
}

describe('a program whose writes are ordered', () => {
  it('asks for everything where it asked for one file, and nowhere else', () => {
    const changed = withOrderedWrites(program())
    expect(changed).toEqual(program([[74], [306], [306], [1]]))
  })

  it('is refused when it is not as expected', () => {
    expect(() => withOrderedWrites(Buffer.from('#!/bin/sh\n'.padEnd(100)))).toThrow('not a program')
    expect(() => withOrderedWrites(program([[74], [75], [1], [1]]))).toThrow('syscall.Fsync is not the one system call')
    expect(() => withOrderedWrites(program([[74], [75, 75], [74], [1]]))).toThrow('syscall.Fdatasync is not the one system call')
    const other = program()
    other.writeUInt32LE(0xfffffff0, AT.table)
    expect(() => withOrderedWrites(other)).toThrow('not a table of functions')
    const without = program()
    without.fill(0, AT.module, AT.module + 0x200)
    expect(() => withOrderedWrites(without)).toThrow('no module of Go')
  })
})
