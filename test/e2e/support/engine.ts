/** The embedded engine of a world: what a spec may ask of it from outside Naru, and its end. */
import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { endDaemons, removeTraces } from '../../../engine/providers/native/cleanup.ts'
import { unmountBelow } from '../../../engine/providers/native/mounts.ts'
import { nativePaths } from '../../../engine/providers/native/paths.ts'
import type { NativePaths } from '../../../engine/providers/native/paths.ts'
import { endContainers } from '../../support/native.ts'
import { CACHE } from './environment.ts'
import type { World } from './environment.ts'

/** Why specs with the embedded engine cannot run here; null when they can. */
export function whyNoEngine(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'the embedded engine is tested as root on Linux'
  return existsSync(join(CACHE, 'engine/manifest.json')) ? null : 'there is no engine bundle; npm test makes it'
}

/** The engine room keeps the embedded engine in a folder of its own inside the state. */
export const enginePaths = (world: World): NativePaths => nativePaths(join(world.home, 'engine'))

/** Path of the embedded engine's socket in a world. */
export function engineSocket(world: World): string {
  return enginePaths(world).socket
}

/** GET on an engine's socket, parsed; rejects for any status but 200 and after ten seconds. */
export function askEngine<T>(socketPath: string, path: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, timeout: 10_000 }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (body += part))
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(body) as T)
        else reject(new Error(`${path}: ${response.statusCode} ${body}`))
      })
    })
    call.on('timeout', () => call.destroy(new Error(`${path}: no answer`)))
    call.on('error', reject)
    call.end()
  })
}

/** Ends the embedded engine and its containers, whatever their condition; nothing of it stays on the machine. */
export async function endEngine(world: World): Promise<void> {
  const paths = enginePaths(world)
  if (!existsSync(paths.run)) return
  await endDaemons(paths, 5_000)
  await endContainers(paths)
  await removeTraces(paths, join(CACHE, 'engine'))
  await unmountBelow(world.home)
}
