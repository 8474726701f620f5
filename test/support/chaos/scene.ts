/** The world of a chaos run: a Naru of its own, a registry with images to pull, and what the person has. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nativePaths } from '../../../engine/providers/native/paths.ts'
import { endDaemons, removeTraces } from '../../../engine/providers/native/cleanup.ts'
import { unmountBelow } from '../../../engine/providers/native/mounts.ts'
import { waitUntil } from '../../../engine/system/clock.ts'
import { createRandom } from '../../fake-dockerd/world.ts'
import { busyboxArchive, hasBusybox } from '../busybox-image.ts'
import { imageArchive } from '../image-archive.ts'
import { endContainers, WELCOME, whyNoNative } from '../native.ts'
import { canRunRegistry, freePort, startRegistry } from '../registry.ts'
import { ChaosRoom } from './chaos-room.ts'
import { BASE, ENGINE, noise, operate } from './ground.ts'
import type { Ground } from './ground.ts'
import { Kept } from './kept.ts'
import { DATA, specFor, upload, WRITER } from './work-containers.ts'
import { machine } from './census.ts'
import type { Place } from './census.ts'

const REMOTE_IMAGES = 14
const READY_MS = 60_000

/** Why there can be no chaos here; null when there can. */
export function whyNoChaos(): string | null {
  if (!canRunRegistry) return 'no docker-registry'
  if (!hasBusybox) return 'no static busybox'
  return whyNoNative()
}

export interface Scene extends Ground {
  readonly place: Place
  /** What the machine had before this Naru. */
  readonly atFirst: readonly string[]
  /** A new room on the same state, as the shell starts it. */
  readonly renew: () => Promise<void>
  readonly close: () => Promise<void>
}

export const isReady = (room: ChaosRoom): boolean => room.engines?.engines.some(({ id, status }) => id === ENGINE && status === 'ready') ?? false

/** @param bundle of the engine */
export async function openScene(bundle: string, seed: number): Promise<Scene> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'naru-chaos-')))
  const [home, user, temporary, folder] = [join(base, 'state'), join(base, 'home'), join(base, 'tmp'), join(base, 'files')]
  for (const each of [user, temporary, folder]) await mkdir(each)
  const missing = join(base, 'missing')
  const env = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', HOME: user, TMPDIR: temporary, NARU_HOME: home, NARU_SOCKETS: '', NARU_ENGINE_BUNDLE: bundle, NARU_VM_IMAGE: missing, NARU_VM_QEMU: missing, NARU_WELCOME_IMAGE: WELCOME }
  const world = { home, user, env, remove: () => undefined }
  const paths = nativePaths(join(home, 'engine'))
  const atFirst = await machine(paths, bundle)
  const registry = await startRegistry()
  const remote: string[] = []
  let room: ChaosRoom
  let number = 0
  try {
    for (let nth = 0; nth < REMOTE_IMAGES; nth++) {
      const { archive } = await imageArchive([1, 2, 3].map((layer) => ({ entries: [{ name: `noise-${nth}-${layer}`, content: noise(700_000) }] })))
      const path = join(folder, 'remote.tar')
      await writeFile(path, archive)
      await registry.seed(path, `chaos/image${nth}`, '1')
      await rm(path)
      remote.push(`${registry.host}/chaos/image${nth}:1`)
    }
    room = await ChaosRoom.start(world)
  } catch (error) {
    await registry.close()
    throw error
  }
  const close = async (): Promise<void> => {
    await room.kill()
    await registry.close()
    await endDaemons(paths, 5_000)
    await endContainers(paths)
    await removeTraces(paths, bundle)
    await unmountBelow(base)
    await rm(base, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
  const random = createRandom(seed)
  const scene: Scene = {
    room: () => room, paths, folder, remote, kept: new Kept(), random, number: () => ++number, busy: new Set(), place: { paths, bundle, base }, atFirst,
    renew: async () => {
      room = await ChaosRoom.start(world)
    },
    close,
  }
  try {
    await furnish(scene)
    return scene
  } catch (error) {
    await close()
    throw error
  }
}

/** The person's own: a volume with files, containers that run, one that is stopped, an image. */
async function furnish(scene: Scene): Promise<void> {
  const { kept, folder } = scene
  await scene.room().link.call('engines.select', { engineId: ENGINE })
  if (!(await waitUntil(() => isReady(scene.room()), { withinMs: READY_MS, everyMs: 20 }))) throw new Error(`no engine: ${JSON.stringify(scene.room().engines)} ${scene.room().said()}`)
  const must = async (...[name, arg]: Parameters<typeof operate> extends [unknown, ...infer Rest] ? Rest : never): Promise<unknown> => {
    const row = await operate(scene, name, arg)
    if (row?.status !== 'succeeded') throw new Error(`${name}: ${JSON.stringify(row?.error)}`)
    return row.result
  }
  const base = join(folder, 'base.tar')
  await writeFile(base, await busyboxArchive(BASE))
  await must('images.load', { engineId: ENGINE, source: { kind: 'path', path: base } })
  await rm(base)
  const always = { restart: { name: 'always' as const }, volumes: [{ source: DATA.volume, target: DATA.path, readOnly: false }] }
  const make = async (name: string, command: string, more: Parameters<typeof specFor>[2] = {}): Promise<string> => {
    const { containerId } = (await must('containers.run', { engineId: ENGINE, spec: specFor(name, command, more) })) as { containerId: string }
    kept.containers.set(containerId, { name, own: true, running: true })
    return containerId
  }
  kept.volumes.add(DATA.volume)
  await make(WRITER, 'n=0; while true; do n=$((n+1)); echo line $n; sleep 0.05; done', always)
  await make('chaos-port', 'echo page > /index.html; exec httpd -f -p 80 -h /', { ...always, volumes: [], ports: [{ containerPort: '80', protocol: 'tcp', hostIp: '127.0.0.1', hostPort: String(await freePort()) }] })
  const stopped = await make('chaos-stopped', 'echo kept > /own-file; exec sleep 99999')
  await must('containers.stop', { engineId: ENGINE, id: stopped, graceSeconds: 0 })
  kept.containers.set(stopped, { name: 'chaos-stopped', own: true, running: false })
  kept.images.set(BASE, [...scene.room().page.images.values()].find(({ tags }) => tags.includes(BASE))?.id ?? '')
  for (let nth = 0; nth < 3; nth++) if ((await upload(scene)).end !== 'done') throw new Error('a file could not be uploaded')
}
