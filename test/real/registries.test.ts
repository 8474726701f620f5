/** Logins and pushes with real registries: passwords, TLS of a private authority, plain HTTP, a mirror that only reads. */
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { OperationRow } from '../../engine/contract/models.ts'
import { argumentsOf, listProcesses } from '../../engine/system/processes.ts'
import { makeCertificates } from '../support/certificates.ts'
import type { Certificates } from '../support/certificates.ts'
import { startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { canRunDockerd, canRunPodman, startDockerd, startPodman } from '../support/real-engine.ts'
import type { OwnNetwork, RealEngine } from '../support/real-engine.ts'
import { openRegistryFront, openTokenServer } from '../support/registry-front.ts'
import { ADA, canRunRegistry, startRegistry } from '../support/registry.ts'
import type { Registry } from '../support/registry.ts'

const WELCOME = join(fileURLToPath(new URL('../../.naru/cache', import.meta.url)), 'welcome.tar')
const MINUTE = 60_000
/** In the daemon's own network namespace: a registry there is not on loopback, so engines insist on TLS. */
const ADDRESS = '10.99.0.1'
const possible = canRunRegistry && existsSync(WELCOME)

interface Bench {
  readonly folder: string
  readonly engine: RealEngine
  readonly room: EngineRoom
  readonly engineId: string
  readonly certificates: Certificates
  readonly etcDocker: string
  readonly registry: (options: Parameters<typeof startRegistry>[0]) => Promise<Registry>
  readonly tag: (reference: string) => Promise<void>
  readonly close: () => Promise<void>
}

async function makeBench(start: (own: OwnNetwork) => Promise<RealEngine>): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-registries-'))
  const etcDocker = join(folder, 'etc-docker')
  await mkdir(etcDocker)
  const certificates = await makeCertificates(join(folder, 'certificates'), ADDRESS)
  const engine = await start({ address: ADDRESS, etcDocker })
  const room = await startEngineRoom({ env: { NARU_SOCKETS: engine.socketPath }, welcomeImage: WELCOME })
  const registries: Registry[] = []
  const close = async (): Promise<void> => {
    try {
      await within(20_000, 'the engine room does not close', room.close())
    } finally {
      for (const one of registries) await one.close()
      await engine.close()
      await rm(folder, { recursive: true, force: true })
    }
  }
  const ready = room.engines((snapshot) => snapshot.currentId !== null && snapshot.engines.some(({ status }) => status === 'ready'))
  const engineId = await ready.then(
    ({ currentId }) => currentId ?? '',
    async (error: unknown) => {
      await close()
      throw error
    },
  )
  return {
    folder,
    engine,
    room,
    engineId,
    certificates,
    etcDocker,
    async registry(options) {
      const given = typeof options === 'string' ? { htpasswd: options } : options
      const made = await startRegistry({ ...given, inNetworkOf: engine.pid() })
      registries.push(made)
      return made
    },
    async tag(reference) {
      await dockerTag(engine.socketPath, reference)
    },
    close,
  }
}

