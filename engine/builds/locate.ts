/** Where a build's files are: the folder, its Dockerfile (inside or outside), and the ignore file in effect. */
import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { NaruError } from '../contract/errors.ts'
import { contextError } from './context-walk.ts'
import { createIgnore } from './dockerignore.ts'
import type { Ignore } from './dockerignore.ts'

/** Largest Dockerfile or ignore file, bytes; docker's own limit for a Dockerfile is 2 MiB. */
const MAX_BYTES = 2 * 1024 * 1024

export interface BuildFiles {
  /** Absolute, links resolved. */
  readonly folder: string
  readonly dockerfile: {
    /** Relative to the folder with slashes; absent when it lies outside. */
    readonly path?: string
    readonly absolute: string
    readonly text: string
  }
  readonly ignoreFile: string | null
  readonly ignoreText: string
  readonly ignore: Ignore
}

/** @throws NaruError `not-found` or `denied` {path}, `invalid-request` when it is no folder */
export async function openFolder(path: string): Promise<string> {
  if (!isAbsolute(path)) throw new NaruError('invalid-request', 'the folder needs an absolute path', { params: { path }, hint: 'build.no-folder' })
  try {
    const folder = await realpath(path)
    if ((await stat(folder)).isDirectory()) return folder
  } catch (error) {
    const failure = contextError(error, path)
    throw failure.code === 'not-found' ? noFolder(failure, path) : failure
  }
  throw new NaruError('invalid-request', `${path} is no folder`, { params: { path }, hint: 'build.no-folder' })
}

/** It is the folder itself that is missing, not something of the context. */
const noFolder = (cause: NaruError, path: string): NaruError =>
  new NaruError('not-found', `${path} is not there`, { params: { path, name: path }, hint: 'build.no-folder', cause })

/**
 * @param dockerfile relative to the folder or absolute; `Dockerfile` when absent
 * @throws NaruError `not-found` {path} (hint `build.no-dockerfile`), `denied` {path}, what createIgnore throws
 */
export async function locate(wanted: { readonly folder: string; readonly dockerfile?: string }): Promise<BuildFiles> {
  const folder = await openFolder(wanted.folder)
  const named = resolve(folder, wanted.dockerfile || 'Dockerfile')
  const text = await readText(named).catch((error: unknown) => {
    throw error instanceof NaruError && error.code === 'not-found'
      ? new NaruError('not-found', `${named} is not there`, { params: { path: named, name: named }, hint: 'build.no-dockerfile' })
      : error
  })
  const path = await inside(folder, named)
  const { file, text: ignoreText } = await readIgnore(folder, named, path)
  return {
    folder,
    dockerfile: { absolute: named, text, ...(path !== undefined && { path }) },
    ignoreFile: file,
    ignoreText,
    ignore: createIgnore(ignoreText),
  }
}

/** Path below the folder; undefined for a file outside, also for a link that leads there. */
async function inside(folder: string, file: string): Promise<string | undefined> {
  const target = relative(folder, await realpath(file))
  if (target === '..' || target.startsWith(`..${sep}`) || isAbsolute(target)) return undefined
  const named = relative(folder, file)
  const path = named === '..' || named.startsWith(`..${sep}`) ? target : named
  return path.split(sep).join('/')
}

/** `<Dockerfile>.dockerignore` beside the Dockerfile wins over the folder's `.dockerignore`. */
async function readIgnore(folder: string, dockerfile: string, path: string | undefined): Promise<{ file: string | null; text: string }> {
  const own = `${dockerfile}.dockerignore`
  const text = await readText(own).catch(missing)
  if (text !== null) return { file: path === undefined ? own : `${path}.dockerignore`, text }
  const common = await readText(join(folder, '.dockerignore')).catch(missing)
  return common === null ? { file: null, text: '' } : { file: '.dockerignore', text: common }
}

function missing(error: unknown): null {
  if (error instanceof NaruError && error.code === 'not-found') return null
  throw error
}

/** @throws NaruError `not-found`, `denied`, `invalid-request` for one that is no file or too large */
export async function readText(path: string): Promise<string> {
  try {
    const found = await stat(path)
    // A pipe would keep the reader waiting for ever, a device may never end.
    if (!found.isFile()) throw new NaruError('invalid-request', `${path} is no ordinary file`, { params: { path, name: path }, hint: 'path-not-file' })
    const { size } = found
    if (size > MAX_BYTES) throw new NaruError('invalid-request', `${path} is larger than ${MAX_BYTES} bytes`, { params: { path }, hint: 'build.context' })
    return await readFile(path, 'utf8')
  } catch (error) {
    throw contextError(error, path)
  }
}

/** Name for the image of a folder: what docker allows, from the folder's name. */
export function suggestTag(folder: string): string {
  const name = basename(folder)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '')
    .replace(/([._-])[._-]+/g, '$1')
  return `${name || 'image'}:latest`
}
