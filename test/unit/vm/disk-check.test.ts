/** Disks that are not Naru's, or no longer: refused, and not a byte of them changed. */
import { existsSync } from 'node:fs'
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkDataDisk, diskContent, headerProblem } from '../../../engine/providers/vm/disk-check.ts'
import { findQemu, runProgram } from '../../../engine/providers/vm/qemu.ts'
import { exec } from '../../../engine/system/exec.ts'
import { VM_QEMU } from '../../support/vm.ts'

/** This machine's, or the one that was made for the tests. */
const IMG = await findQemu({ platform: 'linux', arch: 'x64' }, { bundle: VM_QEMU }).then(({ img }) => img, () => null)
const MKFS = ['/usr/sbin/mke2fs', '/sbin/mke2fs'].find((path) => existsSync(path))
const signal = new AbortController().signal

/** The smallest header of version 3 that QEMU would take. */
function header(change: (bytes: Buffer) => void = () => undefined): Buffer {
  const bytes = Buffer.alloc(104)
  bytes.writeUInt32BE(0x5146_49fb, 0)
  bytes.writeUInt32BE(3, 4)
  bytes.writeUInt32BE(16, 20)
  bytes.writeBigUInt64BE(64n * 1024n ** 3n, 24)
  change(bytes)
  return bytes
}

/** A superblock of ext4 with this name at `at`. */
function named(bytes: Buffer, label: string, at = 1024): Buffer {
  bytes.writeUInt16LE(0xef53, at + 56)
  bytes.write(label, at + 120, 'latin1')
  return bytes
}

describe('the header of a disk', () => {
  it('is taken as QEMU makes it', () => expect(headerProblem(header())).toBeNull())

  it.each([
    ['nothing at all', Buffer.alloc(0), 'not a qcow2 image'],
    ['a raw disk', Buffer.alloc(104, 'x'), 'not a qcow2 image'],
    ['a version from the future', header((b) => b.writeUInt32BE(9, 4)), 'qcow2 version 9'],
    ['a backing file, which shows files of this machine', header((b) => b.writeBigUInt64BE(200n, 8)), 'it has a backing file'],
    ['impossible clusters', header((b) => b.writeUInt32BE(60, 20)), 'clusters of 2^60 bytes'],
    ['no size', header((b) => b.writeBigUInt64BE(0n, 24)), 'a size of 0'],
    ['encryption', header((b) => b.writeUInt32BE(2, 32)), 'it is encrypted'],
    ['QEMU’s own mark of damage', header((b) => b.writeBigUInt64BE(2n, 72)), 'marked as corrupt'],
    ['data somewhere else', header((b) => b.writeBigUInt64BE(4n, 72)), 'its data is in another file'],
  ])('%s is named', (_what, bytes, problem) => expect(headerProblem(bytes)).toBe(problem))
})

describe('what a disk holds', () => {
  const mib = (): Buffer => Buffer.alloc(1024 ** 2)
  const none = Buffer.alloc(1024)
  it.each([
    ['nothing', mib(), none, 'empty'],
    ['our file system', named(mib(), 'narudata'), none, 'ours'],
    ['somebody’s ext4', named(mib(), 'home'), none, 'foreign'],
    ['ext4 without a name', named(mib(), ''), none, 'foreign'],
    ['anything else', mib().fill('x', 5_000, 5_001), none, 'foreign'],
    ['our file system without its first superblock', mib().fill('x', 5_000, 5_001), named(Buffer.alloc(1024), 'narudata', 0), 'damaged'],
    ['something over somebody’s file system', mib().fill('x', 5_000, 5_001), named(Buffer.alloc(1024), 'home', 0), 'foreign'],
  ])('%s', (_what, first, backup, content) => expect(diskContent(first, backup)).toBe(content))
})

const missing = IMG ? (MKFS ? null : 'no mke2fs') : 'no qemu-img'
if (missing) console.log(`skipped: disks are not made here (${missing})`)

describe.skipIf(missing !== null)('a disk that is looked at before a start', () => {
  let folder = ''
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'naru-disk-'))))
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const at = (name: string): string => join(folder, name)
  const img = (args: readonly string[]) => runProgram(IMG ?? expect.fail('no qemu-img'), args, {})
  const check = async (path: string, repair = false): Promise<unknown> => {
    const before = await readFile(path)
    const { mtimeMs } = await stat(path)
    const outcome = await checkDataDisk(path, repair, { img: IMG ?? expect.fail('no qemu-img'), scratch: at('scratch'), signal }).then(() => 'taken', (error: { code: string; hint: string }) => `${error.code} ${error.hint}`)
    expect(Buffer.compare(await readFile(path), before)).toBe(0)
    expect((await stat(path)).mtimeMs).toBe(mtimeMs)
    expect(existsSync(at('scratch'))).toBe(false)
    return outcome
  }
  const asQcow = async (raw: string): Promise<string> => {
    await img(['convert', '-f', 'raw', '-O', 'qcow2', raw, at('data.qcow2')])
    return at('data.qcow2')
  }
  /** A file system made as the guest makes its own. */
  const filesystem = async (label: string, change?: { readonly offset: number; readonly bytes: Buffer }): Promise<string> => {
    await writeFile(at('fs.raw'), '')
    const file = await open(at('fs.raw'), 'r+')
    await file.truncate(160 * 1024 ** 2)
    await exec(MKFS ?? '', ['-q', '-F', '-t', 'ext4', '-b', '4096', '-L', label, '-E', 'lazy_itable_init=1,lazy_journal_init=1', at('fs.raw')])
    if (change) await file.write(change.bytes, 0, change.bytes.length, change.offset)
    await file.close()
    return asQcow(at('fs.raw'))
  }

  it('fresh or Naru’s own is taken', async () => {
    await img(['create', '-q', '-f', 'qcow2', at('new.qcow2'), '64G'])
    expect(await check(at('new.qcow2'))).toBe('taken')
    expect(await check(await filesystem('narudata'))).toBe('taken')
  })

  it('of somebody else is refused untouched, repair or not', async () => {
    const disk = await filesystem('backup')
    expect(await check(disk)).toBe('provider.boot-failed vm-disk-foreign')
    expect(await check(disk, true)).toBe('provider.boot-failed vm-disk-foreign')
  })

  it('of random bytes, raw, or with a broken header is refused untouched', async () => {
    await writeFile(at('raw'), Buffer.alloc(2 << 20, 'somebody else'))
    expect(await check(at('raw'))).toBe('provider.boot-failed vm-disk-broken')
    const disk = await asQcow(at('raw'))
    expect(await check(disk)).toBe('provider.boot-failed vm-disk-foreign')
    const file = await open(disk, 'r+')
    // Where the table of its clusters lies.
    await file.write(Buffer.alloc(8, 0xfe), 0, 8, 40)
    await file.close()
    expect(await check(disk)).toBe('provider.boot-failed vm-disk-broken')
  })

  it('whose superblock is gone is left alone until repair was agreed to', async () => {
    const disk = await filesystem('narudata', { offset: 1024, bytes: Buffer.alloc(1024, 0xcd) })
    expect(await check(disk)).toBe('provider.boot-failed vm-disk-check')
    expect(await check(disk, true)).toBe('taken')
  })
})
