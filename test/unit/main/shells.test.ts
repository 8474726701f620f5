import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isWindowRoute } from '../../../engine/contract/shell.ts'
import { createBackoff } from '../../../main/backoff.ts'
import { askRunning, takeControl } from '../../../main/control.ts'
import type { ControlAnswer } from '../../../main/control.ts'
import { findPlaces, stateFolder } from '../../../main/places.ts'
import { DEFAULT_WINDOW, parseWindowState, readWindowState, writeWindowState } from '../../../main/window-state.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-shells-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('state folder', () => {
  it('is NARU_HOME, else the place for data of the person', () => {
    expect(stateFolder({ NARU_HOME: '/a/b' }, '/home/p')).toBe('/a/b')
    expect(stateFolder({ XDG_DATA_HOME: '/data' }, '/home/p')).toBe('/data/naru')
    expect(stateFolder({ XDG_DATA_HOME: 'relative' }, '/home/p')).toBe('/home/p/.local/share/naru')
    expect(stateFolder({}, '/home/p')).toBe('/home/p/.local/share/naru')
  })

  it('holds the caches unless they are elsewhere', () => {
    const env = { NARU_HOME: folder }
    expect(findPlaces(env, '/out').bundle).toBe(join(folder, 'cache/engine'))
    expect(findPlaces({ ...env, NARU_ENGINE_BUNDLE: '/e' }, '/out').bundle).toBe('/e')
    expect(findPlaces(env, '/out', '/no/resources').welcomeImage).toBe(join(folder, 'cache/welcome.tar'))
  })
})

describe('the virtual machine’s files', () => {
  const built = join(import.meta.dirname, '../../../out')

  it('are made in a copy of the project, by the Node that set it up', () => {
    const { vmImage, vmQemu, vmSetup } = findPlaces({ NARU_HOME: folder, NARU_NODE: '/n/node' }, built)
    expect([vmImage, vmQemu]).toEqual([join(folder, 'cache/vm-image'), join(folder, 'cache/qemu')])
    expect(vmSetup).toMatchObject({ file: '/n/node', args: [expect.stringMatching(/main\/setup\/vm\.mjs$/), vmImage, vmQemu] })
  })

  it('come with a packaged app or lie where somebody said, and are not made then', () => {
    for (const name of ['vm-image', 'qemu']) mkdirSync(join(folder, 'resources', name), { recursive: true })
    expect(findPlaces({ NARU_HOME: folder }, built, join(folder, 'resources'))).toMatchObject({ vmImage: join(folder, 'resources/vm-image'), vmQemu: join(folder, 'resources/qemu') })
    for (const places of [findPlaces({ NARU_HOME: folder }, built, join(folder, 'resources')), findPlaces({ NARU_HOME: folder, NARU_VM_IMAGE: '/v' }, built)]) {
      expect(places.vmSetup).toBeUndefined()
    }
    expect(findPlaces({ NARU_HOME: folder, NARU_VM_IMAGE: '/v', NARU_VM_QEMU: '/q' }, built)).toMatchObject({ vmImage: '/v', vmQemu: '/q' })
  })
})

describe('window state', () => {
  it('comes back as it was written', () => {
    const state = { width: 900, height: 700, x: 10, y: -20, maximized: true }
    writeWindowState(folder, state)
    expect(readWindowState(folder)).toEqual(state)
  })

  it.each(['', '{', '[]', 'null', '{"width":1,"height":1}', '{"width":1e9,"height":700}', '{"width":"900","height":700}'])(
    'is the default for %j',
    (text) => expect(parseWindowState(text)).toEqual(DEFAULT_WINDOW),
  )

  it('is the default without a file, and a folder that cannot be written harms nobody', () => {
    expect(readWindowState(folder)).toEqual(DEFAULT_WINDOW)
    writeWindowState(join(folder, 'missing'), DEFAULT_WINDOW)
  })
})

describe('one Naru per state folder', () => {
  const answer: ControlAnswer = { pid: 7, shell: 'web', address: 'http://127.0.0.1:1/boot?t=x' }
  const show = (): Promise<ControlAnswer> => Promise.resolve(answer)

  it('gives the second start the answer of the first', async () => {
    const first = await takeControl(folder, show)
    expect('control' in first).toBe(true)
    expect(await takeControl(folder, show)).toEqual({ running: answer })
    if ('control' in first) first.control.close()
    expect(await askRunning(folder)).toBeUndefined()
    const third = await takeControl(folder, show)
    expect('control' in third).toBe(true)
    if ('control' in third) third.control.close()
  })

  it('replaces a socket nobody answers on', async () => {
    writeFileSync(join(folder, 'control.sock'), '')
    const taken = await takeControl(folder, show)
    expect('control' in taken).toBe(true)
    if ('control' in taken) taken.control.close()
  })

  it('works in folders deeper than a socket path may be', async () => {
    const deep = join(folder, 'a-rather-long-name-'.repeat(6))
    const { mkdirSync } = await import('node:fs')
    mkdirSync(deep)
    const first = await takeControl(deep, show)
    expect(await askRunning(deep)).toEqual(answer)
    if ('control' in first) first.control.close()
  })

  it('waits for one that is still starting instead of taking its place', async () => {
    let answers: () => Promise<ControlAnswer> = () => {
      throw new ReferenceError('not made yet')
    }
    const first = await takeControl(folder, () => answers())
    const second = takeControl(folder, show)
    await new Promise((resolve) => setTimeout(resolve, 300))
    answers = show
    expect(await second).toEqual({ running: answer })
    expect(await askRunning(folder)).toEqual(answer)
    if ('control' in first) first.control.close()
  })

  it('takes the place of nobody who lives: two on one folder would spoil it', async () => {
    const server = createServer((socket) => void socket.end('no answer\n'))
    await new Promise<void>((resolve) => server.listen(join(folder, 'control.sock'), resolve))
    await expect(takeControl(folder, show, 100)).rejects.toThrow(folder)
    expect(await askRunning(folder)).toBeUndefined()
    server.close()
  })

  it('waits no longer than it must for one that does not answer', async () => {
    const server = createServer(() => undefined)
    await new Promise<void>((resolve) => server.listen(join(folder, 'control.sock'), resolve))
    const started = Date.now()
    expect(await askRunning(folder)).toBeUndefined()
    expect(Date.now() - started).toBeLessThan(5_000)
    server.close()
  })
})

describe('routes with a window of their own', () => {
  it.each(['/log-window/native/0123abcd', '/log-window/socket%3A%2Frun%2Fx.sock/0123abcd', '/log-window/a/b?tail=10'])('%s', (route) =>
    expect(isWindowRoute(route)).toBe(true),
  )
  it.each([
    '/settings',
    '/log-window/',
    '/log-window/../x',
    '/log-window/a/../../x',
    '/log-window/a/%2e%2E/x',
    '/log-window/a//b',
    '//evil.test/log-window/a',
    'https://evil.test/',
    '/log-window/a b',
    '/log-window/a#b',
    `/log-window/${'a'.repeat(600)}`,
    undefined,
    {},
  ])('not %s', (route) => expect(isWindowRoute(route)).toBe(false))
})

describe('waits between restarts', () => {
  it('double up to a bound and start over after a calm run', () => {
    const backoff = createBackoff({ first: 100, most: 400, calmMs: 1000 })
    expect([0, 0, 0, 0, 999].map(backoff.next)).toEqual([100, 200, 400, 400, 400])
    expect(backoff.next(1000)).toBe(100)
  })
})
