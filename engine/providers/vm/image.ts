/** The guest image on this machine: there, whole, and exactly what was built. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NaruError } from '../../contract/errors.ts'
import { compareFiles, digestsIn, manifestIn, MANIFEST_FORMAT } from '../digests.ts'
import type { Digests } from '../digests.ts'

export interface GuestImage {
  readonly kernel: string
  readonly initrd: string
  readonly root: string
  readonly versions: { readonly kernel: string; readonly engine: string }
  readonly digests: Digests
}

/** Files a start needs, by their names in the manifest. */
const FILES = { kernel: 'vmlinux', initrd: 'initrd.zst', root: 'rootfs.sqfs' } as const

export const corruptFile = (path: string, detail: string): NaruError =>
  new NaruError('provider.image-corrupt', `${path} is not what it should be`, { params: { path }, hint: 'vm-image-corrupt', detail })

/** @throws NaruError `provider.absent` when there is none, `provider.image-corrupt` when its manifest makes no sense */
export async function readImage(folder: string): Promise<GuestImage> {
  const path = join(folder, 'manifest.json')
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) {
    throw new NaruError('provider.absent', `no guest image in ${folder}`, { params: { path: folder }, hint: 'vm-image-missing' })
  }
  const names: readonly string[] = Object.values(FILES)
  const digests = digestsIn(text, folder, (name) => names.includes(name))
  if (!digests || Object.keys(digests).length !== names.length) throw corruptFile(path, `not a manifest of format ${MANIFEST_FORMAT} with a digest of each file`)
  const manifest = manifestIn(text)
  const versions = Object(manifest.versions) as Record<string, unknown>
  return {
    kernel: join(folder, FILES.kernel),
    initrd: join(folder, FILES.initrd),
    root: join(folder, FILES.root),
    versions: { kernel: String(manifest.kernel ?? ''), engine: String(versions.engine ?? '') },
    digests,
  }
}

/** Reads every file and compares. @throws NaruError `provider.image-corrupt`, `cancelled` */
export const verifyFiles = (digests: Digests, signal: AbortSignal): Promise<void> => compareFiles(digests, signal, corruptFile)
