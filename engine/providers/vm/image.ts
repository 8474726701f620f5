/** The guest image on this machine: there, whole, and exactly what was built. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { NaruError } from '../../contract/errors.ts'

export interface GuestImage {
  readonly kernel: string
  readonly initrd: string
  readonly root: string
  readonly versions: { readonly kernel: string; readonly engine: string }
  /** SHA-256, hex, by path. */
  readonly digests: Readonly<Record<string, string>>
}

/** Files a start needs, by their names in the manifest. */
const FILES = { kernel: 'vmlinux', initrd: 'initrd.zst', root: 'rootfs.sqfs' } as const
const FORMAT = 1

const corrupt = (path: string, detail: string): NaruError =>
  new NaruError('provider.image-corrupt', `${path} is not what it should be`, { params: { path }, hint: 'vm-image-corrupt', detail })

function digestIn(files: unknown, name: string): string | null {
  if (typeof files !== 'object' || files === null) return null
  const entry: unknown = Reflect.get(files, name)
  if (typeof entry !== 'object' || entry === null || !('sha256' in entry)) return null
  return typeof entry.sha256 === 'string' && /^[0-9a-f]{64}$/.test(entry.sha256) ? entry.sha256 : null
}

/** @throws NaruError `provider.absent` when there is none, `provider.image-corrupt` when its manifest makes no sense */
export async function readImage(folder: string): Promise<GuestImage> {
  const path = join(folder, 'manifest.json')
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) {
    throw new NaruError('provider.absent', `no guest image in ${folder}`, { params: { path: folder }, hint: 'vm-image-missing' })
  }
  let manifest: Record<string, unknown>
  try {
    manifest = Object(JSON.parse(text))
  } catch (error) {
    throw corrupt(path, String(error))
  }
  if (manifest.format !== FORMAT) throw corrupt(path, `format ${String(manifest.format)}, not ${FORMAT}`)
  const named = Object.values(FILES).map((name): [string, string] => {
    const digest = digestIn(manifest.files, name)
    if (digest === null) throw corrupt(path, `no digest of ${name}`)
    return [join(folder, name), digest]
  })
  const versions = Object(manifest.versions) as Record<string, unknown>
  return {
    kernel: join(folder, FILES.kernel),
    initrd: join(folder, FILES.initrd),
    root: join(folder, FILES.root),
    versions: { kernel: String(manifest.kernel ?? ''), engine: String(versions.engine ?? '') },
    digests: Object.fromEntries(named),
  }
}

/** Reads every file and compares. About 0.1 s per 100 MB. @throws NaruError `provider.image-corrupt`, `cancelled` */
export async function verifyImage(image: GuestImage, signal: AbortSignal): Promise<void> {
  await Promise.all(
    Object.entries(image.digests).map(async ([path, wanted]) => {
      const hash = createHash('sha256')
      try {
        await pipeline(createReadStream(path), hash, { signal })
      } catch (error) {
        if (signal.aborted) throw new NaruError('cancelled', 'cancelled')
        throw corrupt(path, String(error))
      }
      const found = hash.digest('hex')
      if (found !== wanted) throw corrupt(path, `sha256 ${found}, not ${wanted}`)
    }),
  )
}

/** True when every file is there; cheap, for a look. */
export async function isImageThere(image: GuestImage): Promise<boolean> {
  const found = await Promise.all(Object.keys(image.digests).map((path) => stat(path).then(() => true, () => false)))
  return found.every(Boolean)
}
