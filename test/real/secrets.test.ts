/** A hundred secrets, each planted where a person would give Naru one; then looked for in all Naru wrote, ran, kept and told. */
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatRunCommand, parseRunCommand } from '../../engine/containers/run-command.ts'
import type { RunSpec } from '../../engine/contract/models.ts'
import { operationsScript } from '../../renderer/screens/Activity/script.ts'
import { specOf } from '../support/build-room.ts'
import { busyboxArchive, hasBusybox } from '../support/busybox-image.ts'
import { startEngineRoom } from '../support/engine-room.ts'
import type { EngineRoom } from '../support/engine-room.ts'
import { prepareNative, whyNoNative } from '../support/native.ts'
import { createGarden, filesBelow, watchProcesses } from '../support/planted.ts'
import type { ProcessWatch } from '../support/planted.ts'

const MINUTE = 60_000
const engineId = 'native'
const IMAGE = 'secrets/bb:1'
/** Files that hold secrets by their nature, below the state folder. */
const HOLDERS = [
  // The engine's own: a container's variables, an image's history, the layers.
  'engine/data',
  // What runs: runc's bundle of a container has its variables, too.
  'engine/run',
  // dockerd's own words about what it was sent: a registry or a build that repeats a secret is in it, for its owner alone.
  // The support bundle has its end without them.
  'engine/logs/dockerd.log',
]
/** Programs whose environment is a person's proxies: dockerd and containerd pull through them, and what they start has theirs. */
const WITH_PROXIES = /^(?:dockerd|containerd.*|docker-.*|runc|naru-.*|ip|nsenter|unshare|sh|nft|iptables.*|ip6tables.*|modprobe|rootlesskit|mount|umount|sysctl|exe)$/

const why = whyNoNative() ?? (hasBusybox ? null : 'no busybox')
if (why) console.log(`skipped: a hundred secrets (${why})`)

