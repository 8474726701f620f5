/** Clearing away what builds left that were killed. Not part of the recipe: it changes nothing in a bundle. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const isDead = (pid) => stat(`/proc/${pid}`).then(() => false, (error) => error.code === 'ENOENT')

/**
 * Removes the entries of `folder` called `prefix` and the number of a process that no longer runs.
 * @param {string} folder need not exist
 * @param {string} prefix
 * @returns {Promise<string[]>} names that were removed
 */
export async function sweep(folder, prefix) {
  const removed = []
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = name.startsWith(prefix) ? name.slice(prefix.length) : ''
    if (!/^[1-9]\d*$/.test(pid) || !(await isDead(pid))) continue
    await rm(join(folder, name), { recursive: true, force: true })
    removed.push(name)
  }
  return removed
}
