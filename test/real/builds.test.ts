/** Builds on a real engine: BuildKit, the classic builder of the same engine, and what the history keeps of them. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BuildPatch, BuildSpec, BuildStep } from '../../engine/contract/models.ts'
import { connectEngine } from '../../engine/docker/connect.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { dialSocket } from '../fake-dockerd/fake-dockerd.ts'
import { collect } from '../fake-dockerd/harness.ts'
import { busyboxArchive, hasBusybox } from '../support/busybox-image.ts'
import { startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { canRunDockerd, startDockerd } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'

const BASE = 'naru-test/bb:1'
const MINUTE = 60_000

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

describe.skipIf(!canRunDockerd || !hasBusybox)('builds (needs root, dockerd, busybox-static)', () => {
  let engine: RealEngine
  let client: EngineClient
  let room: EngineRoom
  let folder = ''
  let engineId = ''

  const context = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const place = await mkdtemp(join(folder, 'c-'))
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(place, path)), { recursive: true })
      await writeFile(join(place, path), content)
    }
    return place
  }
  const spec = (place: string, more: Partial<BuildSpec> = {}): BuildSpec => ({ folder: place, buildArgs: [], tags: [], noCache: false, pull: false, labels: [], ...more })
  const build = (place: string, more: Partial<BuildSpec> = {}) => room.run('builds.start', { engineId, spec: spec(place, more) })
  const lastPatch = async (buildId: string): Promise<BuildPatch> => {
    let last: BuildPatch | undefined
    for await (const patch of room.link.stream('builds.steps', { buildId })) last = patch
    if (!last) throw new Error('no patch came')
    return last
  }
  const named = (steps: readonly BuildStep[], name: RegExp): BuildStep => {
    const found = steps.find((step) => name.test(step.name))
    if (!found) throw new Error(`no step ${name}: ${steps.map((step) => step.name).join(' | ')}`)
    return found
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'naru-builds-'))
    engine = await startDockerd()
    client = await connectEngine(() => dialSocket(engine.socketPath), { signal: AbortSignal.timeout(MINUTE), engineId: 'real' })
    await collect(client.loadImage(inPieces(await busyboxArchive(BASE))))
    room = await startEngineRoom({ env: { NARU_SOCKETS: engine.socketPath } })
    engineId = (await room.engines(({ currentId }) => currentId !== null)).currentId ?? ''
  }, 2 * MINUTE)

  afterAll(async () => {
    await room?.close()
    client?.close()
    await engine?.close()
    await rm(folder, { recursive: true, force: true })
  }, 2 * MINUTE)

  it('steps, logs, cache and result', async () => {
    const place = await context({
      Dockerfile: `FROM ${BASE} AS first\nARG WHO=nobody\n# comment\nRUN echo hello $WHO \\\n  && echo oops >&2\n\nFROM ${BASE}\nCOPY --from=first /bin/busybox /again\nCOPY a.txt /a.txt\nRUN cat /a.txt\n`,
      'a.txt': 'content of a\n',
    })
    const row = await build(place, { tags: ['naru-test/built:1', 'naru-test/built:2'], buildArgs: [{ name: 'WHO', value: 'world' }], labels: [{ name: 'x', value: 'y' }] })
    const patch = await lastPatch(row.id)
    console.log(JSON.stringify({ row, patch }, null, 1))
    console.log(JSON.stringify(await room.link.call('builds.log', { buildId: row.id, stepId: null, from: 0, count: 100 }), null, 1))
    expect(row.error).toBeUndefined()
  }, MINUTE)
})
