/** Programs of a few instructions, as static ELF files: what a compiler would be needed for otherwise. */

const MACHINE = { x64: 62, arm64: 183 } as const
type Arch = keyof typeof MACHINE
const ARCH: Arch = process.arch === 'arm64' ? 'arm64' : 'x64'
const OTHER: Arch = ARCH === 'x64' ? 'arm64' : 'x64'

const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, at) => bytes.writeUInt32LE(value >>> 0, at * 4))
  return bytes
}

/** What each program does, in the machine's own words. */
const CODE: Readonly<Record<'segfault' | 'illegal', Readonly<Record<Arch, Buffer>>>> = {
  // mov [0], eax · str x0, [xzr's value]: movz x0, 0; str x0, [x0]
  segfault: { x64: Buffer.from([0x31, 0xc0, 0x89, 0x00]), arm64: words(0xd2800000, 0xf9000000) },
  // ud2 · udf #0
  illegal: { x64: Buffer.from([0x0f, 0x0b]), arm64: words(0) },
}

const BASE = 0x400000
const HEAD = 64 + 56

function elf(arch: Arch, code: Buffer): Buffer {
  const bytes = Buffer.alloc(HEAD + code.length)
  bytes.write('\x7fELF', 'latin1')
  bytes.set([2, 1, 1], 4)
  bytes.writeUInt16LE(2, 16)
  bytes.writeUInt16LE(MACHINE[arch], 18)
  bytes.writeUInt32LE(1, 20)
  bytes.writeBigUInt64LE(BigInt(BASE + HEAD), 24)
  bytes.writeBigUInt64LE(64n, 32)
  bytes.writeUInt16LE(64, 52)
  bytes.writeUInt16LE(56, 54)
  bytes.writeUInt16LE(1, 56)
  bytes.writeUInt32LE(1, 64)
  bytes.writeUInt32LE(5, 68)
  bytes.writeBigUInt64LE(BigInt(BASE), 80)
  bytes.writeBigUInt64LE(BigInt(BASE), 88)
  bytes.writeBigUInt64LE(BigInt(bytes.length), 96)
  bytes.writeBigUInt64LE(BigInt(bytes.length), 104)
  bytes.writeBigUInt64LE(0x1000n, 112)
  code.copy(bytes, HEAD)
  return bytes
}

/** Runs into the fault at once, as the first process too (where signals sent by others would be ignored). */
export const faulty = (fault: keyof typeof CODE): Buffer => elf(ARCH, CODE[fault][ARCH])

/**
 * Starts a thread that waits and ends the first one alone: a process that shows as a zombie and still runs. Only amd64.
 * clone(VM|FS|FILES|SIGHAND|THREAD); who was started: pause() for ever; who started it: exit(0).
 */
const HEADLESS = Buffer.from([
  0xb8, 56, 0, 0, 0, 0xbf, 0, 0x0f, 1, 0, 0x31, 0xf6, 0x31, 0xd2, 0x45, 0x31, 0xd2, 0x45, 0x31, 0xc0, 0x0f, 0x05,
  0x85, 0xc0, 0x74, 9, 0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05,
  0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7,
])
/** Null where there is no such program for this machine. */
export const headless = (): Buffer | null => (process.arch === 'x64' ? elf('x64', HEADLESS) : null)

/** A program for another kind of processor. */
export const foreignProgram = (): Buffer => elf(OTHER, CODE.segfault[OTHER])
