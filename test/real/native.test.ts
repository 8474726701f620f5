/** The embedded engine on a real daemon: start, adopt, crash, heal, stop without a trace. */
import { spawn } from 'node:child_process'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findContainerd, findDaemon, findProxies } from '../../engine/providers/native/find.ts'
import { ping } from '../../engine/providers/native/ping.ts'
import { exec } from '../../engine/system/exec.ts'
import { endProcess, isAlive, isZombie } from '../../engine/system/processes.ts'
import { waitUntil } from '../../engine/system/clock.ts'
import { fetchPage, makeNativeHome, prepareNative, traces, WELCOME, WELCOME_IMAGE, whyNoNative } from '../support/native.ts'
import type { NativeHome } from '../support/native.ts'

const soon = (check: () => Promise<boolean>, withinMs = 5_000) => waitUntil(check, { withinMs, everyMs: 50 })

/** A port nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describe.skipIf(whyNoNative() !== null).each(['newest', 'bookworm'] as const)('embedded engine (%s)', (which) => {
  let bundle = ''
  let home: NativeHome
  let before: readonly string[] = []
  let port = 0

  beforeAll(async () => {
    bundle = await prepareNative(which)
    home = await makeNativeHome(bundle, 'a home with spaces')
    before = await traces(bundle, home.paths.state)
    port = await freePort()
  }, 300_000)
  afterAll(() => home.destroy(), 60_000)

  it('starts and answers', async () => {
    const phases: string[] = []
    expect(await home.provider.detect(AbortSignal.timeout(5_000))).toEqual({ state: 'startable' })
    const handle = await home.provider.start({
      signal: AbortSignal.timeout(90_000),
      report: ({ step, index, total }) => phases.push(`${index}/${total} ${step}`),
      log: () => undefined,
      now: Date.now,
    })
    expect(phases).toEqual(['1/4 clean-up', '2/4 network', '3/4 daemon', '4/4 ping'])
    expect(handle).toMatchObject({ adopted: false, dockerHost: `unix://${home.paths.socket}` })
    expect((await stat(home.paths.socket)).mode & 0o777).toBe(0o600)
    expect((await stat(home.paths.run)).mode & 0o777).toBe(0o700)
    const info: { LiveRestoreEnabled: boolean; LoggingDriver: string } = JSON.parse(await home.docker('info', '--format', '{{json .}}'))
    expect(info).toMatchObject({ LiveRestoreEnabled: true, LoggingDriver: 'json-file' })
    handle.release()
    expect(await handle.ended).toEqual({ kind: 'stopped' })
  }, 120_000)

  it('runs the welcome container offline and serves its page', async () => {
    await home.docker('load', '-i', WELCOME)
    await home.docker('run', '-d', '--name', 'welcome', '-p', `127.0.0.1:${port}:80`, WELCOME_IMAGE)
    expect(await soon(async () => (await fetchPage('127.0.0.1', port)).status === 200)).toBe(true)
    expect((await fetchPage('127.0.0.1', port)).body).toContain('컨테이너')
    expect(await home.docker('logs', 'welcome')).toContain('Naru welcome: listening on port 80')
    const history = await home.docker('history', '--format', '{{.CreatedBy}}', WELCOME_IMAGE)
    expect(history.split('\n').filter((line) => line.startsWith('COPY'))).toHaveLength(3)
    const log = await home.docker('inspect', '--format', '{{json .HostConfig.LogConfig}}', 'welcome')
    expect(JSON.parse(log)).toEqual({ Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } })
  }, 60_000)

  it('reports a port that a program of the machine holds', async () => {
    const holder = createServer().listen(0, '0.0.0.0')
    await once(holder, 'listening')
    const taken = (holder.address() as AddressInfo).port
    await expect(home.docker('run', '-d', '--name', 'taken', '-p', `${taken}:80`, WELCOME_IMAGE)).rejects.toMatchObject({
      detail: expect.stringMatching(/address already in use/),
    })
    await home.docker('rm', '-f', 'taken')
    holder.close()
  }, 60_000)

  it('lets the daemon, and nobody else, reach the machine’s loopback', async () => {
    const asked: string[] = []
    const registry = createHttpServer((call, answer) => {
      asked.push(call.url ?? '')
      answer.statusCode = call.url === '/v2/' ? 200 : 404
      answer.end('{}')
    }).listen(0, '127.0.0.1')
    await once(registry, 'listening')
    const at = (registry.address() as AddressInfo).port
    await expect(home.docker('pull', `localhost:${at}/team/thing:1`)).rejects.toMatchObject({ code: 'internal' })
    expect(asked).toContain('/v2/')
    expect(asked).toContain('/v2/team/thing/manifests/1')
    asked.length = 0
    const gateway = await home.docker('exec', 'welcome', 'sh', '-c', 'ip route | awk \'/default/ {print $3}\'')
    const routes = (await traces(bundle, home.paths.state)).find((line) => line.startsWith('route') && line.includes('via 10.'))
    expect(routes).toBeDefined()
    for (const target of [gateway, ...hostEnd(home)]) {
      await expect(home.docker('exec', 'welcome', 'wget', '-T', '2', '-q', '-O-', `http://${target}:${at}/v2/`)).rejects.toBeDefined()
    }
    const hostNetwork = ['run', '--rm', '--network', 'host', WELCOME_IMAGE]
    await expect(home.docker(...hostNetwork, 'wget', '-T', '2', '-q', '-O-', `http://127.0.0.1:${at}/v2/`)).rejects.toBeDefined()
    expect(asked).toEqual([])
    registry.close()
  }, 60_000)

  it('is adopted by the next start, and refuses two starts at once', async () => {
    const daemon = await findDaemon(home.paths)
    const both = await Promise.allSettled([home.start(), home.start()])
    expect(both.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find((each) => each.status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } })
    expect(await findDaemon(home.paths)).toMatchObject({ pid: daemon?.pid })
    expect(await home.provider.detect(AbortSignal.timeout(5_000))).toEqual({ state: 'running' })
  }, 60_000)

  it('tells of a killed daemon at once, and keeps containers alive over it', async () => {
    const handle = await home.start()
    expect(handle.adopted).toBe(true)
    const pid = await home.docker('inspect', '--format', '{{.State.Pid}}', 'welcome')
    const daemon = await findDaemon(home.paths)
    if (!daemon) throw new Error('no daemon')
    const killed = Date.now()
    process.kill(daemon.pid, 'SIGKILL')
    expect(await handle.ended).toMatchObject({ kind: 'exited', error: { code: 'provider.exited', retryable: true } })
    expect(Date.now() - killed).toBeLessThan(1_000)
    await expect(handle.dial()).rejects.toMatchObject({ code: 'engine.unreachable' })
    expect((await home.start()).adopted).toBe(false)
    expect(await home.docker('inspect', '--format', '{{.State.Pid}}', 'welcome')).toBe(pid)
    expect(await soon(async () => (await fetchPage('127.0.0.1', port)).status === 200)).toBe(true)
  }, 60_000)

  it('brings its containerd back', async () => {
    const containerd = await findContainerd(home.paths)
    if (!containerd) throw new Error('no containerd')
    process.kill(containerd.pid, 'SIGKILL')
    await soon(async () => !(await isAlive(containerd)))
    await home.start()
    expect(await findContainerd(home.paths)).not.toBeNull()
    expect(await soon(async () => (await home.docker('exec', 'welcome', 'echo', 'ok').catch(() => '')) === 'ok', 20_000)).toBe(true)
  }, 60_000)

  it('keeps containers and their namespace when it is stopped around them', async () => {
    const handle = await home.start()
    await handle.stop({ graceMs: 10_000 })
    expect(await handle.ended).toEqual({ kind: 'stopped' })
    expect(await findDaemon(home.paths)).toBeNull()
    await home.start()
    expect(await home.docker('ps', '--format', '{{.Names}}')).toBe('welcome')
    expect(await soon(async () => (await fetchPage('127.0.0.1', port)).status === 200)).toBe(true)
  }, 60_000)

  it('heals stale pid files, a zombie’s number, an occupied socket and a lost link', async () => {
    await home.docker('rm', '-f', 'welcome')
    const [daemon, containerd] = [await findDaemon(home.paths), await findContainerd(home.paths)]
    for (const each of [daemon, containerd]) if (each) await endProcess(each, [{ signal: 'SIGKILL', waitMs: 3_000 }])
    const zombieMaker = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [chunk] = (await once(zombieMaker.stdout, 'data')) as [Buffer]
    const zombie = chunk.toString().trim()
    expect(await soon(() => isZombie(Number(zombie)))).toBe(true)
    const squatter = createServer(() => undefined)
    try {
      for (const pid of [String(process.pid), zombie, '1']) {
        await writeFile(home.paths.daemonPid, pid)
        await mkdir(dirname(home.paths.containerdSocket), { recursive: true })
        await writeFile(join(dirname(home.paths.containerdSocket), 'containerd.pid'), pid)
        if (pid === zombie) {
          await rm(home.paths.socket, { force: true })
          squatter.listen(home.paths.socket)
          await once(squatter, 'listening')
        }
        if (pid === '1') await exec(join(bundle, 'iptables/ip'), ['link', 'delete', home.paths.hostLink])
        const started = Date.now()
        const handle = await home.start()
        expect(handle.adopted).toBe(false)
        expect(Date.now() - started).toBeLessThan(10_000)
        expect(await ping(home.paths.socket, 2_000)).toBe(true)
        for (const each of [await findDaemon(home.paths), await findContainerd(home.paths)]) {
          if (each) await endProcess(each, [{ signal: 'SIGKILL', waitMs: 3_000 }])
        }
        await handle.ended
      }
    } finally {
      zombieMaker.kill('SIGKILL')
      squatter.close()
    }
  }, 120_000)

  it('leaves nothing behind', async () => {
    const handle = await home.start()
    await home.docker('run', '-d', '--name', 'last', '-p', `127.0.0.1:${port}:80`, WELCOME_IMAGE)
    expect(await soon(async () => (await fetchPage('127.0.0.1', port)).status === 200)).toBe(true)
    expect((await traces(bundle, home.paths.state)).length).toBeGreaterThan(before.length)
    await home.docker('rm', '-f', 'last')
    await handle.stop({ graceMs: 10_000 })
    expect(await findProxies(home.paths)).toEqual([])
    expect((await traces(bundle, home.paths.state)).filter((line) => !before.includes(line))).toEqual([])
    await expect(stat(home.paths.run)).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(stat(home.paths.lock)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await readFile(home.paths.daemonLog, 'utf8')).not.toBe('')
  }, 60_000)
})

/** The machine's addresses on the link to the engine. */
function hostEnd(home: NativeHome): readonly string[] {
  return (networkInterfaces()[home.paths.hostLink] ?? []).filter((each) => each.family === 'IPv4').map((each) => each.address)
}
