/** Engines that see only some of the machine's folders: a folder they do not see would be silently empty. */
import { posix } from 'node:path'
import { NaruError } from '../contract/errors.ts'
import type { RunSpec } from '../contract/models.ts'

/** True when `path` is `folder` or below it; `..` is resolved, links are not. */
export function isBelow(folder: string, path: string): boolean {
  const base = posix.normalize(folder).replace(/\/+$/, '')
  const asked = posix.normalize(path).replace(/\/+$/, '')
  return base === '' || asked === base || asked.startsWith(`${base}/`)
}

/** Of the machine the containers run on, whichever that is: the engine's socket, and what its kernel shows. */
const OF_THE_ENGINE = ['/var/run/docker.sock', '/run/docker.sock', '/dev', '/proc', '/sys']

export const isOfTheEngine = (path: string): boolean => OF_THE_ENGINE.some((own) => isBelow(own, path))

/** `shared`: folders the engine sees at their own path. */
export const isSeen = (path: string, shared: readonly string[]): boolean =>
  isOfTheEngine(path) || shared.some((folder) => isBelow(folder, path))

function hostPaths({ volumes, mounts = [] }: RunSpec): readonly { readonly field: 'volumes' | 'mounts'; readonly path: string }[] {
  const ofVolumes = volumes.map(({ source }) => ({ field: 'volumes' as const, path: source }))
  const ofMounts = mounts.map(({ type, source = '' }) => ({ field: 'mounts' as const, path: type === 'bind' ? source : '' }))
  return [...ofVolumes, ...ofMounts].filter(({ path }) => path.startsWith('/'))
}

/**
 * `shared`: folders the engine sees at their own path; undefined = it sees the machine's own.
 * @throws NaruError `invalid-request` {field, path, folders}
 */
export function refuseUnshared(spec: RunSpec, shared: readonly string[] | undefined): void {
  if (!shared) return
  const outside = hostPaths(spec).find(({ path }) => !isSeen(path, shared))
  if (!outside) return
  const params = { field: outside.field, path: outside.path, folders: shared }
  throw new NaruError('invalid-request', `${outside.path} is not shared with the virtual machine`, { params, hint: 'folder-not-shared' })
}
