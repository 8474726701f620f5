/** The embedded engine without root. Runs only as a person whose account allows it (see checkRootless). */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createNativeProvider } from '../../engine/providers/native/native-provider.ts'
import { checkRootless } from '../../engine/providers/native/preflight.ts'
import { bundleEnv } from '../../engine/providers/native/tools.ts'
import { exec } from '../../engine/system/exec.ts'
import { listProcesses } from '../../engine/system/processes.ts'
import { BUNDLES, fetchPage, WELCOME, WELCOME_IMAGE } from '../support/native.ts'

const bundleFolder = BUNDLES.newest
const { username, uid } = userInfo()
const can = uid !== 0 && (await checkRootless(bundleFolder, username, uid).then(() => true, () => false))

describe.skipIf(!can)('embedded engine without root', async () => {
  const folder = can ? await mkdtemp(join(tmpdir(), 'naru-r-')) : ''
  const provider = createNativeProvider({ stateFolder: join(folder, 'home'), bundleFolder, log: () => undefined })
  const socket = join(folder, 'home/run/docker.sock')
  const start = () => provider.start({ signal: AbortSignal.timeout(90_000), report: () => undefined, log: () => undefined, now: Date.now })
  const docker = async (...args: string[]) =>
    (await exec(join(bundleFolder, 'bin/docker'), ['-H', `unix://${socket}`, ...args], { env: { ...bundleEnv(bundleFolder), DOCKER_CONFIG: folder } })).stdout.trim()

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('starts, serves, is adopted, pulls from loopback and stops without a trace', async () => {
    const first = await start()
    expect(first.adopted).toBe(false)
    first.release()
    const handle = await start()
    expect(handle.adopted).toBe(true)
    await docker('load', '-i', WELCOME)
    await docker('run', '-d', '--name', 'welcome', '-p', '127.0.0.1:18973:80', WELCOME_IMAGE)
    await expect.poll(() => fetchPage('127.0.0.1', 18_973), { timeout: 5_000 }).toMatchObject({ status: 200 })
    const asked: string[] = []
    const registry = createServer((call, answer) => {
      asked.push(call.url ?? '')
      answer.writeHead(call.url === '/v2/' ? 200 : 404).end('{}')
    }).listen(0, '127.0.0.1')
    await once(registry, 'listening')
    const { port } = registry.address() as AddressInfo
    await expect(docker('pull', `localhost:${port}/x:1`)).rejects.toBeDefined()
    expect(asked).toContain('/v2/')
    asked.length = 0
    await expect(docker('exec', 'welcome', 'wget', '-T', '1', '-q', '-O-', `http://10.0.2.2:${port}/v2/`)).rejects.toBeDefined()
    expect(asked).toEqual([])
    registry.close()
    await handle.stop({ graceMs: 20_000 })
    expect(await handle.ended).toEqual({ kind: 'stopped' })
    await expect(stat(join(folder, 'home/run'))).rejects.toMatchObject({ code: 'ENOENT' })
    const left = await Promise.all((await listProcesses()).map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
    expect(left.filter((text) => text.includes(join(folder, 'home')))).toEqual([])
  }, 120_000)
})