describe.skipIf(why !== null)('a hundred secrets', () => {
  const garden = createGarden()
  const { plant } = garden
  let folder: string
  let room: EngineRoom
  let processes: ProcessWatch
  let echo: Server
  let host: string
  /** What came over the link without being asked for, and in answer to what no person asked a secret of. */
  const told: { readonly what: string; readonly text: string }[] = []
  const tell = (what: string, value: unknown): void => void told.push({ what, text: typeof value === 'string' ? value : JSON.stringify(value) })
  const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index))

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'naru-secrets-'))
    await mkdir(join(folder, 'config'))
    // A registry that says what it was sent: the worst that an engine's error can hold.
    echo = createServer((asked, answer) => {
      let body = ''
      asked.on('data', (piece: Buffer) => (body += piece.toString()))
      asked.on('end', () => {
        const login = Buffer.from((asked.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString()
        const words = `no entry for ${login} at ${asked.url ?? ''} ${body}`
        answer.writeHead(login === '' ? 401 : 403, { 'www-authenticate': 'Basic realm="x"', 'content-type': 'application/json', 'docker-distribution-api-version': 'registry/2.0' })
        answer.end(JSON.stringify({ errors: [{ code: 'DENIED', message: words, detail: words }] }))
      })
    })
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
    host = `127.0.0.1:${(echo.address() as AddressInfo).port}`
    const auths = Object.fromEntries(times(5, (at) => [at === 0 ? host : `r${at}.example`, { auth: Buffer.from(`ada:${plant(`docker’s config ${at}`)}`).toString('base64') }]))
    await writeFile(join(folder, 'config/config.json'), JSON.stringify({ auths }))
    const proxy = (name: string): string => `http://proxy-user:${plant(name)}@127.0.0.1:9`
    processes = await watchProcesses()
    room = await startEngineRoom({
      bundleFolder: await prepareNative('newest'),
      env: { NARU_SOCKETS: '', PATH: process.env.PATH, DOCKER_CONFIG: join(folder, 'config'), HTTP_PROXY: proxy('HTTP_PROXY'), HTTPS_PROXY: proxy('HTTPS_PROXY'), NO_PROXY: '127.0.0.1' },
      engines: undefined,
      log: undefined,
    })
    void watchAll().catch(() => undefined)
    await room.link.call('engines.select', { engineId })
    await room.engines(({ engines }) => engines.some(({ id, status }) => id === engineId && status === 'ready'))
    await writeFile(join(folder, 'base.tar'), await busyboxArchive(IMAGE))
    expect(await room.run('images.load', { engineId, source: { kind: 'path', path: join(folder, 'base.tar') } })).toMatchObject({ status: 'succeeded' })
  }, 6 * MINUTE)
  afterAll(async () => {
    processes?.stop()
    await room?.run('engines.stop', { engineId, containers: 'stop' })
    await room?.close()
    echo?.close()
    await rm(folder, { recursive: true, force: true })
  }, 2 * MINUTE)

  /** Everything pushed to a page but the rows of containers, which have labels and commands as `docker ps` has them. */
  async function watchAll(): Promise<void> {
    const page = room.attach()
    const take = async (name: 'operations.watch' | 'builds.watch' | 'engines.watch' | 'settings.watch' | 'events.watch'): Promise<void> => {
      for await (const item of page.stream(name, {})) tell(name, item)
    }
    await Promise.all([take('operations.watch'), take('builds.watch'), take('engines.watch'), take('settings.watch'), take('events.watch')])
  }

  const base: RunSpec = { image: IMAGE, ports: [], env: [], volumes: [], restart: { name: 'no' }, autoRemove: false, pull: 'never', command: ['sleep', '600'] }
  const failure = async (what: string, work: Promise<unknown>): Promise<void> => tell(what, await work.catch((error: unknown) => ({ message: String(error), ...(error as object) })))

  it('go in by every way there is, in things that work and things that fail', async () => {
    // Logins: refused by a registry that repeats the password; at one that is not there.
    for (let at = 0; at < 10; at += 1) await failure('registries.login', room.link.call('registries.login', { engineId, registry: at < 5 ? host : '127.0.0.1:9', user: 'ada', secret: plant(`login ${at}`), keep: at % 2 === 0 }))
    // Variables: a container that runs, ones that cannot be made, a pasted line.
    const NAMES = ['DB_PASSWORD', 'apiKey', 'spring.datasource.password', 'AWS_SECRET_ACCESS_KEY', 'PGPASSWORD', 'X_PLAIN_NAME', 'SETTING', 'SENTRY_DSN', 'BASIC_AUTH', 'GITHUB_TOKEN']
    const env = NAMES.map((name) => ({ name, value: plant(`variable ${name}`) }))
    const labels = Object.fromEntries(times(5, (at) => [`shop.token.${at}`, plant(`label ${at}`)]))
    const addresses = times(5, (at) => ({ name: `ADDRESS_${at}`, value: `postgres://shop:${plant(`address in a variable ${at}`)}@db/shop` }))
    const made = await room.run('containers.run', { engineId, spec: { ...base, name: 'holder', env: [...env, ...addresses], labels } })
    expect(made).toMatchObject({ status: 'succeeded', needs: expect.arrayContaining(NAMES.filter((name) => !name.includes('.'))) as unknown })
    const { containerId } = made.result as { readonly containerId: string }
    for (let at = 0; at < 10; at += 1) await room.run(at % 2 ? 'containers.run' : 'containers.create', { engineId, spec: { ...base, name: at % 2 ? 'holder' : `f${at}`, image: at % 2 ? IMAGE : 'not/here:1', env: [{ name: NAMES[at] ?? 'TOKEN', value: plant(`variable of what fails ${at}`) }] } })
    const pasted = parseRunCommand(`docker run --pull never --name pasted -e MYSQL_ROOT_PASSWORD=${plant('pasted -e')} --label db.secret=${plant('pasted label')} ${IMAGE} sh -c true --password=${plant('pasted word')} --api-token ${plant('pasted flag')}`)
    if (!('spec' in pasted)) throw new Error('the line was not read')
    await room.run('containers.run', { engineId, spec: pasted.spec })
    for (let at = 0; at < 5; at += 1) await room.run('containers.run', { engineId, spec: { ...base, name: `w${at}`, command: ['false', `--db-password=${plant(`word ${at}`)}`], entrypoint: 'not-there' } })
    // References with a password; a registry that repeats the login of docker's own config.
    for (let at = 0; at < 8; at += 1) {
      const reference = `https://me:${plant(`address as a reference ${at}`)}@${host}/x/y:1`
      await failure('reference', room.run(at % 2 ? 'images.pull' : 'images.tag', at % 2 ? { engineId, reference } : ({ engineId, source: IMAGE, target: reference } as never)))
    }
    await room.run('images.pull', { engineId, reference: `${host}/team/x:1` })
    await room.run('images.pull', { engineId, reference: 'docker.io/library/not-here:1' })
    // Builds: arguments that a step prints, labels, a build that fails with the argument in its instruction.
    for (const fails of [false, true]) {
      const place = await mkdtemp(join(folder, 'c-'))
      const args = times(6, (at) => ({ name: at < 4 ? `TOKEN_${at}_SECRET` : `PLAIN_${at}`, value: plant(`build argument ${at} ${fails ? 'of a failure' : ''}`) }))
      await writeFile(join(place, 'Dockerfile'), [`FROM ${IMAGE}`, ...args.map(({ name }) => `ARG ${name}`), `RUN echo ${args.map(({ name }) => `$${name}`).join(' ')}`, ...(fails ? [`RUN echo bad $${args[0]?.name ?? ''} && false`, `LABEL x=$${args[1]?.name ?? ''}`] : []), ''].join('\n'))
      const row = await room.run('builds.start', { engineId, spec: specOf(place, { buildArgs: args, labels: [{ name: 'build.token', value: plant(`build label ${fails}`) }], tags: [`secrets/built:${fails ? 2 : 1}`] }) })
      expect(row.status).toBe(fails ? 'failed' : 'succeeded')
      tell('builds.log', await room.link.call('builds.log', { buildId: row.id, stepId: null, from: 0, count: 1_000 }))
      for await (const patch of room.link.stream('builds.steps', { buildId: row.id })) {
        tell('builds.steps', patch)
        break
      }
      tell('builds.open', await room.link.call('builds.open', { folder: place }))
    }
    // Changes of an image, and what is said to a terminal.
    for (let at = 0; at < 4; at += 1) await room.run('containers.commit', { engineId, id: containerId, reference: `secrets/commit:${at}`, message: '', author: '', changes: [`ENV A_PASSWORD=${plant(`change ${at}`)}`], pause: false } as never)
    for (let at = 0; at < 4; at += 1) {
      const terminal = await room.link.call('terminals.open', { engineId, id: containerId, columns: 80, rows: 24, command: ['sh', '-c', 'stty -echo; read word; sleep 60'], env: [`SESSION_TOKEN=${plant(`variable of a terminal ${at}`)}`] })
      await room.link.call('terminals.write', { sessionId: terminal.sessionId, bytes: new TextEncoder().encode(`${plant(`typed at a prompt ${at}`)}\n`) })
      // Its row repeats the variables to the window that gave them and to no other; what is pushed must not.
      await room.link.call('terminals.close', { sessionId: terminal.sessionId })
    }
    // Calls that fail with what they were given, and wrong ones.
    for (let at = 0; at < 4; at += 1) await failure('call', room.link.call('hub.tags', { repository: `https://me:${plant(`address in a call ${at}`)}@host/x`, page: 1, pageSize: 10, filter: '' }))
    while (garden.all().length < 100) await failure('call', room.run('containers.rename', { engineId, id: 'not-there', newName: `http://a:${plant(`name ${garden.all().length}`)}@b` }))
    expect(garden.all().length).toBeGreaterThanOrEqual(100)
  }, 5 * MINUTE)

  it('are in nothing that Naru wrote, ran, kept, told, copies or puts into a report', async () => {
    // Nothing is found where nothing is looked for: the search itself sees them.
    const [one] = garden.all()
    expect(garden.found(Buffer.from(`x:${one?.secret ?? ''}:y`).toString('base64'), 'base64')).toHaveLength(1)
    let rows = await firstOf()
    for await (const result of room.link.stream('diagnostics.run', {})) tell('self-check', result)
    rows = await firstOf()
    tell('script', operationsScript(rows, { title: 'x', hidden: 'y' }))
    tell('registries', await room.link.call('registries.list', { engineId: null }))
    const bundle = await room.link.call('support.gather', { report: told.filter(({ what }) => what === 'self-check').map(({ text }) => text).join('\n'), addresses: true })
    tell('bundle', bundle)
    const saved = await room.link.call('support.save', { id: bundle.id, path: join(folder, 'bundle.tar.gz') })
    tell('bundle file', gunzipSync(await readFile(saved.path)).toString('latin1'))
    expect(bundle.files.find(({ name }) => name === 'dockerd.log')?.bytes).toBeGreaterThan(1_000)
    expect(bundle.files.find(({ name }) => name === 'operations.json')?.text).toContain('containers.run')

    const leaks = new Set<string>()
    const search = (text: string, what: string): void => garden.found(text, what).forEach((leak) => leaks.add(leak))
    for (const { what, text } of told) search(text, what)
    const files = await filesBelow(join(room.folder, 'state'), HOLDERS)
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['logs/engine-room.log', 'settings.json']))
    for (const { name, text } of files) search(text, `file ${name}`)
    processes.stop()
    const seen = processes.seen()
    expect(seen.map(({ program }) => program)).toEqual(expect.arrayContaining(['dockerd', 'containerd']))
    const inContainers = /^(?:sleep|sh|stty|true|false|echo|busybox)\b/
    for (const each of seen) {
      if (!inContainers.test(each.program)) search(each.arguments, `arguments of ${each.program}`)
      // A container's own processes have the variables it was made with.
      if (!WITH_PROXIES.test(each.program) && !inContainers.test(each.program)) search(each.environment, `environment of ${each.program}`)
      if (/^(?:dockerd|containerd)$/.test(each.program)) expect(garden.found(each.environment, 'x').filter((leak) => !/^HTTPS?_PROXY /.test(leak))).toEqual([])
    }
    expect([...leaks].sort()).toEqual([])
    // It was hidden, not forgotten: who asks has the line, and the container its variables.
    const run = rows.find(({ subject }) => subject === 'holder') ?? rows.find(({ name, status }) => name === 'containers.run' && status === 'succeeded')
    expect(garden.found((await room.link.call('operations.command', { operationId: run?.id ?? '' })).command, 'x').length).toBeGreaterThanOrEqual(15)
    expect(formatRunCommand(base)).not.toContain('•')
  }, 2 * MINUTE)

  async function firstOf() {
    for await (const { upsert } of room.link.stream('operations.watch', {})) return upsert
    return []
  }
})
