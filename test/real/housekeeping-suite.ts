/** What tidying up must do on every engine that has an image store: tags, archives, prunes, all against a real one. */
import { createReadStream, existsSync } from 'node:fs'
import { readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import { expect } from 'vitest'
import type { Operations } from '../../engine/contract/contract.ts'
import type { OperationName, OperationRow, PrunePreview, RunSpec } from '../../engine/contract/models.ts'
import { forecastOf, ticksOf } from '../../engine/images/prune-forecast.ts'
import { busyboxArchive } from '../support/busybox-image.ts'
import { allCases } from '../support/cases.ts'
import type { Cases } from '../support/cases.ts'
import type { EngineRoom } from '../support/engine-room.ts'

export interface Bench {
  readonly room: () => EngineRoom
  readonly engineId: () => string
  /** Prefix of names an engine without a default registry gives back. */
  readonly podman: boolean
}

const MINUTE = 60_000
export const resultOf = <N extends OperationName>(row: OperationRow): Operations[N]['result'] => {
  expect(row.error).toBeUndefined()
  expect(row.status).toBe('succeeded')
  return row.result as Operations[N]['result']
}

export function spec(image: string, more: Partial<RunSpec> = {}): RunSpec {
  return { image, ports: [], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'never', command: ['sleep', '600'], ...more }
}

/** A tar of a root filesystem. */
export async function rootfs(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = pack()
  for (const [name, text] of Object.entries(files)) archive.entry({ name }, text)
  archive.finalize()
  return buffer(archive)
}

/** Sends a file the way a page does. */
export async function upload(room: EngineRoom, path: string): Promise<{ kind: 'transfer'; transferId: string; name: string; sizeBytes: number; sent: Promise<void> }> {
  const { transferId } = await room.link.call('transfers.open', { direction: 'upload' })
  const send = async (): Promise<void> => {
    for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      await room.link.call('transfers.write', { transferId, bytes: new Uint8Array(piece as Buffer) })
    }
    await room.link.call('transfers.end', { transferId, complete: true })
  }
  return { kind: 'transfer', transferId, name: 'archive.tar', sizeBytes: (await stat(path)).size, sent: send() }
}

