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

/**
 * Unpacks a payload. `xz`: its program, which stops at the end of the stream (the payload's own length follows it).
 * @param {Buffer} payload
 * @param {string} xz
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Buffer>} an ELF file
 */
export async function unpackKernel(payload, xz, env) {
  if (payload.readUInt32BE(0) !== 0xfd377a58) throw new Error('the kernel is not packed with xz')
  const bytes = await new Promise((resolve, reject) => {
    const child = execFile(xz, ['-dc', '--single-stream'], { env, encoding: 'buffer', maxBuffer: 256 << 20, timeout: 120_000 }, (error, out) => (error ? reject(error) : resolve(out)))
    child.stdin.on('error', () => undefined)
    child.stdin.end(payload)
  })
  if (!isElf(bytes)) throw new Error('the kernel is not an ELF file')
  return bytes
}
