/** What a person may tell the embedded dockerd about registries, in a file of their own that outlives a restart. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { NativePaths } from './paths.ts'

/** Only what cannot break the engine's own arguments; dockerd refuses to start when both name a thing. */
const list = v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(/^[\w.:/@[\]-]{1,300}$/))), v.maxLength(100)))
const shape = v.object({ 'insecure-registries': list, 'registry-mirrors': list })

/** The person's file: `daemon.json` in the engine's state folder, with `insecure-registries` and `registry-mirrors`. */
export function personalConfig(stateFolder: string): string {
  return join(stateFolder, 'daemon.json')
}

/** Writes the daemon's configuration; a missing or unusable file of the person's means none, which the log says. */
export async function writeDaemonConfig(paths: NativePaths, log: (line: string) => void): Promise<void> {
  let chosen: v.InferOutput<typeof shape> = {}
  const path = personalConfig(paths.state)
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text !== null) {
    try {
      chosen = v.parse(shape, JSON.parse(text))
    } catch {
      log(`${path} is not used: it may hold lists "insecure-registries" and "registry-mirrors" only`)
    }
  }
  await writeFile(paths.daemonConfig, `${JSON.stringify(chosen)}\n`)
}
