/**
 * A registry that serves one small image under every name, and breaks it as the first word of the name says: what a
 * registry, a proxy before it or a failing line does to a pull. It speaks pulls and nothing else.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { sha256, tarOf } from './image-archive.ts'

/**
 * What happens to the image's large layer. `stall`: half of it, then nothing; `cut`: half, then the line breaks;
 * `cutonce`: the same, the first time only; `short`: less is promised, and sent, than the manifest says; `long`: more is
 * promised than comes; `lie`: other bytes of the same length; `loop`: led round for ever; `page`: a web page instead;
 * `broken`: a server error. `forged`: the manifest is not the one its digest names. `well`: nothing.
 */
export type RegistryFault = 'stall' | 'cut' | 'cutonce' | 'short' | 'long' | 'lie' | 'loop' | 'page' | 'broken' | 'forged' | 'well'

export interface FaultyRegistry {
  /** `127.0.0.1:PORT`, in the network it was opened in. */
  readonly host: string
  /** Name of the image that breaks like this. Each has bytes of its own. */
  readonly reference: (fault: RegistryFault) => string
  readonly close: () => Promise<void>
}

interface Blob {
  readonly bytes: Buffer
  readonly digest: string
}

interface Image {
  readonly blobs: ReadonlyMap<string, Buffer>
  /** Digest of the layer that the fault is about. */
  readonly large: string
  readonly manifest: Blob
  asked: number
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
const LARGE_BYTES = 2_000_000
/** A port of the daemon's own network, where nothing else listens. */
const PORT = 5_055

const blobOf = (bytes: Buffer): Blob => ({ bytes, digest: `sha256:${sha256(bytes)}` })

async function makeImage(): Promise<Image> {
  const tars = [await tarOf([{ name: 'small', content: randomBytes(1_000) }]), await tarOf([{ name: 'large', content: randomBytes(LARGE_BYTES) }])]
  const layers = tars.map((tar) => blobOf(gzipSync(tar)))
  const diffs = tars.map((tar) => `sha256:${sha256(tar)}`)
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
  const config = blobOf(Buffer.from(JSON.stringify({ architecture, os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: diffs }, history: diffs.map(() => ({ created_by: 'COPY' })) })))
  const describe = ({ bytes, digest }: Blob, mediaType: string) => ({ mediaType, size: bytes.length, digest })
  const manifest = blobOf(Buffer.from(JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: describe(config, 'application/vnd.docker.container.image.v1+json'),
    layers: layers.map((layer) => describe(layer, 'application/vnd.docker.image.rootfs.diff.tar.gzip')),
  })))
  return { blobs: new Map([config, ...layers].map(({ bytes, digest }) => [digest, bytes])), large: layers[1]?.digest ?? '', manifest, asked: 0 }
}

function sendHalf(answer: ServerResponse, bytes: Buffer, then: () => void): void {
  answer.writeHead(200, { 'content-length': bytes.length })
  answer.write(bytes.subarray(0, bytes.length / 2), then)
}

/** The large layer, as the fault has it. */
function sendLarge(fault: string, image: Image, bytes: Buffer, answer: ServerResponse, request: IncomingMessage): void {
  image.asked += 1
  const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
  if (fault === 'cutonce' && from > 0) {
    answer.writeHead(206, { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`, 'content-length': bytes.length - from })
    return void answer.end(bytes.subarray(from))
  }
  if (fault === 'stall') return sendHalf(answer, bytes, () => undefined)
  if (fault === 'cut' || (fault === 'cutonce' && image.asked === 1)) return sendHalf(answer, bytes, () => answer.destroy())
  if (fault === 'long') {
    answer.writeHead(200, { 'content-length': bytes.length + 1_000 })
    return void answer.write(bytes, () => answer.destroy())
  }
  if (fault === 'loop') return void answer.writeHead(307, { location: `${(request.url ?? '').replace(/\?.*/, '')}?round=${image.asked}` }).end()
  if (fault === 'broken') return void answer.writeHead(500, { 'content-type': 'application/json' }).end('{"errors":[{"code":"UNKNOWN","message":"unknown error"}]}')
  if (fault === 'page') return void answer.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please sign in to the network</html>')
  const sent = fault === 'short' ? bytes.subarray(0, bytes.length / 2) : fault === 'lie' ? randomBytes(bytes.length) : bytes
  answer.writeHead(200, { 'content-length': sent.length }).end(sent)
}

/** Carries connections to a port of another network to the socket at `path`: socket files know no networks. */
async function carry(pid: number, path: string): Promise<() => Promise<void>> {
  const script = 'const n=require("net");n.createServer(c=>{const s=n.connect(process.argv[1]);const end=()=>{c.destroy();s.destroy()};c.on("error",end);s.on("error",end);c.pipe(s).pipe(c)}).listen(+process.argv[2],"127.0.0.1",()=>console.log("open"))'
  const child = spawn('nsenter', [`--net=/proc/${pid}/ns/net`, process.execPath, '-e', script, path, String(PORT)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const open = await new Promise<boolean>((resolve) => {
    child.stdout.once('data', () => resolve(true))
    child.once('error', () => resolve(false))
    child.once('exit', () => resolve(false))
  })
  if (!open) throw new Error('nothing listens in the network of the daemon')
  return async () => {
    child.kill('SIGKILL')
    await ended
  }
}

/** @param pid a process in the network to listen in: the daemon's */
export async function startFaultyRegistry(pid: number): Promise<FaultyRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-faulty-'))
  const images = new Map<string, Promise<Image>>()
  const imageOf = (name: string): Promise<Image> => {
    const known = images.get(name) ?? makeImage()
    images.set(name, known)
    return known
  }
  const answerTo = async (request: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const [, name = '', kind, what = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/?]+)/.exec(request.url ?? '') ?? []
    if (kind === undefined) return void answer.writeHead(200, { 'docker-distribution-api-version': 'registry/2.0' }).end('{}')
    const image = await imageOf(name)
    const fault = name.split('/')[0] ?? ''
    if (kind === 'manifests') {
      const forged = fault === 'forged' ? `sha256:${'0'.repeat(64)}` : image.manifest.digest
      return void answer.writeHead(200, { 'content-type': MANIFEST, 'content-length': image.manifest.bytes.length, 'docker-content-digest': forged }).end(image.manifest.bytes)
    }
    const bytes = image.blobs.get(what)
    if (!bytes) return void answer.writeHead(404).end()
    if (what === image.large) sendLarge(fault, image, bytes, answer, request)
    else answer.writeHead(200, { 'content-length': bytes.length }).end(bytes)
  }
  const server = createServer((request, answer) => {
    answer.on('error', () => undefined)
    answerTo(request, answer).catch(() => answer.destroy())
  })
  const path = join(folder, 'registry.sock')
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const stop = await carry(pid, path)
  const host = `127.0.0.1:${PORT}`
  return {
    host,
    reference: (fault) => (fault === 'forged' ? `${host}/forged/app@sha256:${'0'.repeat(64)}` : `${host}/${fault}/app:1`),
    close: async () => {
      await stop()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      await rm(folder, { recursive: true, force: true })
    },
  }
}
