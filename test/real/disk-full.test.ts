/**
 * The disk under the engine's data, under Naru's own state and under the target of a save is full: each operation says so,
 * leaves nothing half done and nobody harmed, and does its work once there is room. The disks are small ones in memory.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { OperationRow } from '../../engine/contract/models.ts'
import { exec } from '../../engine/system/exec.ts'
import { BASE, openBuildRoom } from '../support/build-room.ts'
import type { BuildRoom } from '../support/build-room.ts'
import { hasBusybox } from '../support/busybox-image.ts'
import { startFaultyRegistry } from '../support/faulty-registry.ts'
import type { FaultyRegistry } from '../support/faulty-registry.ts'
import { tarOf } from '../support/image-archive.ts'
import { canRunDockerd, startDockerd } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'

const MINUTE = 60_000
const MB = 1024 * 1024
/** Room that is left when a disk is called full here: less than any of the operations needs. */
const LEFT_BYTES = 512 * 1024

interface Disk {
  readonly path: string
  readonly free: () => Promise<number>
  /** Takes the room away, but for {@link LEFT_BYTES}. */
  readonly fill: () => Promise<void>
  readonly empty: () => Promise<void>
}

async function makeDisk(path: string, megabytes: number): Promise<Disk> {
  await mkdir(path)
  await exec('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'naru-test', path])
  const filler = join(path, 'filler')
  const free = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  }
  return {
    path,
    free,
    fill: async () => writeFile(filler, Buffer.alloc(Math.max(0, (await free()) - LEFT_BYTES), 1)),
    empty: () => rm(filler, { force: true }),
  }
}

