/** The bundle's files are held against its manifest before a start runs them. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { NaruError } from '../../contract/errors.ts'
import { readJson, writeFileAtomic } from '../../system/files.ts'
import { compareFiles, digestsIn, manifestIn } from '../digests.ts'
import { bootId } from './cleanup.ts'

/** What a start runs or loads; `docker` and the CLI's plugins are for the person's own use. */
const RUNS = /^(?:bin|iptables|lib|rootless)\/(?!docker$)/

export interface BundleCheck {
  readonly bundleFolder: string
  /** Where is kept what was compared; see `Kept`. */
  readonly kept: string
  readonly signal: AbortSignal
  readonly log: (line: string) => void
}

/**
 * What was whole: digest and stamp of each file, so that a further start reads only what changed since. It holds until the
 * machine restarts; then all is read again, because a disk can lose bytes without any sign on the file.
 */
interface Kept {
  readonly boot: string
  readonly files: Readonly<Record<string, string>>
}

/** Size, times and place of a file: a write, a copy or a rename over it changes one of them. Empty when it is gone. */
async function markOf(path: string, digest: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null)
  return found ? [digest, found.size, found.mtimeNs, found.ctimeNs, found.dev, found.ino].join(':') : ''
}

async function readKept(path: string): Promise<Kept> {
  const kept = await readJson(path, (value): Kept | null => {
    const { boot, files } = Object(value) as Partial<Kept>
    return typeof boot === 'string' && typeof files === 'object' && files !== null ? { boot, files } : null
  })
  return kept ?? { boot: '', files: {} }
}

/**
 * Compares what a start runs with the manifest. A bundle of a Naru that wrote no digests is taken with a line in the log:
 * the next `npm start` makes it anew, and no installer carries one.
 * @throws NaruError `provider.image-corrupt` naming the file, `provider.absent` without a bundle, `cancelled`
 */
export async function verifyBundle({ bundleFolder, kept, signal, log }: BundleCheck): Promise<void> {
  const corrupt = (path: string, detail: string): NaruError =>
    new NaruError('provider.image-corrupt', `${path} is not what it should be`, { params: { path, folder: bundleFolder }, hint: 'bundle-corrupt', detail })
  const path = join(bundleFolder, 'manifest.json')
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) throw new NaruError('provider.absent', 'the engine bundle is missing', { hint: 'bundle-missing', params: { path: bundleFolder } })
  const manifest = manifestIn(text)
  if ('stamp' in manifest && !('format' in manifest)) return log('the engine bundle was made without digests and is not compared')
  const digests = digestsIn(text, bundleFolder, (name) => RUNS.test(name))
  if (!digests || !(join(bundleFolder, 'bin/dockerd') in digests)) throw corrupt(path, 'its manifest makes no sense')
  const [known, boot] = await Promise.all([readKept(kept), bootId()])
  // Taken before the reading: what changes meanwhile is read again next time.
  const marks = Object.fromEntries(await Promise.all(Object.entries(digests).map(async ([file, digest]) => [file, await markOf(file, digest)] as const)))
  const isKnown = (file: string): boolean => boot !== '' && known.boot === boot && marks[file] !== '' && marks[file] === known.files[file]
  const changed = Object.entries(digests).filter(([file]) => !isKnown(file))
  if (changed.length === 0) return
  await compareFiles(Object.fromEntries(changed), signal, corrupt)
  await writeFileAtomic(kept, JSON.stringify({ boot, files: marks } satisfies Kept))
}
