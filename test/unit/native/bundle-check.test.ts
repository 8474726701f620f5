/** The embedded engine's files before a start; `test/real/native.test.ts` does it with the real ones. */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verifyBundle } from '../../../engine/providers/native/bundle-check.ts'

const FILES = ['bin/dockerd', 'bin/docker', 'lib/libseccomp.so.2', 'iptables/xtables-nft-multi', 'rootless/rootlesskit', 'cli-plugins/docker-buildx']
const RUN = FILES.filter((name) => name !== 'bin/docker' && !name.startsWith('cli-plugins/'))
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

let folder = ''
let bundleFolder = ''
let kept = ''
const lines: string[] = []
const verify = (signal = new AbortController().signal): Promise<void> => verifyBundle({ bundleFolder, kept, signal, log: (line) => lines.push(line) })
const at = (name: string): string => join(bundleFolder, name)
const manifest = (value: unknown): Promise<void> => writeFile(at('manifest.json'), JSON.stringify(value))
const refused = (name: string): object => ({ code: 'provider.image-corrupt', hint: 'bundle-corrupt', params: { path: at(name), folder: bundleFolder } })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-bundle-'))
  bundleFolder = join(folder, 'engine')
  kept = join(folder, 'state/compared.json')
  lines.length = 0
  for (const name of FILES) {
    await mkdir(dirname(at(name)), { recursive: true })
    await writeFile(at(name), name)
  }
  await symlink('xtables-nft-multi', at('iptables/iptables'))
  const files = Object.fromEntries([...FILES.map((name) => [name, name]), ['iptables/iptables', 'iptables/xtables-nft-multi']].map(([name = '', text = '']) => [name, { size: text.length, sha256: sha256(text) }]))
  await manifest({ format: 1, stamp: 'x', versions: {}, files })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the embedded engine’s files', () => {
  it('are taken when every byte is as it was built', async () => {
    await verify()
    expect(lines).toEqual([])
  })

  it.each(RUN)('are refused when one byte of %s changed, or it is gone', async (name) => {
    await writeFile(at(name), name.replace(/.$/, '!'))
    await expect(verify()).rejects.toMatchObject(refused(name))
    await rm(at(name))
    await expect(verify()).rejects.toMatchObject({ code: 'provider.image-corrupt' })
  })

  it('are refused when a link among them leads elsewhere', async () => {
    await rm(at('iptables/iptables'))
    await symlink('../bin/dockerd', at('iptables/iptables'))
    await expect(verify()).rejects.toMatchObject(refused('iptables/iptables'))
  })

  it('are seen to have changed after they were found whole, by a write, a rename over them, and with their old time', async () => {
    await verify()
    const { atime, mtime } = await stat(at('bin/dockerd'))
    await writeFile(at('bin/dockerd'), 'bin/dockerX')
    await utimes(at('bin/dockerd'), atime, mtime)
    await expect(verify()).rejects.toMatchObject(refused('bin/dockerd'))
    await writeFile(at('new'), 'bin/dockerX')
    await utimes(at('new'), atime, mtime)
    await rename(at('new'), at('bin/dockerd'))
    await expect(verify()).rejects.toMatchObject(refused('bin/dockerd'))
    await writeFile(at('bin/dockerd'), 'bin/dockerd')
    await verify()
  })

  it('are read once for each start of the machine, and again when what was kept says nothing', async () => {
    await verify()
    const first = await readFile(kept, 'utf8')
    const inode = (await stat(kept)).ino
    await verify()
    // A file that is written is a new one: nothing was compared, so nothing was kept.
    expect((await stat(kept)).ino).toBe(inode)
    expect((await stat(kept)).mode & 0o777).toBe(0o600)
    for (const text of [first.replace(/"boot":"[^"]*"/, '"boot":"another"'), '{', '{"boot":1}', '[]']) {
      await writeFile(kept, text)
      await verify()
      expect(await readFile(kept, 'utf8')).toBe(first)
    }
  })

  it('are compared with the digests of now: a manifest that asks for other bytes is not met by what was kept', async () => {
    await verify()
    const value = JSON.parse(await readFile(at('manifest.json'), 'utf8')) as { files: Record<string, { sha256: string }> }
    await manifest({ ...value, files: { ...value.files, 'bin/dockerd': { size: 11, sha256: sha256('another') } } })
    await expect(verify()).rejects.toMatchObject(refused('bin/dockerd'))
  })

  it('are refused with a manifest that makes no sense, absent without one, and taken with a line from a Naru that wrote no digests', async () => {
    for (const value of [[], {}, { format: 2, stamp: 'x' }, { format: 1, files: {} }, { format: 1, files: { 'bin/dockerd': 11 } }]) {
      await manifest(value)
      await expect(verify()).rejects.toMatchObject(refused('manifest.json'))
    }
    await manifest({ stamp: 'x', versions: {}, files: { 'bin/dockerd': 11 } })
    await verify()
    expect(lines).toEqual(['the engine bundle was made without digests and is not compared'])
    await rm(at('manifest.json'))
    await expect(verify()).rejects.toMatchObject({ code: 'provider.absent', hint: 'bundle-missing' })
  })

  it('are no longer compared when the start is given up', async () => {
    await expect(verify(AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
  })
})