/** Fails with these words when the work takes longer, so that what hangs has a name and what comes after it still happens. */
async function within<T>(ms: number, words: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${words} (${ms} ms)`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Loads the welcome image and names it. */
async function dockerTag(socketPath: string, reference: string): Promise<void> {
  const at = reference.lastIndexOf(':')
  const repo = encodeURIComponent(reference.slice(0, at))
  const source = encodeURIComponent('naru/welcome:latest').replaceAll('%2F', '/')
  const status = await new Promise<number>((resolve, reject) => {
    const asked = request({ socketPath, method: 'POST', path: `/images/${source}/tag?repo=${repo}&tag=${reference.slice(at + 1)}`, signal: AbortSignal.timeout(20_000) }, (answer) => {
      answer.resume()
      answer.once('end', () => resolve(answer.statusCode ?? 0))
    })
    asked.once('error', reject)
    asked.end()
  })
  expect(status).toBe(201)
}

/** Every form in which a secret could lie about. */
const forms = (secret: string): string[] => {
  const base64 = [secret, `ada:${secret}`, `:${secret}`].flatMap((text) => [0, 1, 2].map((pad) => Buffer.from('x'.repeat(pad) + text).toString('base64').slice(4, -4)))
  return [secret, ...base64.filter((text) => text.length >= 8)]
}
const leaks = (text: string): string[] => forms(ADA.password).filter((form) => text.includes(form))

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

async function everythingSaid(bench: Bench, rows: readonly OperationRow[]): Promise<string> {
  const files = await Promise.all((await filesBelow(bench.room.folder)).map((path) => readFile(path, 'latin1')))
  const commands = await Promise.all((await listProcesses()).map(async (pid) => (pid === process.pid ? '' : (await argumentsOf(pid)).join(' '))))
  return [...bench.room.lines, ...files, ...commands, JSON.stringify(rows), JSON.stringify(await bench.room.link.call('registries.list', { engineId: null }))].join('\n')
}

async function operations(room: EngineRoom): Promise<readonly OperationRow[]> {
  for await (const { upsert } of room.link.stream('operations.watch', {})) return upsert
  return []
}

describe.skipIf(!possible || !canRunDockerd)('registries with dockerd', () => {
  let bench: Bench
  let closed: Registry
  const login = (registry: string, secret: string) => bench.room.link.call('registries.login', { engineId: bench.engineId, registry, user: ADA.user, secret, keep: true })

  beforeAll(async () => {
    bench = await makeBench(startDockerd)
    closed = await bench.registry(ADA.htpasswd)
    const { engineId, room } = bench
    // Only to have an image: the container is of no use here.
    await room.run('welcome.run', { engineId }).then(async (row) => {
      const { containerId } = (row.result ?? {}) as { containerId?: string }
      if (containerId) await room.run('containers.remove', { engineId, id: containerId, force: true, stopFirst: false, volumes: true })
    })
  }, 2 * MINUTE)
  afterAll(() => bench?.close(), MINUTE)
  afterEach(async () => {
    for (const { registry, place } of (await bench.room.link.call('registries.list', { engineId: null })).logins) await bench.room.link.call('registries.logout', { registry, place })
  })

  it('refuses a wrong password at its field, keeps a right one, pushes, pulls, logs out', async () => {
    const { room, engineId } = bench
    const reference = `${closed.host}/team/web:1`
    await bench.tag(reference)
    expect(await room.run('images.push', { engineId, reference })).toMatchObject({
      status: 'failed',
      command: `docker push ${reference}`,
      error: { code: 'unauthorized', hint: 'registry.login-needed', params: { registry: closed.host } },
    })
    await expect(login(closed.host, 'wrong')).rejects.toMatchObject({ code: 'unauthorized', hint: 'registry.wrong-password', params: { field: 'password', registry: closed.host } })
    expect((await room.link.call('registries.list', { engineId: null })).logins).toEqual([])
    expect(await login(`http://${closed.host}/v2/`, ADA.password)).toMatchObject({ registry: closed.host, user: 'ada', place: 'memory' })
    await room.link.call('registries.test', { engineId, registry: closed.host })

    const pushed = await room.run('images.push', { engineId, reference })
    expect(pushed).toMatchObject({ status: 'succeeded', result: { reference, layers: 3, sentLayers: 3 } })
    const { digest, sentBytes } = pushed.result as { digest: string; sentBytes: number }
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(sentBytes).toBeGreaterThan(1_000_000)
    expect(pushed.progress?.parts.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
    const again = await room.run('images.push', { engineId, reference })
    expect(again.progress?.parts.map(({ state }) => state)).toEqual(['exists', 'exists', 'exists'])
    expect(again.result).toMatchObject({ digest, sentLayers: 0 })
    await bench.tag(`${closed.host}/other/web:1`)
    const mounted = await room.run('images.push', { engineId, reference: `${closed.host}/other/web:1` })
    expect(mounted.progress?.parts.map(({ state }) => state)).toEqual(['mounted', 'mounted', 'mounted'])

    await room.run('images.remove', { engineId, reference, force: false })
    expect(await room.run('images.pull', { engineId, reference })).toMatchObject({ status: 'succeeded' })
    await room.link.call('registries.logout', { registry: closed.host, place: 'memory' })
    await room.run('images.remove', { engineId, reference, force: false })
    expect(await room.run('images.pull', { engineId, reference })).toMatchObject({
      status: 'failed',
      error: { code: 'unauthorized', hint: 'registry.login-needed', params: { registry: closed.host } },
    })
  }, 2 * MINUTE)

  it('lets the secret be nowhere: not in logs, state, Activity, command lines or what comes back', async () => {
    const { room } = bench
    await login(closed.host, ADA.password)
    await login('127.0.0.1:1', ADA.password).catch(() => undefined)
    const rows = await operations(room)
    const logins = rows.filter(({ name }) => name === 'registries.login')
    expect(logins.at(-1)).toMatchObject({ command: 'docker login -u ada --password-stdin 127.0.0.1:1', status: 'failed' })
    // The search itself finds what is there.
    expect(leaks(`x ${Buffer.from(JSON.stringify({ auth: ADA.password })).toString('base64')}`)).not.toEqual([])
    expect(leaks(await everythingSaid(bench, rows))).toEqual([])
    const { operationId } = await room.link.call('operations.retry', { operationId: logins[0]?.id ?? '' })
    expect(await room.settled(operationId)).toMatchObject({ status: 'failed', error: { hint: 'registry.type-again' } })
  }, MINUTE)

  it('trusts a private authority once its certificate is where the error says', async () => {
    const { room, engineId, certificates, etcDocker } = bench
    const secure = await bench.registry({ address: ADDRESS, tls: certificates, htpasswd: ADA.htpasswd })
    const path = `/etc/docker/certs.d/${secure.host}/ca.crt`
    await expect(login(secure.host, ADA.password)).rejects.toMatchObject({ code: 'registry.unreachable', hint: 'registry.unknown-ca', params: { path } })
    const reference = `${secure.host}/team/web:1`
    await bench.tag(reference)
    expect(await room.run('images.push', { engineId, reference })).toMatchObject({ status: 'failed', error: { hint: 'registry.unknown-ca', params: { path, registry: secure.host } } })
    await mkdir(join(etcDocker, 'certs.d', secure.host), { recursive: true })
    await copyFile(certificates.authority, join(etcDocker, 'certs.d', secure.host, 'ca.crt'))
    await login(secure.host, ADA.password)
    expect(await room.run('images.push', { engineId, reference })).toMatchObject({ status: 'succeeded' })
  }, 2 * MINUTE)

  it('names the file of exceptions when a registry speaks plain HTTP', async () => {
    const { room, engineId } = bench
    const plain = await bench.registry({ address: ADDRESS })
    const reference = `${plain.host}/team/web:1`
    await bench.tag(reference)
    expect(await room.run('images.push', { engineId, reference })).toMatchObject({
      status: 'failed',
      error: { code: 'registry.unreachable', hint: 'registry.plain-http', params: { path: '/etc/docker/daemon.json' } },
    })
  }, MINUTE)

  it('sends no login to a place the registry has no business with, and none before that is known', async () => {
    const { room, engineId } = bench
    const front = await openRegistryFront(closed.port)
    const tokens = await openTokenServer()
    try {
      front.realm = tokens.realm
      const refused = { code: 'denied', hint: 'registry.realm-foreign', params: { registry: front.host, realm: tokens.host } }
      await expect(login(front.host, ADA.password)).rejects.toMatchObject(refused)
      front.realm = undefined
      front.redirect = `http://${tokens.host}/v2/`
      const again = await openRegistryFront(closed.port)
      again.redirect = front.redirect
      await expect(login(again.host, ADA.password)).rejects.toMatchObject({ ...refused, params: { registry: again.host, realm: tokens.host } })
      await again.close()
      // The engine, which lives in another network here, was not asked: its answer would be that nobody is there.
      await room.link.call('settings.update', { patch: { registryRealms: [{ registry: front.host, realm: tokens.host }] } })
      await expect(login(front.host, ADA.password)).rejects.toMatchObject({ code: 'registry.unreachable' })
      expect(await room.run('images.pull', { engineId, reference: `${front.host}/team/web:1` })).toMatchObject({ status: 'failed', error: { code: 'registry.unreachable' } })
      expect(tokens.logins).toEqual([])
    } finally {
      await room.link.call('settings.update', { patch: { registryRealms: [] } })
      await Promise.all([front.close(), tokens.close()])
    }
  }, MINUTE)

  it('says that a mirror takes no pushes', async () => {
    const { room, engineId } = bench
    const open = await bench.registry({})
    const mirror = await bench.registry({ mirrorOf: `http://${open.host}` })
    await bench.tag(`${open.host}/team/web:1`)
    expect(await room.run('images.push', { engineId, reference: `${open.host}/team/web:1` })).toMatchObject({ status: 'succeeded' })
    const reference = `${mirror.host}/team/web:2`
    await bench.tag(reference)
    const refused = await room.run('images.push', { engineId, reference })
    expect(refused).toMatchObject({
      status: 'failed',
      error: { code: 'unsupported', hint: 'registry.read-only', params: { registry: mirror.host } },
    })
  }, 2 * MINUTE)

  it('stops a push that is cancelled', async () => {
    const { room, engineId } = bench
    const open = await bench.registry({})
    const mirror = await bench.registry({ mirrorOf: `http://${open.host}` })
    const reference = `${mirror.host}/team/web:3`
    await bench.tag(reference)
    // Refused uploads are tried again for more than a minute.
    const id = await room.start('images.push', { engineId, reference })
    const limit = AbortSignal.timeout(40_000)
    for await (const { upsert } of room.link.stream('operations.watch', {}, { signal: limit })) {
      const row = upsert.find((one) => one.id === id)
      if (row?.progress?.parts.some(({ state }) => state === 'retrying')) break
    }
    await room.link.call('operations.cancel', { operationId: id })
    expect(await room.settled(id)).toMatchObject({ status: 'cancelled' })
  }, MINUTE)
})

