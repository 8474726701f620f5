/**
 * Has a Go program write down everything where it asks for one file: its fsync and fdatasync become syncfs. The engine
 * syncs what it notes (names, layers, the cache of builds) and never the files that the notes are about; after a power cut
 * an image would be listed whose files are empty (docs/adr/0025). Sources: Go's runtime/symtab.go and runtime/pcln (the
 * function table and the module's data), arch/x86/entry/syscalls/syscall_64.tbl.
 */
import { isElf, sections } from './elf.mjs'

/** Of the table since Go 1.20, little endian; the module's data have a section of their own since Go 1.26. */
const MAGIC = 0xfffffff1
const CALL = { fsync: 74, fdatasync: 75, syncfs: 306 }
/** Functions of Go's own that make one system call, and the call's number. */
const FUNCTIONS = { 'syscall.Fsync': CALL.fsync, 'syscall.Fdatasync': CALL.fdatasync }

/** `mov $number, %eax`, how Go gives the number of a system call. */
function loads(number) {
  const bytes = Buffer.from([0xb8, 0, 0, 0, 0])
  bytes.writeUInt32LE(number, 1)
  return bytes
}

/**
 * Address of the first function: the module's data hold first and last address of its functions, and then of its code, which
 * begin alike.
 */
function firstFunction(bytes, { data, text }) {
  const word = (index) => bytes.readBigUInt64LE(data.offset + index * 8)
  const inText = (address) => address >= text.address && address <= text.address + BigInt(text.size)
  for (let index = 0; index + 3 < data.size / 8; index++) {
    if (word(index) === word(index + 2) && word(index) < word(index + 1) && [0, 1, 3].every((more) => inText(word(index + more)))) return word(index)
  }
  throw new Error('no module of Go')
}

/** Name → [from, to) in the file. @param {Buffer} bytes */
function functionsOf(bytes, names) {
  const all = sections(bytes)
  const [table, text, data] = ['.gopclntab', '.text', '.go.module'].map((wanted) => all.find(({ name }) => name === wanted))
  if (!table || !text || !data || bytes.readUInt32LE(table.offset) !== MAGIC) throw new Error('not a table of functions that is known')
  const field = (index) => Number(bytes.readBigUInt64LE(table.offset + 8 + index * 8))
  const [count, namesAt, functionsAt] = [field(0), table.offset + field(3), table.offset + field(7)]
  const start = Number(firstFunction(bytes, { data, text }) - text.address) + text.offset
  const found = new Map()
  for (let index = 0; index < count; index++) {
    const at = functionsAt + index * 8
    const nameAt = namesAt + bytes.readInt32LE(functionsAt + bytes.readUInt32LE(at + 4) + 4)
    const name = bytes.toString('latin1', nameAt, bytes.indexOf(0, nameAt))
    if (names.includes(name)) found.set(name, [start + bytes.readUInt32LE(at), start + bytes.readUInt32LE(at + 8)])
  }
  return found
}

/**
 * The program with its syncs changed (in place).
 * @param {Buffer} program at a fixed place (its addresses written)
 * @throws Error when it is not as expected: better no image than one that loses files
 */
export function withOrderedWrites(program) {
  if (!isElf(program)) throw new Error('not a program')
  const functions = functionsOf(program, Object.keys(FUNCTIONS))
  for (const [name, number] of Object.entries(FUNCTIONS)) {
    const [from = 0, to = 0] = functions.get(name) ?? []
    const body = program.subarray(from, to)
    const at = body.indexOf(loads(number))
    if (at < 0 || body.indexOf(loads(number), at + 1) >= 0) throw new Error(`${name} is not the one system call it was`)
    loads(CALL.syncfs).copy(body, at)
  }
  return program
}
