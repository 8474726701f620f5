/** The kernel inside a bzImage: booted as it is (PVH), it need not unpack itself, which takes seconds in emulation. */
import { execFile } from 'node:child_process'
import { isElf } from './elf.mjs'

/** Offsets of Linux' x86 boot protocol (Documentation/arch/x86/boot.rst). */
const SETUP_SECTORS = 0x1f1
const MAGIC = 0x202
const PAYLOAD_OFFSET = 0x248
const PAYLOAD_LENGTH = 0x24c

/** The compressed kernel of a bzImage. @param {Buffer} image */
export function payloadOf(image) {
  if (image.toString('latin1', MAGIC, MAGIC + 4) !== 'HdrS') throw new Error('not a Linux kernel for x86')
  const start = ((image[SETUP_SECTORS] || 4) + 1) * 512 + image.readUInt32LE(PAYLOAD_OFFSET)
  return image.subarray(start, start + image.readUInt32LE(PAYLOAD_LENGTH))
}

/** What a program makes of its input. @returns {Promise<Buffer>} */
function filtered(program, args, bytes, env) {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env, encoding: 'buffer', maxBuffer: 256 << 20, timeout: 120_000 }, (error, out) => (error ? reject(error) : resolve(out)))
    child.stdin.on('error', () => undefined)
    child.stdin.end(bytes)
  })
}

const MAGIC_XZ = 0xfd377a58
const MAGIC_ZSTD = 0x28b52ffd

/**
 * Unpacks what is packed with xz or zstd; anything else is given back as it is.
 * @param {Buffer} bytes
 * @param {{ xz: string, zstd: string, env: NodeJS.ProcessEnv }} tools paths of the programs
 * @returns {Promise<Buffer>}
 */
export async function unpacked(bytes, { xz, zstd, env }) {
  const magic = bytes.readUInt32BE(0)
  if (magic === MAGIC_XZ) return filtered(xz, ['-dc', '--single-stream'], bytes, env)
  return magic === MAGIC_ZSTD ? filtered(zstd, ['-dcq'], bytes, env) : bytes
}

/**
 * Unpacks a kernel's payload.
 * @param {Buffer} payload
 * @param {Parameters<typeof unpacked>[1]} tools
 * @returns {Promise<Buffer>} an ELF file
 */
export async function unpackKernel(payload, tools) {
  // Its own length is written behind it, which is no part of what is packed.
  const bytes = await unpacked(payload.subarray(0, -4), tools)
  if (!isElf(bytes)) throw new Error('the kernel is not an ELF file, or packed with neither xz nor zstd')
  return bytes
}
