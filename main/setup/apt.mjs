/** Debian packages a step needs: installed when that is allowed, otherwise named in one sentence. */
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run, step } from './run.mjs'

/** Where programs lie; a desktop session's PATH often lacks the sbin ones. */
const FOLDERS = [...new Set([...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin', '/bin'])]

/** Path of a program, or undefined. @param {string} name */
export function findProgram(name) {
  return FOLDERS.filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

export const isRoot = () => process.getuid?.() === 0

/** Names of those packages that are not installed. @param {string[]} names */
async function missing(names) {
  if (!findProgram('dpkg-query')) return names
  const listed = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n'])
  const installed = new Set(
    listed.split('\n').flatMap((line) => (line.endsWith(' installed') ? [line.split(' ')[0]] : [])),
  )
  return names.filter((name) => !installed.has(name))
}

const INSTALL = ['install', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300']

/**
 * Installs packages that are not there yet.
 * @param {string[]} names
 * @param {string} purpose ends the sentence "… is needed for"
 * @returns {Promise<string | undefined>} a sentence with the command that fixes it, when something stays missing
 */
export async function ensurePackages(names, purpose) {
  const wanted = await missing(names)
  if (wanted.length === 0) return undefined
  const list = wanted.join(' ')
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version') || !findProgram('apt-get')) {
    return `For ${purpose}, install what Debian calls: ${list}`
  }
  const sentence = `For ${purpose}, run: sudo apt-get install ${list}`
  if (!isRoot()) return sentence
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return step(`installing ${list}`, async () => {
    try {
      // Lists may be missing or name versions the mirror no longer has.
      await run('apt-get', ['update', '-q', '-o', 'DPkg::Lock::Timeout=300'], { env }).catch(() => undefined)
      await run('apt-get', [...INSTALL, ...wanted], { env })
      return undefined
    } catch (error) {
      return `${sentence}\n${error.message}`
    }
  })
}
