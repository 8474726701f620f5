/** A real registry (the `docker-registry` package) on a loopback port of its own, storing into a temporary folder. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { extract } from 'tar-stream'

const PROGRAM = '/usr/bin/docker-registry'
export const canRunRegistry = existsSync(PROGRAM)

export interface Registry {
  /** `127.0.0.1:PORT` */
  readonly host: string
  readonly port: number
  /** Puts the image of a docker-archive (tar) there as `repository:tag`. Gives its manifest's digest. */
  readonly seed: (archive: string, repository: string, tag: string) => Promise<string>
  readonly close: () => Promise<void>
}

/** A port of loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export interface RegistryOptions {
  /** Content of a password file; absent = open to everyone. */
  readonly htpasswd?: string
  /** Address to listen at; default 127.0.0.1. */
  readonly address?: string
  /** Listens in the network of this process. */
  readonly inNetworkOf?: number
  readonly tls?: { readonly certificate: string; readonly key: string }
  /** Mirrors this registry (`http://…`) and takes no pushes. */
  readonly mirrorOf?: string
}

/** What the password file of {@link ADA} says: bcrypt, cost 5. */
export const ADA = { user: 'ada', password: 'Prism-otter-42', htpasswd: 'ada:$2b$05$NaruTestSaltNaruTestSOsHofnBoJ6EPhBG5XKrruDa.uMPJm4su\n' } as const

function configOf(folder: string, host: string, { htpasswd, tls, mirrorOf }: RegistryOptions): string {
  return [
    'version: 0.1',
    'log: {level: info, accesslog: {disabled: true}}',
    `storage: {filesystem: {rootdirectory: ${join(folder, 'data')}}}`,
    `http: {addr: "${host}"${tls ? `, tls: {certificate: ${tls.certificate}, key: ${tls.key}}` : ''}}`,
    ...(htpasswd ? [`auth: {htpasswd: {realm: naru-test, path: ${join(folder, 'htpasswd')}}}`] : []),
    ...(mirrorOf ? [`proxy: {remoteurl: "${mirrorOf}"}`] : []),
    '',
  ].join('\n')
}

/** @param options a text is the content of a password file */
export async function startRegistry(options: string | RegistryOptions = {}): Promise<Registry> {
  const given: RegistryOptions = typeof options === 'string' ? { htpasswd: options } : options
  const folder = await mkdtemp(join(tmpdir(), 'naru-registry-'))
  const port = await freePort()
  const host = `${given.address ?? '127.0.0.1'}:${port}`
  if (given.htpasswd) await writeFile(join(folder, 'htpasswd'), given.htpasswd)
  await writeFile(join(folder, 'config.yml'), configOf(folder, host, given))
  const command = [PROGRAM, 'serve', join(folder, 'config.yml')]
  const [file = '', ...args] = given.inNetworkOf === undefined ? command : ['nsenter', `--net=/proc/${given.inNetworkOf}/ns/net`, ...command]
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let words = ''
  const hear = (chunk: Buffer): void => {
    words = (words + chunk.toString()).slice(-4_000)
  }
  child.stderr.on('data', hear)
  child.stdout.on('data', hear)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  // A missing nsenter ends nothing: it never began.
  child.once('error', (error) => (words += error.message))
  for (const limit = Date.now() + 15_000; !words.includes('listening on'); await sleep(30)) {
    if (Date.now() > limit || child.exitCode !== null || child.pid === undefined) {
      child.kill('SIGKILL')
      throw new Error(`the registry did not start: ${words}`)
    }
  }
  return {
    host,
    port,
    seed: (archive, repository, tag) => seed(`http://${host}/v2/${repository}`, archive, tag),
    close: async () => {
      child.kill('SIGTERM')
      // It waits for pushes under way, and those for it.
      const impatient = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await ended
      clearTimeout(impatient)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A registry on this machine answers at once, or never. */
const soon = (): AbortSignal => AbortSignal.timeout(20_000)

async function unpack(archive: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const reader = extract()
  reader.end(await readFile(archive))
  for await (const entry of reader) {
    const parts: Buffer[] = []
    for await (const part of entry) parts.push(part as Buffer)
    files.set(entry.header.name, Buffer.concat(parts))
  }
  return files
}

interface Descriptor {
  readonly mediaType: string
  readonly size: number
  readonly digest: string
}

async function upload(base: string, mediaType: string, bytes: Buffer): Promise<Descriptor> {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const begun = await fetch(`${base}/blobs/uploads/`, { method: 'POST', signal: soon() })
  const at = new URL(begun.headers.get('location') ?? '', base)
  at.searchParams.set('digest', digest)
  const put = await fetch(at, { method: 'PUT', signal: soon(), body: new Uint8Array(bytes), headers: { 'content-type': 'application/octet-stream' } })
  if (put.status !== 201) throw new Error(`the registry refused a blob: ${put.status} ${await put.text()}`)
  return { mediaType, size: bytes.length, digest }
}

/** An engine that has an image of the same config pulls nothing: this one is told apart by a label. */
function ownConfig(bytes: Buffer, label: string): Buffer {
  const config = JSON.parse(String(bytes)) as { config?: { Labels?: Record<string, string> } }
  const inner = config.config ?? {}
  return Buffer.from(JSON.stringify({ ...config, config: { ...inner, Labels: { ...inner.Labels, seeded: label } } }))
}

async function seed(base: string, archive: string, tag: string): Promise<string> {
  const files = await unpack(archive)
  const [index] = JSON.parse(String(files.get('manifest.json'))) as { Config: string; Layers: string[] }[]
  const read = (name: string | undefined): Buffer => files.get(name ?? '') ?? Buffer.alloc(0)
  const config = await upload(base, 'application/vnd.docker.container.image.v1+json', ownConfig(read(index?.Config), base))
  const layers: Descriptor[] = []
  for (const layer of index?.Layers ?? []) {
    layers.push(await upload(base, 'application/vnd.docker.image.rootfs.diff.tar.gzip', gzipSync(read(layer))))
  }
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json'
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers })
  const put = await fetch(`${base}/manifests/${tag}`, { method: 'PUT', signal: soon(), body: manifest, headers: { 'content-type': mediaType } })
  if (put.status !== 201) throw new Error(`the registry refused the manifest: ${put.status} ${await put.text()}`)
  return put.headers.get('docker-content-digest') ?? ''
}