describe.skipIf(!possible || !canRunPodman)('registries with Podman', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await makeBench(startPodman)
  }, 2 * MINUTE)
  afterAll(() => bench?.close(), MINUTE)

  it('logs in, pushes with the digest, and explains what it does not trust', async () => {
    const { room, engineId, certificates, etcDocker, engine } = bench
    const secure = await bench.registry({ address: ADDRESS, tls: certificates, htpasswd: ADA.htpasswd })
    const login = (secret: string) => room.link.call('registries.login', { engineId, registry: secure.host, user: ADA.user, secret, keep: true })
    await expect(login(ADA.password)).rejects.toMatchObject({ hint: 'registry.unknown-ca', params: { path: `/etc/containers/certs.d/${secure.host}/ca.crt` } })
    // Podman looks in Docker's folder as well; that one is ours here.
    await mkdir(join(etcDocker, 'certs.d', secure.host), { recursive: true })
    await copyFile(certificates.authority, join(etcDocker, 'certs.d', secure.host, 'ca.crt'))
    await expect(login('wrong')).rejects.toMatchObject({ code: 'unauthorized', params: { field: 'password' } })
    await login(ADA.password)

    // No container is needed, and starting one is podman-job's matter.
    expect((await room.run('images.load', { engineId, source: { kind: 'path', path: WELCOME } })).error).toBeUndefined()
    const reference = `${secure.host}/team/web:1`
    await dockerTag(engine.socketPath, reference)
    const pushed = await room.run('images.push', { engineId, reference })
    expect(pushed.error).toBeUndefined()
    expect(pushed.result).toMatchObject({ reference, digest: expect.stringMatching(/^sha256:/) as string })
    await room.run('images.remove', { engineId, reference, force: false })
    expect(await room.run('images.pull', { engineId, reference })).toMatchObject({ status: 'succeeded' })
  }, 2 * MINUTE)
})
