/** The guest image on this machine: there, whole, and exactly what was built. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { NaruError } from '../../contract/errors.ts'

/** SHA-256, hex, by absolute path. */
export type Digests = Readonly<Record<string, string>>

export interface GuestImage {
  readonly kernel: string
  readonly initrd: string
  readonly root: string
  readonly versions: { readonly kernel: string; readonly engine: string }
  readonly digests: Digests
}

/** Files a start needs, by their names in the manifest. */
const FILES = { kernel: 'vmlinux', initrd: 'initrd.zst', root: 'rootfs.sqfs' } as const
const FORMAT = 1
const VERIFIED_AT_ONCE = 4

export const corruptFile = (path: string, detail: string): NaruError =>
  new NaruError('provider.image-corrupt', `${path} is not what it should be`, { params: { path }, hint: 'vm-image-corrupt', detail })

function parse(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>
  } catch {
    return {}
  }
}

/**
 * What a manifest of ours (image/build-image.mjs, qemu-bundle/build-qemu.mjs) says of the files `wanted`: `files` is
 * `{name: {size, sha256}}`. Null when it is none of this format, or one of them has no digest.
 */
export function digestsIn(text: string, folder: string, wanted: (name: string) => boolean): Digests | null {
  const { format, files } = parse(text)
  if (format !== FORMAT || typeof files !== 'object' || files === null) return null
  const named: [string, string][] = []
  for (const [name, entry] of Object.entries(files).filter(([name]) => wanted(name))) {
    const { sha256 } = Object(entry) as { sha256?: unknown }
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return null
    named.push([join(folder, name), sha256])
  }
  return Object.fromEntries(named)
}

/** @throws NaruError `provider.absent` when there is none, `provider.image-corrupt` when its manifest makes no sense */
export async function readImage(folder: string): Promise<GuestImage> {
  const path = join(folder, 'manifest.json')
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) {
    throw new NaruError('provider.absent', `no guest image in ${folder}`, { params: { path: folder }, hint: 'vm-image-missing' })
  }
  const names: readonly string[] = Object.values(FILES)
  const digests = digestsIn(text, folder, (name) => names.includes(name))
  if (!digests || Object.keys(digests).length !== names.length) throw corruptFile(path, `not a manifest of format ${FORMAT} with a digest of each file`)
  const manifest = parse(text)
  const versions = Object(manifest.versions) as Record<string, unknown>
  return {
    kernel: join(folder, FILES.kernel),
    initrd: join(folder, FILES.initrd),
    root: join(folder, FILES.root),
    versions: { kernel: String(manifest.kernel ?? ''), engine: String(versions.engine ?? '') },
    digests,
  }
}

/** Reads every file and compares. About 0.1 s per 100 MB. @throws NaruError `provider.image-corrupt`, `cancelled` */
export async function verifyFiles(digests: Digests, signal: AbortSignal): Promise<void> {
  const left = Object.entries(digests).values()
  const lane = async (): Promise<void> => {
    for (const [path, wanted] of left) await verifyFile(path, wanted, signal)
  }
  await Promise.all(Array.from({ length: VERIFIED_AT_ONCE }, lane))
}

async function verifyFile(path: string, wanted: string, signal: AbortSignal): Promise<void> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path), hash, { signal })
  } catch (error) {
    if (signal.aborted) throw new NaruError('cancelled', 'cancelled')
    throw corruptFile(path, String(error))
  }
  const found = hash.digest('hex')
  if (found !== wanted) throw corruptFile(path, `sha256 ${found}, not ${wanted}`)
}

/** True when every file is there; cheap, for a look. */
export async function areThere(digests: Digests): Promise<boolean> {
  const found = await Promise.all(Object.keys(digests).map((path) => stat(path).then(() => true, () => false)))
  return found.every(Boolean)
}
