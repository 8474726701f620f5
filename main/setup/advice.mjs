/** What set-up suggests to who is not root. Naru works without it. */
import { accessSync, constants, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensurePackages, findProgram, isRoot } from './apt.mjs'

/** Where distributions put an engine's socket. */
const SOCKETS = ['/var/run/docker.sock']

function mayUse(path) {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

/**
 * What an engine without root lacks, said once per state folder, and only where no other engine is at hand.
 * @param {string} state folder that is there
 * @param {{ find?: typeof findProgram, ensure?: typeof ensurePackages, sockets?: string[] }} [means] for tests
 * @returns {Promise<string | undefined>} a sentence with the command
 */
export async function adviseWithoutRoot(state, { find = findProgram, ensure = ensurePackages, sockets = SOCKETS } = {}) {
  if (isRoot() || process.platform !== 'linux' || sockets.some(mayUse)) return undefined
  if (find('newuidmap') && find('newgidmap')) return undefined
  const note = join(state, '.uidmap-suggested')
  if (existsSync(note)) return undefined
  const sentence = await ensure(['uidmap'], 'an engine that needs no root')
  if (!sentence) return undefined
  writeFileSync(note, '')
  return `${sentence}\nUntil then Naru uses its virtual machine.`
}
