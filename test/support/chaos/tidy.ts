/** The end of a chaos run: what work made is taken away as a person would, and images are proved to be whole. */
import { buffer } from 'node:stream/consumers'
import { request } from 'node:http'
import { extract } from 'tar-stream'
import { BASE, ENGINE, operate } from './ground.ts'
import { sha256 } from './kept.ts'
import type { Scene } from './scene.ts'
import { truthOf } from './truth.ts'

/** Removes all containers and images that are not the person's own, through Naru. Gives what would not go. */
export async function takeAway(scene: Scene): Promise<readonly string[]> {
  const { containers, images } = await truthOf(scene.paths.socket)
  const own = new Set([...scene.kept.containers].filter(([, kept]) => kept.own).map(([id]) => id))
  const problems: string[] = []
  for (const id of [...containers.keys()].filter((one) => !own.has(one))) {
    const row = await operate(scene, 'containers.remove', { engineId: ENGINE, id, force: true, stopFirst: false, volumes: true })
    if (row?.status !== 'succeeded') problems.push(`container ${id.slice(0, 12)} (${containers.get(id) ?? ''}) cannot be removed: ${JSON.stringify(row?.error)}`)
    scene.kept.drop(id)
  }
  for (const reference of [...images].flatMap(([id, tags]) => (tags === '' ? [id] : tags.split(' ')))) {
    if (reference === BASE || reference.startsWith('naru/')) continue
    const row = await operate(scene, 'images.remove', { engineId: ENGINE, reference, force: false })
    if (row?.status !== 'succeeded') problems.push(`image ${reference} cannot be removed: ${JSON.stringify(row?.error)}`)
    scene.kept.images.delete(reference)
  }
  await operate(scene, 'builds.prune', { engineId: ENGINE, all: true })
  return problems
}

async function saved(socketPath: string, reference: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const reader = extract()
  request({ socketPath, path: `/images/${encodeURIComponent(reference)}/get`, signal: AbortSignal.timeout(60_000) }, (answer) => answer.pipe(reader)).end()
  for await (const entry of reader) files.set(entry.header.name, await buffer(entry))
  return files
}

/** Images whose layers are not what their configuration says. */
export async function brokenImages({ kept, paths }: Scene): Promise<readonly string[]> {
  const problems: string[] = []
  for (const reference of kept.images.keys()) {
    const files = await saved(paths.socket, reference)
    const read = <T>(name: string): T => JSON.parse(String(files.get(name))) as T
    const [index] = read<{ Config: string; Layers: string[] }[]>('manifest.json')
    const promised = read<{ rootfs: { diff_ids: string[] } }>(index?.Config ?? '').rootfs.diff_ids
    const real = (index?.Layers ?? []).map((name) => `sha256:${sha256(files.get(name) ?? Buffer.alloc(0))}`)
    if (promised.join() !== real.join()) problems.push(`image ${reference} is damaged: ${real.join(' ')} instead of ${promised.join(' ')}`)
  }
  return problems
}