describe.skipIf(!canRunDockerd || !hasBusybox)('a full disk', () => {
  let folder: string
  let data: Disk
  let state: Disk
  let target: Disk
  let engine: RealEngine
  let registry: FaultyRegistry
  let bench: BuildRoom
  let bystander: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'naru-full-'))
    data = await makeDisk(join(folder, 'data'), 64)
    state = await makeDisk(join(folder, 'state'), 4)
    target = await makeDisk(join(folder, 'target'), 4)
    engine = await startDockerd(undefined, [`--data-root=${data.path}/root`, '--max-download-attempts=1'])
    registry = await startFaultyRegistry(engine.pid())
    bench = await openBuildRoom(engine, { stateFolder: join(state.path, 'naru') })
    const made = await bench.client.createContainer({ Image: BASE, Cmd: ['sleep', '3600'], HostConfig: { NetworkMode: 'none' } }, { name: 'bystander' })
    bystander = made.Id
    await bench.client.startContainer(bystander)
  }, 2 * MINUTE)
  afterAll(async () => {
    // It would outlive its engine.
    if (bystander) await bench.client.removeContainer(bystander, { force: true, volumes: true })
    await bench?.close()
    await registry?.close()
    await engine?.close()
    for (const disk of [data, state, target]) if (disk) await exec('umount', ['-l', disk.path])
    await rm(folder, { recursive: true, force: true })
  }, MINUTE)
  afterEach(async () => {
    for (const disk of [data, state, target]) await disk.empty()
    expect((await bench.client.inspectContainer(bystander)).State).toMatchObject({ Running: true })
  })

  const images = async (): Promise<readonly string[]> => (await bench.client.listImages({})).map(({ Id }) => Id).sort()

  /** Fails for want of room, leaves nothing behind, and works when there is room again. */
  async function fullThenRoom(disk: Disk, work: () => Promise<OperationRow>): Promise<void> {
    const before = await images()
    const freeBefore = await disk.free()
    await disk.fill()
    const failed = await work()
    expect(failed, JSON.stringify(failed.error)).toMatchObject({ status: 'failed', error: { code: 'no-space' } })
    expect(await images()).toEqual(before)
    await disk.empty()
    // What was begun is gone: a few kilobytes of the engine's own books may stay.
    await expect.poll(async () => freeBefore - (await disk.free()), { timeout: 10_000 }).toBeLessThan(MB)
    expect(await work()).toMatchObject({ status: 'succeeded' })
  }

  it('under the engine: a pull', () => fullThenRoom(data, () => bench.room.run('images.pull', { engineId: bench.engineId, reference: registry.reference('well') })), MINUTE)

  it('under the engine: a build', async () => {
    const context = await bench.context({ Dockerfile: `FROM ${BASE}\nCOPY big /big\nRUN cat /big > /copy\n`, big: 'x'.repeat(3 * MB) })
    await fullThenRoom(data, () => bench.build(context, { tags: ['naru-test/full:1'], noCache: true }))
  }, MINUTE)

  it('under the engine: a load', async () => {
    const path = join(folder, 'archive.tar')
    await bench.room.run('images.save', { engineId: bench.engineId, references: [registry.reference('well')], target: { kind: 'path', path, overwrite: false } })
    await bench.room.run('images.remove', { engineId: bench.engineId, reference: registry.reference('well'), force: true })
    await fullThenRoom(data, () => bench.room.run('images.load', { engineId: bench.engineId, source: { kind: 'path', path } }))
  }, MINUTE)

  it('under the engine: files sent into a container', async () => {
    const archive = await tarOf([{ name: 'sent', content: randomBytes(3 * MB) }])
    const { link } = bench.room
    const send = async (): Promise<OperationRow> => {
      const { transferId } = await link.call('transfers.open', { direction: 'upload' })
      const id = await bench.room.start('files.upload', {
        engineId: bench.engineId, id: bystander, path: '/', names: ['sent'], source: { kind: 'transfer', transferId, name: 'x.tar', sizeBytes: archive.length },
      })
      for (let at = 0; at < archive.length; at += 65_536) await link.call('transfers.write', { transferId, bytes: archive.subarray(at, at + 65_536) }).catch(() => undefined)
      await link.call('transfers.end', { transferId, complete: true }).catch(() => undefined)
      return bench.room.settled(id)
    }
    await fullThenRoom(data, send)
  }, MINUTE)

  it('under the target of a save: no file, no part of one', async () => {
    const path = join(target.path, 'image.tar')
    await target.fill()
    const save = () => bench.room.run('images.save', { engineId: bench.engineId, references: [BASE], target: { kind: 'path', path, overwrite: false } })
    expect(await save()).toMatchObject({ status: 'failed', error: { code: 'no-space', params: { path } } })
    expect(await readdir(target.path)).toEqual(['filler'])
    await target.empty()
    expect(await save()).toMatchObject({ status: 'succeeded' })
  }, MINUTE)

  it('under Naru’s state: settings stay whole, and nothing else stops working', async () => {
    const { link } = bench.room
    const file = join(state.path, 'naru/settings.json')
    await link.call('settings.update', { patch: { hubUrl: 'http://127.0.0.1:1/before' } })
    const before = readFileSync(file, 'utf8')
    await state.fill()
    // To the last page: a file this small finds room in what is left.
    for (let at = 0; existsSync(state.path) && at < 400; at++) if (await writeFile(join(state.path, `filler-${at}`), Buffer.alloc(4_096)).then(() => false, () => true)) break
    const refused = await link.call('settings.update', { patch: { hubUrl: 'http://127.0.0.1:1/after' } }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'no-space', params: { path: file } })
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect((await readdir(join(state.path, 'naru'))).filter((name) => name.includes('.tmp'))).toEqual([])
    // A build whose history finds no room is built all the same.
    const context = await bench.context({ Dockerfile: `FROM ${BASE}\nRUN echo no room for history\n` })
    expect(await bench.build(context, { tags: ['naru-test/history:1'], noCache: true })).toMatchObject({ status: 'succeeded' })
    for (const name of await readdir(state.path)) if (name.startsWith('filler-')) await rm(join(state.path, name))
    await state.empty()
    await link.call('settings.update', { patch: { hubUrl: 'http://127.0.0.1:1/after' } })
    expect(readFileSync(file, 'utf8')).toContain('/after')
  }, MINUTE)
})
