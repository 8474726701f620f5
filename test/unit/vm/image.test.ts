import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readImage, verifyFiles } from '../../../engine/providers/vm/image.ts'
import { cpio } from '../../../engine/providers/vm/image/cpio.mjs'
import { neededLibraries } from '../../../engine/providers/vm/image/elf.mjs'
import { tables } from '../../../engine/providers/vm/image/kernel-modules.mjs'
import { payloadOf } from '../../../engine/providers/vm/image/kernel.mjs'

describe('building the image', () => {
  it('an archive is the same bytes for the same entries, and nothing in it names this machine', () => {
    const entries = [
      { path: 'bin', kind: 'folder' },
      { path: 'bin/a', kind: 'file', content: 'hi', executable: true },
      { path: 'bin/b', kind: 'link', content: 'a' },
    ] as const
    const bytes = cpio(entries)
    expect(cpio(entries)).toEqual(bytes)
    expect(bytes.length % 4).toBe(0)
    const heads = bytes.toString('latin1').split('070701').slice(1)
    // inode, mode, owner, group, links, time, size of "bin/a"
    expect(heads[1]?.slice(0, 56)).toBe(['2', '81ed', '0', '0', '1', '0', '2'].map((each) => each.padStart(8, '0')).join(''))
    expect(heads.at(-1)).toContain('TRAILER!!!')
  })

  it('modprobe finds what a module needs behind it, the deepest last, however the needs cross', () => {
    const module = (name: string, ...depends: string[]) => ({ name, path: `kernel/${name}.ko`, depends, aliases: name === 'bridge' ? ['rtnl-link-bridge'] : [] })
    const made = tables([module('llc'), module('stp', 'llc'), module('bridge', 'llc', 'stp'), module('br_netfilter', 'bridge')])
    expect(made['modules.dep'].split('\n')).toEqual([
      'kernel/br_netfilter.ko: kernel/bridge.ko kernel/stp.ko kernel/llc.ko',
      'kernel/bridge.ko: kernel/stp.ko kernel/llc.ko',
      'kernel/llc.ko:',
      'kernel/stp.ko: kernel/llc.ko',
      '',
    ])
    expect(made['modules.alias']).toBe('alias rtnl-link-bridge bridge\n')
  })

  it('finds the kernel inside its boot image, and refuses what is none', () => {
    const image = Buffer.alloc(4096)
    image[0x1f1] = 3
    image.write('HdrS', 0x202, 'latin1')
    image.writeUInt32LE(16, 0x248)
    image.writeUInt32LE(5, 0x24c)
    image.write('hello', 4 * 512 + 16, 'latin1')
    expect(payloadOf(image).toString()).toBe('hello')
    expect(() => payloadOf(Buffer.alloc(4096))).toThrow('not a Linux kernel')
  })

  it('reads from programs which libraries they need', async () => {
    expect(neededLibraries(Buffer.from('#!/bin/sh\n'.padEnd(100)))).toEqual([])
    if (process.platform === 'linux') expect(neededLibraries(await readFile(process.execPath))).toContain('libc.so.6')
  })
})

describe('the image on this machine', () => {
  let folder = ''
  const FILES = ['vmlinux', 'initrd.zst', 'rootfs.sqfs']

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'naru-image-'))
    const files = Object.fromEntries(FILES.map((name) => [name, { size: name.length, sha256: createHash('sha256').update(name).digest('hex') }]))
    for (const name of FILES) await writeFile(join(folder, name), name)
    await writeFile(join(folder, 'manifest.json'), JSON.stringify({ format: 1, kernel: '6.1', versions: { engine: '28.5' }, files }))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const never = new AbortController().signal

  it('is taken when every byte is as it was built', async () => {
    const image = await readImage(folder)
    expect(image.versions).toEqual({ kernel: '6.1', engine: '28.5' })
    await expect(verifyFiles(image.digests, never)).resolves.toBeUndefined()
  })

  it.each(FILES)('is refused when %s changed or is gone', async (name) => {
    const image = await readImage(folder)
    await writeFile(join(folder, name), 'other')
    await expect(verifyFiles(image.digests, never)).rejects.toMatchObject({ code: 'provider.image-corrupt', hint: 'vm-image-corrupt', params: { path: join(folder, name) } })
    await rm(join(folder, name))
    await expect(verifyFiles(image.digests, never)).rejects.toMatchObject({ code: 'provider.image-corrupt' })
  })

  it('is refused when its manifest makes no sense, and absent without one', async () => {
    for (const text of ['{', '[]', '{"format":2}', '{"format":1,"files":{"vmlinux":{"sha256":"../x"}}}']) {
      await writeFile(join(folder, 'manifest.json'), text)
      await expect(readImage(folder)).rejects.toMatchObject({ code: 'provider.image-corrupt' })
    }
    await rm(join(folder, 'manifest.json'))
    await expect(readImage(folder)).rejects.toMatchObject({ code: 'provider.absent', hint: 'vm-image-missing' })
  })

  it('checking can be given up', async () => {
    await expect(verifyFiles((await readImage(folder)).digests, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
  })
})
