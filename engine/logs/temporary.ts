/** The folder for spilled log chunks: one per process, so that what a crash left behind can be told and removed. */
import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Name of a folder for this process below `parent` (made when first needed); removes those of ended processes. */
export function claimFolder(parent: string): string {
  for (const name of list(parent)) {
    const pid = Number(/^(\d+)-[0-9a-f]+$/.exec(name)?.[1])
    if (!pid || isAlive(pid)) continue
    try {
      rmSync(join(parent, name), { recursive: true, force: true })
    } catch {
      // Someone else's file: left for whoever may remove it; it does no harm but take room.
    }
  }
  return join(parent, `${process.pid}-${randomBytes(4).toString('hex')}`)
}

/** Removes a claimed folder; does not mind when there is none. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
