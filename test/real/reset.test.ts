/** Factory reset of the embedded engine, on a real one: all it holds goes, nothing else. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { makeNativeHome, prepareNative, traces, WELCOME, WELCOME_IMAGE, whyNoNative } from '../support/native.ts'
import type { NativeHome } from '../support/native.ts'

describe.skipIf(whyNoNative() !== null)('a factory reset', () => {
  let home: NativeHome
  let room: EngineRoom
  let bundle = ''
  let before: readonly string[] = []

  beforeAll(async () => {
    bundle = await prepareNative('newest')
    home = await makeNativeHome(bundle)
    before = await traces(bundle, home.paths.state)
    room = await startEngineRoom({ env: { NARU_SOCKETS: '' }, engines: { providers: [home.provider] } })
  }, 300_000)
  afterAll(async () => {
    await room?.close()
    await home?.destroy()
  }, 60_000)

  const ready = () => room.engines(({ engines }) => engines.some(({ id, status }) => id === 'native' && status === 'ready'))

  it('takes containers, images and volumes away and starts the engine empty; a folder behind a volume stays', async () => {
    await room.link.call('engines.select', { engineId: 'native' })
    await ready()
    const mine = join(home.paths.state, '..', 'mine')
    await mkdir(mine, { recursive: true })
    await writeFile(join(mine, 'letter'), 'dear me')
    await home.docker('load', '-i', WELCOME)
    await home.docker('volume', 'create', '--opt', 'type=none', '--opt', 'o=bind', '--opt', `device=${mine}`, 'bound')
    await home.docker('run', '-d', '--name', 'web', '-v', 'kept:/kept', '-v', 'bound:/bound', WELCOME_IMAGE)
    // A deletion that was cut short earlier is finished on the way.
    await mkdir(join(home.paths.state, 'data.gone-1', 'half'), { recursive: true })

    const loss = await room.link.call('engines.loss', { engineId: 'native' })
    expect(loss).toMatchObject({ known: true, containers: 1, running: 1, images: 1, volumes: 2 })
    expect(loss.imagesBytes).toBeGreaterThan(0)
    expect(loss.dataBytes).toBeGreaterThan(0)
    expect(await room.run('engines.reset', { engineId: 'native', consent: 'none' })).toMatchObject({ status: 'failed', error: { hint: 'reset-consent' } })
    expect(await home.docker('ps', '-q')).not.toBe('')

    expect(await room.run('engines.reset', { engineId: 'native', consent: loss.consent })).toMatchObject({ status: 'succeeded', cancellable: false })
    await ready()
    for (const what of [['ps', '-aq'], ['images', '-q'], ['volume', 'ls', '-q']]) expect(await home.docker(...what)).toBe('')
    expect(await readFile(join(mine, 'letter'), 'utf8')).toBe('dear me')
    expect((await readdir(home.paths.state)).filter((name) => name.startsWith('data'))).toEqual(['data'])
    await home.docker('load', '-i', WELCOME)
    await home.docker('run', '--rm', '--entrypoint', 'true', WELCOME_IMAGE).catch(() => home.docker('run', '-d', WELCOME_IMAGE))
  }, 180_000)

  it('of an engine that does not run begins with what its folder takes, and leaves no trace of it', async () => {
    expect(await room.run('engines.stop', { engineId: 'native', containers: 'stop' })).toMatchObject({ status: 'succeeded' })
    const loss = await room.link.call('engines.loss', { engineId: 'native' })
    expect(loss).toMatchObject({ known: false, containers: 0 })
    expect(loss.dataBytes).toBeGreaterThan(0)
    expect(await room.run('engines.reset', { engineId: 'native', consent: loss.consent })).toMatchObject({ status: 'succeeded' })
    expect(await room.run('engines.stop', { engineId: 'native', containers: 'keep' })).toMatchObject({ status: 'succeeded' })
    expect(await traces(bundle, home.paths.state)).toEqual(before)
  }, 180_000)
})
