/** For tests of builds: contexts in temporary folders, a room on a real engine, and images taken apart. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { extract } from 'tar-stream'
import type { BuildPatch, BuildSpec, BuildStep, OperationRow } from '../../engine/contract/models.ts'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import { collect } from '../fake-dockerd/harness.ts'
import { busyboxArchive } from './busybox-image.ts'
import { startEngineRoom } from './engine-room.ts'
import type { EngineRoom } from './engine-room.ts'
import type { RealEngine } from './real-engine.ts'

export const BASE = 'naru-test/bb:1'
const MINUTE = 60_000

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

export interface BuildRoom {
  readonly room: EngineRoom
  readonly client: EngineClient
  readonly engineId: string
  /** A folder with these files; `mode` by a name's suffix `:755`. */
  readonly context: (files: Readonly<Record<string, string>>) => Promise<string>
  readonly build: (folder: string, more?: Partial<BuildSpec>) => Promise<OperationRow>
  readonly start: (folder: string, more?: Partial<BuildSpec>) => Promise<string>
  /** The last patch of a build, which holds everything once it has ended. */
  readonly patchOf: (buildId: string) => Promise<BuildPatch>
  readonly logOf: (buildId: string, stepId?: string) => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

export const specOf = (folder: string, more: Partial<BuildSpec> = {}): BuildSpec => ({ folder, buildArgs: [], tags: [], noCache: false, pull: false, labels: [], ...more })

/** @param options `classic`: as if the engine had no BuildKit */
export async function openBuildRoom(engine: RealEngine, options: { readonly classic?: boolean; readonly stateFolder?: string } = {}): Promise<BuildRoom> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-builds-'))
  const client = await connectEngine(() => dialSocket(engine.socketPath), { signal: AbortSignal.timeout(MINUTE), engineId: 'real' })
  const here = await client.listImages({})
  if (!here.some(({ RepoTags }) => RepoTags?.some((tag) => tag.endsWith(BASE)))) await collect(client.loadImage(inPieces(await busyboxArchive(BASE))))
  const room = await startEngineRoom({
    env: { NARU_SOCKETS: engine.socketPath },
    ...(options.stateFolder && { stateFolder: options.stateFolder }),
    ...(options.classic && {
      engines: {
        providers: [],
        connect: async (dial, how) => {
          const real = await connectEngine(dial, how)
          return { ...real, capabilities: { ...real.capabilities, buildkit: false } }
        },
      },
    }),
  })
  const engineId = (await room.engines(({ currentId }) => currentId !== null)).currentId ?? ''
  const patchOf = async (buildId: string): Promise<BuildPatch> => {
    const steps = new Map<string, BuildStep>()
    let last: BuildPatch | undefined
    for await (const patch of room.link.stream('builds.steps', { buildId })) {
      if (patch.reset) steps.clear()
      for (const step of patch.steps) steps.set(step.id, step)
      last = patch
    }
    if (!last) throw new Error('no patch came')
    return { ...last, steps: [...steps.values()].sort((a, b) => a.index - b.index) }
  }
  return {
    room,
    client,
    engineId,
    patchOf,
    async context(files) {
      const place = await mkdtemp(join(folder, 'c-'))
      for (const [key, content] of Object.entries(files)) {
        const [path = key, mode] = key.split(':')
        await mkdir(dirname(join(place, path)), { recursive: true })
        await writeFile(join(place, path), content)
        if (mode) await chmod(join(place, path), Number.parseInt(mode, 8))
      }
      return place
    },
    build: (place, more) => room.run('builds.start', { engineId, spec: specOf(place, more) }),
    start: (place, more) => room.start('builds.start', { engineId, spec: specOf(place, more) }),
    logOf: async (buildId, stepId) => (await room.link.call('builds.log', { buildId, stepId: stepId ?? null, from: 0, count: 1_000 })).lines.map(({ text }) => text),
    async close() {
      await room.close()
      client.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The step whose name fits. */
export function stepOf(steps: readonly BuildStep[], name: RegExp): BuildStep {
  const found = steps.find((step) => name.test(step.name))
  if (!found) throw new Error(`no step ${name}: ${steps.map((step) => step.name).join(' | ')}`)
  return found
}

const CACHE = process.env['NARU_TEST_CACHE'] ?? resolve(import.meta.dirname, '../../.naru/cache')

/** The docker CLI of the bundle; its output. `buildkit` through buildx. */
export async function docker(engine: RealEngine, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Buffer> {
  const config = await mkdtemp(join(tmpdir(), 'naru-cli-'))
  try {
    await writeFile(join(config, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [join(CACHE, 'engine/cli-plugins')] }))
    const path = [join(CACHE, 'engine/bin'), process.env['PATH']].join(delimiter)
    const child = spawn('docker', args, { env: { PATH: path, HOME: config, DOCKER_CONFIG: config, DOCKER_HOST: `unix://${engine.socketPath}`, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    const [out, err, [code]] = await Promise.all([buffer(child.stdout), buffer(child.stderr), once(child, 'close') as Promise<[number]>])
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${err.toString()}`)
    return out
  } finally {
    await rm(config, { recursive: true, force: true })
  }
}

/** Everything below a folder of an image, one line each: type, mode, owner, size, path, link. */
export async function filesOf(engine: RealEngine, image: string, below: string): Promise<readonly string[]> {
  const id = (await docker(engine, ['create', image, 'none'])).toString().trim()
  try {
    const tar = extract()
    tar.end(await docker(engine, ['export', id]))
    const lines: string[] = []
    for await (const entry of tar) {
      const { name, type, mode = 0, uid, gid, size = 0, linkname } = entry.header
      if (name.startsWith(below)) lines.push(`${type} ${mode.toString(8)} ${uid}:${gid} ${size} ${name.slice(below.length)}${linkname ? ` -> ${linkname}` : ''}`)
      entry.resume()
    }
    return lines.sort()
  } finally {
    await docker(engine, ['rm', '-f', id])
  }
}