export function housekeepingSuite({ room, engineId, podman }: Bench, it: Cases = allCases): void {
  const run = <N extends OperationName>(name: N, arg: Omit<Operations[N]['arg'], 'engineId'>) => room().run(name, { engineId: engineId(), ...arg } as Operations[N]['arg'])
  const inspect = (id: string) => room().link.call('images.inspect', { engineId: engineId(), id })
  const preview = (kind: PrunePreview['kind'], all: boolean) => room().link.call('prune.preview', { engineId: engineId(), kind, all })
  const file = (name: string): string => join(room().folder, name)
  const importFiles = async (reference: string, files: Readonly<Record<string, string>>): Promise<string> => {
    const path = file(`${Math.random()}.tar`)
    await writeFile(path, await rootfs(files))
    return resultOf<'images.import'>(await run('images.import', { source: { kind: 'path', path }, reference, message: '', changes: [] })).imageId
  }

  it('tags, saves, removes and loads again: the same image', async () => {
    await writeFile(file('bb.tar'), await busyboxArchive('bb:1'))
    const loaded = resultOf<'images.load'>(await run('images.load', { source: { kind: 'path', path: file('bb.tar') } }))
    expect(loaded.loaded.map((name) => name.replace('localhost/', ''))).toEqual(['bb:1'])
    const { id } = await inspect(loaded.loaded[0] ?? '')

    const tagged = await run('images.tag', { source: id, target: 'localhost:5000/shop/bb:2' })
    expect(tagged).toMatchObject({ command: `docker tag ${id} localhost:5000/shop/bb:2`, result: { reference: 'localhost:5000/shop/bb:2' } })
    expect((await inspect('localhost:5000/shop/bb:2')).id).toBe(id)
    expect(await run('images.tag', { source: id, target: 'shop/BB:2' })).toMatchObject({ error: { code: 'invalid-reference', hint: 'reference.uppercase' } })
    expect(await run('images.tag', { source: 'nothing-of-this-name:9', target: 'x:1' })).toMatchObject({ error: { code: 'image-not-found' } })

    const saved = await run('images.save', { references: ['localhost:5000/shop/bb:2'], target: { kind: 'path', path: file('saved.tar'), overwrite: false } })
    expect(saved.command).toBe(`docker save -o ${file('saved.tar')} localhost:5000/shop/bb:2`)
    expect(resultOf<'images.save'>(saved).bytes).toBe((await stat(file('saved.tar'))).size)
    expect(await run('images.save', { references: ['bb:1'], target: { kind: 'path', path: file('saved.tar'), overwrite: false } })).toMatchObject({
      error: { code: 'conflict', hint: 'file-exists' },
    })

    for (const reference of [loaded.loaded[0] ?? '', 'localhost:5000/shop/bb:2']) resultOf(await run('images.remove', { reference, force: false }))
    await expect(inspect(id)).rejects.toMatchObject({ code: 'image-not-found' })
    const source = await upload(room(), file('saved.tar'))
    const { sent, ...transfer } = source
    const again = await run('images.load', { source: transfer })
    await sent
    expect(resultOf<'images.load'>(again).loaded).toEqual(['localhost:5000/shop/bb:2'])
    expect((await inspect('localhost:5000/shop/bb:2')).id).toBe(id)
  }, 2 * MINUTE)

  it('says that an archive is broken, and nothing of it is there', async () => {
    const before = await room().link.call('prune.preview', { engineId: engineId(), kind: 'images', all: true })
    await writeFile(file('cut.tar'), await busyboxArchive('cut:1'))
    await truncate(file('cut.tar'), (await stat(file('cut.tar'))).size - 100_000)
    await writeFile(file('garbage.tar'), 'garbage'.repeat(1_000))
    await writeFile(file('other.tar'), await rootfs({ 'a.txt': 'no image in here' }))
    for (const name of ['cut.tar', 'garbage.tar', 'other.tar']) {
      expect(await run('images.load', { source: { kind: 'path', path: file(name) } }), name).toMatchObject({
        status: 'failed',
        error: { code: 'invalid-request', hint: 'archive-broken', params: { name } },
      })
    }
    expect(await run('images.load', { source: { kind: 'path', path: file('absent.tar') } })).toMatchObject({ error: { code: 'not-found', hint: 'no-such-file' } })
    expect(await run('images.load', { source: { kind: 'path', path: room().folder } })).toMatchObject({ error: { code: 'invalid-request', hint: 'path-is-folder' } })
    expect(await run('images.load', { source: { kind: 'path', path: '/dev/zero' } })).toMatchObject({ error: { code: 'invalid-request', hint: 'path-not-file' } })
    const after = await room().link.call('prune.preview', { engineId: engineId(), kind: 'images', all: true })
    expect(after.items.map(({ id }) => id)).toEqual(before.items.map(({ id }) => id))
  }, MINUTE)

  it('a page that goes in the middle of an upload leaves nothing behind', async () => {
    const page = room().attach()
    const { transferId } = await page.call('transfers.open', { direction: 'upload' })
    await writeFile(file('half.tar'), await busyboxArchive('half:1'))
    const { size } = await stat(file('half.tar'))
    const operationId = await room().start('images.load', { engineId: engineId(), source: { kind: 'transfer', transferId, name: 'half.tar', sizeBytes: size } })
    await page.call('transfers.write', { transferId, bytes: new Uint8Array((await readFile(file('half.tar'))).subarray(0, 500_000)) })
    page.close()
    expect(await room().settled(operationId)).toMatchObject({ status: 'cancelled' })
    await expect(inspect('half:1')).rejects.toMatchObject({ code: 'image-not-found' })
  }, MINUTE)

  it('imports a root filesystem, runs it, exports the container', async () => {
    await writeFile(file('root.tar'), await rootfs({ 'hello.txt': 'hello' }))
    const source = { kind: 'path', path: file('root.tar') } as const
    const row = await run('images.import', { source, reference: 'made/root:1', message: 'from a tar', changes: ['CMD ["/bin/sh"]', 'ENV A=bc'] })
    expect(row.command).toBe(`docker import -m 'from a tar' -c 'CMD ["/bin/sh"]' -c 'ENV A=bc' ${file('root.tar')} made/root:1`)
    const { imageId } = resultOf<'images.import'>(row)
    expect(await inspect(imageId)).toMatchObject({ command: ['/bin/sh'], env: expect.arrayContaining([{ name: 'A', value: 'bc' }]) as unknown })

    const created = await room().run('containers.create', { engineId: engineId(), spec: spec('made/root:1', { name: 'from-root' }) })
    const { containerId } = resultOf<'containers.create'>(created)
    const exported = await run('containers.export', { id: containerId, target: { kind: 'path', path: file('out.tar'), overwrite: false } })
    expect(exported.command).toMatch(/^docker export -o \S+out\.tar /)
    expect((await readFile(file('out.tar'))).includes('hello.txt')).toBe(true)
    resultOf(await run('containers.remove', { id: containerId, force: true, stopFirst: false, volumes: true }))
    expect(await run('images.import', { source: { kind: 'path', path: file('garbage.tar') }, reference: 'made/bad:1', message: '', changes: [] })).toMatchObject({
      error: { hint: 'archive-broken' },
    })
    expect((await readdir(room().folder)).filter((name) => name.endsWith('.part'))).toEqual([])
    expect(existsSync(file('saved.tar'))).toBe(true)
    resultOf(await run('images.remove', { reference: 'made/root:1', force: true }))
  }, MINUTE)

  it('a prune removes exactly what its preview listed, and frees what it forecast', async () => {
    const big = 'x'.repeat(300_000)
    const loose = await importFiles('', { loose: big })
    const named = await importFiles('named/one:1', { named: big })
    const used = await importFiles('used/one:1', { used: big })
    const created = await room().run('containers.create', { engineId: engineId(), spec: spec('used/one:1', { name: 'uses-one' }) })

    const dangling = await preview('images', false)
    expect(dangling.items.map(({ id, reason }) => [id, reason])).toEqual([[loose, 'dangling']])
    const first = resultOf<'images.prune'>(await run('images.prune', { all: false }))
    expect(first.deleted).toContain(loose)
    const forecast = forecastOf(dangling, ticksOf(dangling)).bytes
    if (podman) expect(first.reclaimedBytes).toBeGreaterThanOrEqual(forecast)
    else expect(first.reclaimedBytes).toBe(forecast)

    const all = await preview('images', true)
    expect(all.items.map(({ id }) => id)).toContain(named)
    expect(all.items.map(({ id }) => id)).not.toContain(used)
    expect(all.kept).toMatchObject([{ id: used, holders: ['uses-one'] }])
    const listed = all.items.map(({ id }) => id)
    const second = resultOf<'images.prune'>(await run('images.prune', { all: true }))
    expect(second.deleted.filter((id) => listed.includes(id)).sort()).toEqual([...listed].sort())
    expect(second.deleted).not.toContain(used)
    const expected = forecastOf(all, ticksOf(all)).bytes
    if (podman) expect(second.reclaimedBytes).toBeGreaterThanOrEqual(expected)
    else expect(second.reclaimedBytes).toBe(expected)
    expect((await preview('images', true)).items).toEqual([])
    await run('containers.remove', { id: resultOf<'containers.create'>(created).containerId, force: true, stopFirst: false, volumes: true })
  }, MINUTE)

  it('removes only what stayed ticked, one by one, and shows what an image in use would lose', async () => {
    const one = await importFiles('pick/one:1', { one: 'a'.repeat(10_000) })
    const two = await importFiles('pick/two:1', { two: 'b'.repeat(20_000) })
    for (const target of ['used/one:extra', 'used/one:more']) resultOf(await run('images.tag', { source: 'used/one:1', target }))
    const created = await room().run('containers.create', { engineId: engineId(), spec: spec('used/one:1', { name: 'uses-one' }) })
    const before = await preview('images', true)
    const extra = before.items.find(({ reason }) => reason === 'extra-tags')
    expect(extra?.references.map((name) => name.replace(/.*:/, ''))).toEqual(['1', 'extra'])
    expect(ticksOf(before).has(extra?.id ?? '')).toBe(false)

    const wanted = before.items.filter(({ id }) => id === one)
    const row = await run('images.prune', { all: true, only: wanted.map(({ id, references }) => ({ id, references })) })
    expect(row.command).toMatch(/^docker rmi \S*pick\/one:1$/)
    const result = resultOf<'images.prune'>(row)
    expect(result).toMatchObject({ failed: [], reclaimedBytes: forecastOf(before, new Set([one])).bytes })
    expect(result.deleted).toContain(one)
    const after = await preview('images', true)
    expect(after.items.map(({ id }) => id)).toContain(two)
    expect(after.items.map(({ id }) => id)).not.toContain(one)

    const inUse = { id: (await inspect('used/one:1')).id, references: ['used/one:1', 'used/one:extra', 'used/one:more'] }
    const refused = resultOf<'images.prune'>(await run('images.prune', { all: true, only: [inUse] }))
    expect(refused.failed).toMatchObject([{ name: 'used/one:more', error: { code: 'in-use' } }])
    await run('containers.remove', { id: resultOf<'containers.create'>(created).containerId, force: true, stopFirst: false, volumes: true })
    await rm(file('saved.tar'), { force: true })
  }, MINUTE)
}
