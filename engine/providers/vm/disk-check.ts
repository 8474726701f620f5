/**
 * Whether a data disk is one of Naru's, found out without writing a byte of it. Sources: QEMU docs/interop/qcow2.txt
 * (header), Linux Documentation/filesystems/ext4/super.rst (superblock), mke2fs(8) (backup superblocks).
 */
import { open, rm } from 'node:fs/promises'
import { NaruError } from '../../contract/errors.ts'
import { runProgram } from './qemu.ts'
import type { Program } from './qemu.ts'

/** Volume name the guest gives its file system (image/guest/init.sh). */
export const DISK_LABEL = 'narudata'

const MIB = 1024 ** 2
const HEADER_BYTES = 104
const SUPERBLOCK_AT = 1024
const SUPERBLOCK_BYTES = 1024
/** The first backup lies in block 32 768, of 4 KiB each; there it begins with its block. */
const BACKUP_MIB = 128

/** What is wrong with the first bytes of an image file, in English; null when QEMU can make sense of them. Pure. */
export function headerProblem(header: Buffer): string | null {
  if (header.length < 72 || header.readUInt32BE(0) !== 0x5146_49fb) return 'not a qcow2 image'
  const version = header.readUInt32BE(4)
  if (version !== 2 && version !== 3) return `qcow2 version ${version}`
  // It could show any file of this machine to containers.
  if (header.readBigUInt64BE(8) !== 0n) return 'it has a backing file'
  const clusterBits = header.readUInt32BE(20)
  if (clusterBits < 9 || clusterBits > 21) return `clusters of 2^${clusterBits} bytes`
  if (header.readBigUInt64BE(24) === 0n) return 'a size of 0'
  if (header.readUInt32BE(32) !== 0) return 'it is encrypted'
  if (version === 2) return null
  const incompatible = header.length >= HEADER_BYTES ? header.readBigUInt64BE(72) : -1n
  if ((incompatible & 2n) !== 0n) return 'marked as corrupt'
  if ((incompatible & 4n) !== 0n) return 'its data is in another file'
  return null
}

type Superblock = 'ours' | 'foreign' | 'none'

/** Whose file system begins with this superblock. */
function superblock(bytes: Buffer): Superblock {
  if (bytes.length < SUPERBLOCK_BYTES || bytes.readUInt16LE(56) !== 0xef53) return 'none'
  return bytes.toString('latin1', 120, 136).replace(/\0.*$/, '') === DISK_LABEL ? 'ours' : 'foreign'
}

/** `empty`: never used. `damaged`: ours, but only by its backup. */
export type DiskContent = 'empty' | 'ours' | 'damaged' | 'foreign'

/**
 * What a disk holds. Pure.
 * @param first its first MiB
 * @param backup the 1024 bytes where the first backup superblock would be
 */
export function diskContent(first: Buffer, backup: Buffer): DiskContent {
  const main = superblock(first.subarray(SUPERBLOCK_AT, SUPERBLOCK_AT + SUPERBLOCK_BYTES))
  if (main !== 'none') return main
  if (first.every((byte) => byte === 0)) return 'empty'
  return superblock(backup) === 'ours' ? 'damaged' : 'foreign'
}

async function readHeader(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

export interface DiskCheckOptions {
  /** qemu-img. */
  readonly img: Program
  /** A file of its own in a private folder; gone afterwards. */
  readonly scratch: string
  readonly signal: AbortSignal
}

/** One MiB of what the guest would see, from `at` MiB on; empty behind the disk's end. */
async function readMib(path: string, at: number, { img, scratch, signal }: DiskCheckOptions): Promise<Buffer> {
  await rm(scratch, { force: true })
  try {
    // Unlike dd's, its count begins at the disk's start.
    await runProgram(img, ['dd', '-U', '-f', 'qcow2', '-O', 'raw', 'bs=1M', `count=${at + 1}`, `skip=${at}`, `if=${path}`, `of=${scratch}`], { signal, timeoutMs: 30_000 })
    const file = await open(scratch, 'r')
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MIB), 0, MIB, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } finally {
    await rm(scratch, { force: true })
  }
}

/**
 * Refuses a disk that is not Naru's or cannot be read. About 0.1 s.
 * @param repair the person agreed that a damaged one may be changed
 * @throws NaruError `provider.boot-failed` {path} with hint `vm-disk-broken`, `vm-disk-foreign` or `vm-disk-check`; `cancelled`
 */
export async function checkDataDisk(path: string, repair: boolean, options: DiskCheckOptions): Promise<void> {
  const refused = `the data disk ${path} was refused`
  const broken = (detail: string): NaruError => new NaruError('provider.boot-failed', refused, { hint: 'vm-disk-broken', params: { path }, detail })
  const problem = headerProblem(await readHeader(path))
  if (problem !== null) throw broken(problem)
  const read = async (at: number): Promise<Buffer> => {
    try {
      return await readMib(path, at, options)
    } catch (error) {
      if (options.signal.aborted) throw error
      throw broken(error instanceof NaruError ? (error.detail ?? error.message) : String(error))
    }
  }
  const first = await read(0)
  const content = diskContent(first, superblock(first.subarray(SUPERBLOCK_AT)) === 'none' ? await read(BACKUP_MIB) : first)
  if (content === 'foreign') throw new NaruError('provider.boot-failed', refused, { hint: 'vm-disk-foreign', params: { path }, detail: 'its first MiB is neither empty nor a file system of Naru' })
  if (content === 'damaged' && !repair) throw new NaruError('provider.boot-failed', refused, { hint: 'vm-disk-check', params: { path }, detail: 'its superblock is damaged; a backup of it is there' })
}
