/** A system dockerd beside ours must not notice: same rules, same bridge, its page served all along. */
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findDaemon } from '../../engine/providers/native/find.ts'
import { waitUntil } from '../../engine/system/clock.ts'
import { fetchPage, makeNativeHome, prepareNative, WELCOME, WELCOME_IMAGE, whyNoNative } from '../support/native.ts'
import type { NativeHome } from '../support/native.ts'
import { startSystemDaemon, whyNoSystemDaemon } from '../support/system-daemon.ts'
import type { SystemDaemon } from '../support/system-daemon.ts'

const SYSTEM_PORT = 18_971
const OUR_PORT = 18_972
const served = (port: number) => waitUntil(async () => (await fetchPage('127.0.0.1', port)).status === 200, { withinMs: 5_000, everyMs: 50 })
const bridge = () => networkInterfaces().docker0?.map((each) => each.address)

describe.skipIf(whyNoNative() !== null || whyNoSystemDaemon() !== null)('two daemons on one machine', () => {
  let system: SystemDaemon
  let home: NativeHome
  let rules: readonly string[] = []
  const ours = (line: string): boolean => line.includes(home.paths.tag)
  /** Rules that no embedded engine made. */
  const systemRules = async (): Promise<readonly string[]> => (await system.rules()).filter((line) => !/naru-[0-9a-f]{8}/.test(line)).sort()

  beforeAll(async () => {
    const bundle = await prepareNative('newest')
    system = await startSystemDaemon(bundle)
    home = await makeNativeHome(bundle)
    await system.docker('load', '-i', WELCOME)
    await system.docker('run', '-d', '-p', `${SYSTEM_PORT}:80`, WELCOME_IMAGE)
    expect(await served(SYSTEM_PORT)).toBe(true)
    rules = await systemRules()
  }, 300_000)
  afterAll(async () => {
    await home?.destroy()
    await system?.close()
  }, 60_000)

  it('leaves the system’s rules, bridge and page alone while ours starts and runs', async () => {
    const before = bridge()
    await home.start()
    await home.docker('load', '-i', WELCOME)
    await home.docker('network', 'create', 'extra')
    await home.docker('run', '-d', '--name', 'web', '-p', `${OUR_PORT}:80`, WELCOME_IMAGE)
    expect(await served(OUR_PORT)).toBe(true)
    expect(await served(SYSTEM_PORT)).toBe(true)
    expect(await systemRules()).toEqual(rules)
    expect(bridge()).toEqual(before)
    expect(await system.docker('ps', '-q')).not.toBe(await home.docker('ps', '-q'))
  }, 90_000)

  it('lets a container of one reach a published port of the other', async () => {
    const address = Object.values(networkInterfaces()).flat().find((each) => each && !each.internal && each.family === 'IPv4' && !each.address.startsWith('10.2') && !each.address.startsWith('172.17.'))?.address
    expect(address).toBeDefined()
    const ask = (port: number) => ['sh', '-c', `wget -T 3 -q -O- http://${address}:${port}/ | head -1`]
    expect(await home.docker('exec', 'web', ...ask(SYSTEM_PORT))).toContain('doctype')
    expect(await system.docker('run', '--rm', WELCOME_IMAGE, ...ask(OUR_PORT))).toContain('doctype')
  }, 60_000)

  it('survives a restart of the system’s daemon, and the other way round', async () => {
    await system.restart()
    expect(await served(OUR_PORT)).toBe(true)
    expect(await served(SYSTEM_PORT)).toBe(true)
    const daemon = await findDaemon(home.paths)
    if (daemon) process.kill(daemon.pid, 'SIGKILL')
    await waitUntil(async () => (await findDaemon(home.paths)) === null, { withinMs: 5_000, everyMs: 20 })
    await home.start()
    expect(await served(OUR_PORT)).toBe(true)
    expect(await served(SYSTEM_PORT)).toBe(true)
    expect(await systemRules()).toEqual(rules)
  }, 90_000)

  it('takes only its own away when it stops', async () => {
    const handle = await home.start()
    await home.docker('rm', '-f', 'web')
    await handle.stop({ graceMs: 10_000 })
    expect((await system.rules()).filter(ours)).toEqual([])
    expect(await systemRules()).toEqual(rules)
    expect(await served(SYSTEM_PORT)).toBe(true)
  }, 60_000)
})
