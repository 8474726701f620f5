/** The embedded engine on a real daemon: start, adopt, crash, heal, stop without a trace. */
import { spawn } from 'node:child_process'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { daemonEnv, enterAsDaemon, spawnDetached } from '../../engine/providers/native/daemon.ts'
import { findContainerd, findDaemon, findProxies, findShims } from '../../engine/providers/native/find.ts'
import { ping } from '../../engine/providers/native/ping.ts'
import { hasContainerd } from '../../engine/providers/native/start.ts'
import { bundleEnv } from '../../engine/providers/native/tools.ts'
import { exec } from '../../engine/system/exec.ts'
import { endProcess, isAlive, isZombie, readProcess } from '../../engine/system/processes.ts'
import type { ProcessRef } from '../../engine/system/processes.ts'
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

  async function daemons(): Promise<readonly [ProcessRef, ProcessRef]> {
    const [daemon, containerd] = [await findDaemon(home.paths), await findContainerd(home.paths)]
    if (!daemon || !containerd) throw new Error('dockerd or containerd does not run')
    return [daemon, containerd]
  }

  interface Victims {
    readonly once: string
    readonly always: string
    readonly alwaysPid: number
    /** Their shims and first processes. */
    readonly pids: readonly number[]
  }

  /** A container that may end, and one that is to run always. */
  async function twoVictims(): Promise<Victims> {
    const made = async (name: string, restart: string): Promise<{ id: string; pid: number; shim: number }> => {
      const id = await home.docker('run', '-d', '--name', name, '--restart', restart, WELCOME_IMAGE, 'sleep', '99999')
      const pid = Number(await home.docker('inspect', '--format', '{{.State.Pid}}', id))
      const shim = (await readProcess(pid))?.parent ?? 0
      if (!pid || !shim) throw new Error(`${name} has no process or no shim`)
      return { id, pid, shim }
    }
    const [once, always] = [await made('untold', 'no'), await made('untold-always', 'always')]
    return { once: once.id, always: always.id, alwaysPid: always.pid, pids: [once.shim, once.pid, always.shim, always.pid] }
  }

  async function endedAndAgain({ once, always, alwaysPid }: Victims, withinMs: number): Promise<void> {
    const state = (id: string): Promise<string> => home.docker('inspect', '--format', '{{.State.Running}} {{.State.Pid}}', id).catch(() => '')
    expect(await soon(async () => (await state(once)) === 'false 0', withinMs)).toBe(true)
    expect(await soon(async () => /^true (?!0$)/.test(await state(always)) && !(await state(always)).endsWith(` ${alwaysPid}`), withinMs)).toBe(true)
    expect(await soon(async () => (await home.docker('rm', '-f', once, always).catch(() => '')).includes(always), 20_000)).toBe(true)
  }

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

  it('starts anew with its containerd when that was killed, at once, and its containers never stopped', async () => {
    const handle = await home.start()
    const [daemon, containerd] = await daemons()
    const pid = await home.docker('inspect', '--format', '{{.State.Pid}}', 'welcome')
    process.kill(containerd.pid, 'SIGKILL')
    expect(await handle.ended).toMatchObject({ kind: 'exited', error: { code: 'provider.exited', retryable: true } })
    expect((await home.start()).adopted).toBe(false)
    const now = await daemons()
    expect([now[0].pid === daemon.pid, now[1].pid === containerd.pid]).toEqual([false, false])
    expect(await home.docker('inspect', '--format', '{{.State.Pid}}', 'welcome')).toBe(pid)
    expect(await home.docker('exec', 'welcome', 'echo', 'ok')).toBe('ok')
  }, 60_000)

  it('is not adopted when it lost its containerd while nobody looked', async () => {
    ;(await home.start()).release()
    const [daemon, containerd] = await daemons()
    process.kill(containerd.pid, 'SIGKILL')
    expect(await soon(async () => !(await isAlive(containerd)))).toBe(true)
    expect((await home.start()).adopted).toBe(false)
    expect((await daemons())[0].pid).not.toBe(daemon.pid)
    expect(await home.docker('exec', 'welcome', 'echo', 'ok')).toBe('ok')
  }, 60_000)

  it('knows of containers that ended while there was no containerd to say so; what is to run always runs again', async () => {
    const handle = await home.start()
    const victims = await twoVictims()
    const [, containerd] = await daemons()
    for (const pid of [containerd.pid, ...victims.pids]) process.kill(pid, 'SIGKILL')
    await handle.ended
    await home.start()
    await endedAndAgain(victims, 10_000)
  }, 90_000)

  it('is made to look at containers that ended when nobody told it; what is to run always runs again', async () => {
    ;(await home.start()).release()
    const victims = await twoVictims()
    const [daemon, containerd] = await daemons()
    for (const pid of [containerd.pid, ...victims.pids]) process.kill(pid, 'SIGKILL')
    expect(await soon(async () => !(await isAlive(containerd)))).toBe(true)
    // Somebody else's hand: beside the same dockerd, which is told nothing.
    for (const suffix of ['', '.ttrpc']) await rm(`${home.paths.containerdSocket}${suffix}`, { force: true })
    const [file, args] = enterAsDaemon(home.paths, 'containerd', ['--config', home.paths.containerdConfig])
    spawnDetached(file, args, { env: daemonEnv(home.paths, bundleEnv(bundle)), log: home.paths.containerdLog, cwd: '/' })
    expect(await soon(async () => hasContainerd(home.paths), 20_000)).toBe(true)
    expect((await home.start()).adopted).toBe(true)
    expect((await daemons())[0].pid).toBe(daemon.pid)
    // Naru looks every ten seconds.
    await endedAndAgain(victims, 30_000)
  }, 90_000)

  it('keeps containers and their namespace when it is stopped around them', async () => {
    const handle = await home.start()
    await handle.stop({ graceMs: 10_000 })
    expect(await handle.ended).toEqual({ kind: 'stopped' })
    expect(await findDaemon(home.paths)).toBeNull()
    await home.start()
    expect(await home.docker('ps', '--format', '{{.Names}}')).toBe('welcome')
    expect(await soon(async () => (await fetchPage('127.0.0.1', port)).status === 200)).toBe(true)
  }, 60_000)

  it('ends a container that dockerd does not know any more when it is stopped, and no other', async () => {
    const handle = await home.start()
    const id = await home.docker('run', '-d', '--name', 'unknown', WELCOME_IMAGE, 'sleep', '99999')
    const pid = Number(await home.docker('inspect', '--format', '{{.State.Pid}}', id))
    const first = await readProcess(pid)
    const daemon = await findDaemon(home.paths)
    if (!first || !daemon) throw new Error('no container or daemon')
    process.kill(daemon.pid, 'SIGKILL')
    await handle.ended
    // As if dockerd had been killed before it wrote down that the container is there.
    await rm(join(home.paths.data, 'containers', id), { recursive: true })
    const next = await home.start()
    expect(await home.docker('ps', '-a', '--format', '{{.Names}}')).toBe('welcome')
    expect(await isAlive(first)).toBe(true)
    await next.stop({ graceMs: 10_000 })
    expect(await isAlive(first)).toBe(false)
    expect(await findShims(home.paths)).toHaveLength(1)
    await home.start()
    expect(await home.docker('ps', '--format', '{{.Names}}')).toBe('welcome')
  }, 60_000)

  it('ends a container that dockerd does not know while it works, and no other', async () => {
    const id = await home.docker('run', '-d', '--name', 'unknown', WELCOME_IMAGE, 'sleep', '99999')
    const first = await readProcess(Number(await home.docker('inspect', '--format', '{{.State.Pid}}', id)))
    const [daemon, handle] = [await findDaemon(home.paths), await home.start()]
    if (!first || !daemon) throw new Error('no container or daemon')
    process.kill(daemon.pid, 'SIGKILL')
    await handle.ended
    await rm(join(home.paths.data, 'containers', id), { recursive: true })
    await home.start()
    expect(await isAlive(first)).toBe(true)
    // Naru looks every ten seconds, and acts on what it has seen twice.
    expect(await soon(async () => !(await isAlive(first)), 35_000)).toBe(true)
    expect(await soon(async () => (await findShims(home.paths)).length === 1, 10_000)).toBe(true)
    expect(await home.docker('ps', '--format', '{{.Names}}')).toBe('welcome')
  }, 60_000)

  it('starts a container again whose folder containerd could not remove', async () => {
    const id = await home.docker('run', '-d', '--name', 'again', WELCOME_IMAGE, 'sleep', '99999')
    await home.docker('kill', id)
    const bundle = join(home.paths.execRoot, 'containerd/daemon/io.containerd.runtime.v2.task/moby', id)
    expect(await soon(async () => !existsSync(bundle))).toBe(true)
    await mkdir(join(bundle, 'rootfs'), { recursive: true })
    await expect(home.docker('start', id)).rejects.toMatchObject({ detail: expect.stringContaining('file exists') })
    expect(await soon(async () => (await home.docker('start', id).catch(() => '')) === id, 35_000)).toBe(true)
    await home.docker('rm', '-f', id)
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

  it('ends what a killed shim left of a container when it stops', async () => {
    const handle = await home.start()
    const begun = async (name: string): Promise<ProcessRef> => {
      await home.docker('run', '-d', '--name', name, WELCOME_IMAGE)
      const found = await readProcess(Number(await home.docker('inspect', '--format', '{{.State.Pid}}', name)))
      if (!found) throw new Error(`${name} does not run`)
      return found
    }
    const inside = await begun('left')
    const daemons = [await findDaemon(home.paths), await findContainerd(home.paths), ...(await findShims(home.paths))]
    // Stopped, so that nobody starts or cleans up anything in between.
    for (const each of daemons) if (each) process.kill(each.pid, 'SIGSTOP')
    for (const each of daemons) if (each) process.kill(each.pid, 'SIGKILL')
    expect(await soon(async () => (await findShims(home.paths)).length === 0)).toBe(true)
    expect(await isAlive(inside)).toBe(true)
    await handle.stop({ graceMs: 1_000 })
    expect(await isAlive(inside)).toBe(false)
    await home.start()
    await home.docker('rm', '-f', 'left')
  }, 60_000)

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

describe.skipIf(whyNoNative() !== null)('files of the embedded engine', () => {
  it('are compared with their manifest: with one byte changed nothing is started, and with it back the engine comes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'naru-bundle-'))
    const bundle = join(folder, 'engine')
    await cp(await prepareNative('newest'), bundle, { recursive: true, verbatimSymlinks: true })
    const home = await makeNativeHome(bundle)
    const library = join(bundle, 'lib', (await readdir(join(bundle, 'lib'))).find((name) => name.startsWith('libseccomp')) ?? '')
    try {
      const bytes = await readFile(library)
      const place = bytes.length - 100
      const changed = Buffer.from(bytes)
      changed[place] = (bytes[place] ?? 0) ^ 1
      await writeFile(library, changed)
      await expect(home.start()).rejects.toMatchObject({ code: 'provider.image-corrupt', hint: 'bundle-corrupt', params: { path: library, folder: bundle } })
      expect([await findDaemon(home.paths), await findContainerd(home.paths)]).toEqual([null, null])
      expect(existsSync(home.paths.run)).toBe(false)
      await writeFile(library, bytes)
      const handle = await home.start()
      await handle.stop({ graceMs: 5_000 })
      // The same size, and it was found whole a moment ago.
      await writeFile(library, changed)
      await expect(home.start()).rejects.toMatchObject({ code: 'provider.image-corrupt' })
    } finally {
      await home.destroy()
      await rm(folder, { recursive: true, force: true })
    }
  }, 120_000)
})
