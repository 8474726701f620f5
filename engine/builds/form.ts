/** What a form shows of a folder before it is built. */
import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildForm, BuildSpec, DockerfileFacts } from '../contract/models.ts'
import { walkContext } from './context-walk.ts'
import { parseDockerfile } from './dockerfile.ts'
import { createIgnore } from './dockerignore.ts'
import type { Ignore } from './dockerignore.ts'
import { locate, openFolder, suggestTag } from './locate.ts'
import type { BuildFiles } from './locate.ts'

/** `Dockerfile`, `Containerfile`, `Dockerfile.prod`, `api.Dockerfile`. */
const DOCKERFILE = /^(?:(?:docker|container)file(?:\.(?!dockerignore$|bak$|swp$)[\w.-]+)?|[\w.-]+\.(?:docker|container)file)$/i
const MAX_FOUND = 50
/** Entries looked at while Dockerfiles are searched. */
const MAX_LOOKED = 5_000
/** The context is counted for at most this long, milliseconds. */
const COUNT_MS = 3_000
const MAX_TEXT = 256 * 1024
const MAX_UNREADABLE = 20
const MAX_LARGEST = 8

export function isDockerfileName(name: string): boolean {
  return DOCKERFILE.test(name) && !name.endsWith('.dockerignore')
}

/** @throws NaruError `not-found`, `denied` {path}; `invalid-request` for an ignore file docker refuses */
export async function readForm(
  wanted: { readonly folder: string; readonly dockerfile?: string },
  last: (folder: string) => Promise<BuildSpec | undefined>,
  signal: AbortSignal,
): Promise<BuildForm> {
  const folder = await openFolder(wanted.folder)
  const dockerfiles = await findDockerfiles(folder, signal)
  const before = await last(folder)
  const chosen = wanted.dockerfile ?? chooseFrom(dockerfiles.map(({ path }) => path), before?.dockerfile)
  const files = chosen === null ? null : await locate({ folder, dockerfile: chosen })
  const context = await countContext(folder, files, signal)
  return {
    folder,
    dockerfiles,
    dockerfile: chosen,
    facts: files && factsOf(files.dockerfile.text),
    ...(files && { text: files.dockerfile.text.slice(0, MAX_TEXT) }),
    ignore: { file: files?.ignoreFile ?? null, patterns: files?.ignore.size ?? 0 },
    context,
    suggestedTag: before?.tags[0] ?? suggestTag(folder),
    ...(before && { last: before }),
  }
}

function factsOf(text: string): DockerfileFacts {
  const { instructions: _all, ...facts } = parseDockerfile(text)
  return facts
}

/** The one built last, else docker's own name, else the first. */
function chooseFrom(paths: readonly string[], before: string | undefined): string | null {
  if (before !== undefined && paths.includes(before)) return before
  return ['Dockerfile', 'Containerfile'].find((name) => paths.includes(name)) ?? paths[0] ?? null
}

async function findDockerfiles(folder: string, signal: AbortSignal): Promise<BuildForm['dockerfiles']> {
  const found: { path: string; bytes: number }[] = []
  let looked = 0
  const look = async (below: string, deeper: boolean): Promise<void> => {
    const folders: string[] = []
    const entries = await opendir(join(folder, below)).catch(() => null)
    if (!entries) return
    for await (const entry of entries) {
      signal.throwIfAborted()
      if ((looked += 1) > MAX_LOOKED || found.length >= MAX_FOUND) break
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) folders.push(path)
      else if (isDockerfileName(entry.name)) found.push({ path, bytes: (await stat(join(folder, path)).catch(() => null))?.size ?? 0 })
    }
    if (deeper) for (const one of folders.filter((path) => !/(?:^|\/)(?:node_modules|\.git)$/.test(path)).sort()) await look(one, false)
  }
  await look('', true)
  const depth = (path: string): number => path.split('/').length
  return found.sort((a, b) => depth(a.path) - depth(b.path) || (a.path < b.path ? -1 : 1))
}

async function countContext(folder: string, files: BuildFiles | null, signal: AbortSignal): Promise<BuildForm['context']> {
  const ignore: Ignore = files?.ignore ?? createIgnore('')
  const keep = new Set(files?.dockerfile.path === undefined ? [] : [files.dockerfile.path])
  const weights = new Map<string, number>()
  const unreadable: string[] = []
  const counts = { files: 0, bytes: 0, ignored: 0 }
  let complete = true
  const until = performance.now() + COUNT_MS
  const notes = {
    onIgnored: () => (counts.ignored += 1),
    onUnreadable: (path: string) => unreadable.length < MAX_UNREADABLE && unreadable.push(path),
  }
  for await (const { path, kind, stats } of walkContext({ folder, ignore, keep, signal }, notes)) {
    if (kind === 'file') {
      counts.files += 1
      counts.bytes += stats.size
      const [top = path] = path.split('/')
      weights.set(top, (weights.get(top) ?? 0) + stats.size)
    }
    if (performance.now() <= until) continue
    complete = false
    break
  }
  const largest = [...weights].sort((a, b) => b[1] - a[1]).slice(0, MAX_LARGEST).map(([path, bytes]) => ({ path, bytes }))
  return { ...counts, complete, largest, unreadable }
}
