/**
 * Moves a position-independent program to one fixed address, with everything in it that names an address already written.
 * A Go program of 80 MB holds a third of a million such places; the loader would write all of them at every start, which is
 * half of the engine's start in emulation. Source of the formats: ELF-64 and the AMD64 psABI (relocation types).
 */
import { isElf } from './elf.mjs'

/** Where fixed programs of this architecture usually lie. */
const BASE = 0x400000n
const EXEC = 2
const DYN = 3
const SEGMENT = { load: 1, dynamic: 2, stack: 0x6474e551 }
const SECTION = { allocated: 2n, dynamicSymbols: 11 }
const RELATIVE = 8n
const JUMP_SLOT = 7n
const GLOB_DAT = 6n
const RELA_SIZE = 24
const SYMBOL_SIZE = 24
/** Entries of the dynamic table that hold an address. */
const ADDRESSES = new Set([3n, 4n, 5n, 6n, 7n, 12n, 13n, 23n, 25n, 26n, 32n, 0x6ffffef5n, 0x6ffffff0n, 0x6ffffffcn, 0x6ffffffen])
const TAG = { pltRelSize: 2n, symbols: 6n, rela: 7n, relaSize: 8n, jmpRel: 23n, flags1: 0x6ffffffbn, relaCount: 0x6ffffff9n }
const PIE = 0x08000000n
/** Fewer are not worth it. */
const WORTH = 5_000

/** @param {Buffer} bytes */
function segmentsOf(bytes) {
  const [at, size, count] = [Number(bytes.readBigUInt64LE(0x20)), bytes.readUInt16LE(0x36), bytes.readUInt16LE(0x38)]
  return Array.from({ length: count }, (_, index) => {
    const head = at + index * size
    return { head, type: bytes.readUInt32LE(head), offset: bytes.readBigUInt64LE(head + 8), address: bytes.readBigUInt64LE(head + 16), size: bytes.readBigUInt64LE(head + 32) }
  })
}

/** Tag → place of its value. @param {Buffer} bytes */
function dynamicOf(bytes, segments) {
  const table = segments.find(({ type }) => type === SEGMENT.dynamic)
  const places = new Map()
  if (!table) return places
  for (let at = Number(table.offset); at < Number(table.offset + table.size); at += 16) {
    const tag = bytes.readBigUInt64LE(at)
    if (tag === 0n) break
    places.set(tag, at + 8)
  }
  return places
}

const addTo = (bytes, at) => bytes.writeBigUInt64LE(bytes.readBigUInt64LE(at) + BASE, at)

/** Writes what the loader would, and leaves those relocations out that are done. */
function relocate(bytes, { segments, value, dynamic }) {
  const placeOf = (address) => {
    const found = segments.find((each) => each.type === SEGMENT.load && address >= each.address && address < each.address + each.size)
    if (!found) throw new Error(`no place in the file for address ${address.toString(16)}`)
    return Number(address - found.address + found.offset)
  }
  const count = value(TAG.relaCount)
  const first = placeOf(value(TAG.rela))
  const done = first + Number(count) * RELA_SIZE
  for (let at = first; at < done; at += RELA_SIZE) {
    if ((bytes.readBigUInt64LE(at + 8) & 0xffffffffn) !== RELATIVE) throw new Error('relative relocations are not first')
    bytes.writeBigInt64LE(bytes.readBigInt64LE(at + 16) + BASE, placeOf(bytes.readBigUInt64LE(at)))
  }
  bytes.fill(0, first, done)
  const tables = [[done, first + Number(value(TAG.relaSize))]]
  if (dynamic.has(TAG.jmpRel)) tables.push([placeOf(value(TAG.jmpRel)), placeOf(value(TAG.jmpRel)) + Number(value(TAG.pltRelSize))])
  for (const [from, to] of tables) {
    for (let at = from; at < to; at += RELA_SIZE) {
      const kind = bytes.readBigUInt64LE(at + 8) & 0xffffffffn
      if (kind !== JUMP_SLOT && kind !== GLOB_DAT) throw new Error(`a relocation of type ${kind}`)
      // Until it is bound, a slot leads back to its own stub.
      if (kind === JUMP_SLOT) addTo(bytes, placeOf(bytes.readBigUInt64LE(at)))
      addTo(bytes, at)
    }
  }
  return { count, symbolsAt: placeOf(value(TAG.symbols)) }
}

/** Symbols the program itself defines have addresses, too. */
function moveSymbols(bytes, from, count) {
  for (let index = 1; index < count; index++) {
    const at = from + index * SYMBOL_SIZE
    const section = bytes.readUInt16LE(at + 6)
    if (section !== 0 && section < 0xff00) addTo(bytes, at + 8)
  }
}

/** Moves the sections that are loaded; gives the number of dynamic symbols, which only their section tells. */
function moveSections(bytes) {
  const [at, size, count] = [Number(bytes.readBigUInt64LE(0x28)), bytes.readUInt16LE(0x3a), bytes.readUInt16LE(0x3c)]
  let symbols = 0
  for (let head = at; head < at + count * size; head += size) {
    if ((bytes.readBigUInt64LE(head + 8) & SECTION.allocated) !== 0n) addTo(bytes, head + 16)
    if (bytes.readUInt32LE(head + 4) === SECTION.dynamicSymbols) symbols = Number(bytes.readBigUInt64LE(head + 32)) / SYMBOL_SIZE
  }
  return symbols
}

/**
 * The program at a fixed address; the very same bytes for what is not position-independent or has few relocations.
 * @param {Buffer} program
 * @throws Error for relocations it does not know: better no image than a broken one
 */
export function atFixedPlace(program) {
  if (!isElf(program) || program.readUInt16LE(0x10) !== DYN) return program
  const dynamic = dynamicOf(program, segmentsOf(program))
  const value = (tag) => (dynamic.has(tag) ? program.readBigUInt64LE(dynamic.get(tag)) : 0n)
  if (value(TAG.relaCount) < WORTH || (value(TAG.flags1) & PIE) === 0n) return program
  const bytes = Buffer.from(program)
  const segments = segmentsOf(bytes)
  const { symbolsAt, count } = relocate(bytes, { segments, value, dynamic })
  moveSymbols(bytes, symbolsAt, moveSections(bytes))
  for (const [tag, at] of dynamic) if (ADDRESSES.has(tag)) addTo(bytes, at)
  const set = (tag, to) => bytes.writeBigUInt64LE(to, dynamic.get(tag))
  const done = count * BigInt(RELA_SIZE)
  set(TAG.rela, value(TAG.rela) + BASE + done)
  set(TAG.relaSize, value(TAG.relaSize) - done)
  set(TAG.relaCount, 0n)
  set(TAG.flags1, value(TAG.flags1) & ~PIE)
  for (const { head, type } of segments) {
    if (type === SEGMENT.stack) continue // The stack has no address.
    addTo(bytes, head + 16)
    addTo(bytes, head + 24)
  }
  addTo(bytes, 0x18)
  bytes.writeUInt16LE(EXEC, 0x10)
  return bytes
}
