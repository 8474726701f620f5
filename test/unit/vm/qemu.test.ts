/** Which QEMU is taken: Naru's own when it is there and whole, else this machine's. */
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verifyFiles } from '../../../engine/providers/vm/image.ts'
import { findQemu } from '../../../engine/providers/vm/qemu.ts'

const HOST = { platform: 'linux', arch: 'x64' } as const
const FILES = ['lib/ld-linux-x86-64.so.2', 'bin/qemu-system-x86_64', 'bin/qemu-img', 'share/pvh.bin', 'licenses/qemu.copyright']
const signal = new AbortController().signal
let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'naru-qemu-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

const at = (name: string): string => join(folder, name)

async function place(name: string, mode = 0o755): Promise<string> {
  await mkdir(dirname(at(name)), { recursive: true })
  await writeFile(at(name), name)
  await chmod(at(name), mode)
  return at(name)
}

/** A bundle as build-qemu.mjs lays one out. */
async function bundle(change: (manifest: { format: number; files: Record<string, unknown> }) => void = () => undefined): Promise<string> {
  for (const name of FILES) await place(`bundle/${name}`)
  const manifest = { format: 1, files: Object.fromEntries(FILES.map((name) => [name, { size: 1, sha256: createHash('sha256').update(`bundle/${name}`).digest('hex') }])) }
  change(manifest)
  await writeFile(at('bundle/manifest.json'), JSON.stringify(manifest))
  return at('bundle')
}

/** Both programs of a QEMU of this machine. */
async function machines(): Promise<{ path: string; folders: readonly string[] }> {
  for (const name of ['qemu-system-x86_64', 'qemu-img']) await place(`machine/${name}`)
  return { path: at('machine'), folders: [] }
}

describe('the QEMU that is taken', () => {
  it('is Naru’s own, whatever else there is, called through the loader beside it', async () => {
    const own = await findQemu(HOST, { bundle: await bundle(), ...(await machines()) })
    const loader = ['--inhibit-cache', '--library-path', at('bundle/lib')]
    expect(own).toMatchObject({
      origin: 'bundled',
      emulator: { file: at('bundle/lib/ld-linux-x86-64.so.2'), args: [...loader, at('bundle/bin/qemu-system-x86_64'), '-L', at('bundle/share')] },
      img: { file: at('bundle/lib/ld-linux-x86-64.so.2'), args: [...loader, at('bundle/bin/qemu-img')] },
    })
  })

  it('is this machine’s where the other is not there, lost a file, or is not for this machine', async () => {
    const found = await machines()
    const mine = { origin: 'machine', emulator: { file: at('machine/qemu-system-x86_64'), args: [] }, img: { file: at('machine/qemu-img'), args: [] }, digests: {} }
    expect(await findQemu(HOST, { bundle: at('nothing'), ...found })).toEqual(mine)
    expect(await findQemu(HOST, found)).toEqual(mine)
    const broken = await bundle()
    await rm(join(broken, 'share/pvh.bin'))
    expect(await findQemu(HOST, { bundle: broken, ...found })).toEqual(mine)
    await place('machine/qemu-system-aarch64')
    expect(await findQemu({ platform: 'linux', arch: 'arm64' }, { bundle: await bundle(), ...found })).toMatchObject({ origin: 'machine' })
  })

  it('is not one without qemu-img, nor a file that is no program', async () => {
    await place('machine/qemu-system-x86_64')
    await place('machine/qemu-img', 0o644)
    await expect(findQemu(HOST, { path: at('machine'), folders: [] })).rejects.toMatchObject({ hint: 'vm-qemu-missing', params: { program: 'qemu-img', command: expect.stringContaining('apt-get') } })
  })

  it.each([
    ['another format', (manifest: { format: number }) => void (manifest.format = 2)],
    ['a file without a digest', (manifest: { files: Record<string, unknown> }) => void (manifest.files['lib/ld-linux-x86-64.so.2'] = { size: 1 })],
    ['no emulator', (manifest: { files: Record<string, unknown> }) => void delete manifest.files['bin/qemu-system-x86_64']],
  ])('is refused by its name with a manifest of %s', async (_what, change) => {
    await expect(findQemu(HOST, { bundle: await bundle(change) })).rejects.toMatchObject({ code: 'provider.image-corrupt', hint: 'vm-image-corrupt', params: { path: at('bundle/manifest.json') } })
  })

  it('is compared byte for byte before a start, but for what is not run', async () => {
    const { digests } = await findQemu(HOST, { bundle: await bundle() })
    expect(Object.keys(digests)).toEqual(FILES.slice(0, 4).map((name) => at(`bundle/${name}`)))
    await verifyFiles(digests, signal)
    await writeFile(at('bundle/share/pvh.bin'), 'something else')
    await expect(verifyFiles(digests, signal)).rejects.toMatchObject({ code: 'provider.image-corrupt', params: { path: at('bundle/share/pvh.bin') } })
  })
})
