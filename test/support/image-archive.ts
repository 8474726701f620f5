/** Archives of images as each engine writes them, made of layers described by their entries. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import type { Header } from 'tar-stream'

export interface TestEntry extends Partial<Header> {
  readonly name: string
  readonly content?: string | Uint8Array
}

export interface TestLayer {
  readonly entries: readonly TestEntry[]
  readonly command?: string
}

/** An instruction without a layer, in its place. */
export interface TestInstruction {
  readonly command: string
}

export type Step = TestLayer | TestInstruction

export type Flavour = 'docker' | 'docker-old' | 'docker-both' | 'oci' | 'oci-gzip' | 'oci-nested' | 'podman'
export const FLAVOURS: readonly Flavour[] = ['docker', 'docker-old', 'docker-both', 'oci', 'oci-gzip', 'oci-nested', 'podman']

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

/** Packed by the system's zstd; absent where there is none. */
export const hasZstd = spawnSync('zstd', ['--version']).status === 0
export const zstd = (bytes: Uint8Array): Buffer => execFileSync('zstd', ['-q', '-c', '-3'], { input: bytes, maxBuffer: 2 ** 30 })

/** A zstd frame whose blocks are stored as they are: made anywhere, read by everyone. */
export function zstdStored(bytes: Uint8Array): Buffer {
  const most = 128 * 1024
  const parts: Uint8Array[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38])]
  for (let at = 0; at === 0 || at < bytes.length; at += most) {
    const block = bytes.subarray(at, at + most)
    const head = Buffer.alloc(3)
    head.writeUIntLE((block.length << 3) | (at + most >= bytes.length ? 1 : 0), 0, 3)
    parts.push(head, block)
  }
  return Buffer.concat(parts)
}

/** A tar of the entries, each as tar-stream writes it. */
export async function tarOf(entries: readonly TestEntry[]): Promise<Buffer> {
  const tar = pack()
  const written = buffer(tar)
  for (const { content, ...header } of entries) {
    tar.entry({ type: 'file', mtime: new Date(0), ...header }, content === undefined ? '' : Buffer.from(content))
  }
  tar.finalize()
  return written
}

const isLayer = (step: Step): step is TestLayer => 'entries' in step

export interface ArchiveOptions {
  readonly flavour?: Flavour
  readonly tag?: string
  /** How the blobs are packed; default gzip for `oci-gzip`, plain for all others. */
  readonly compress?: (layer: Buffer) => Uint8Array
}

/** The archive of an image with these steps. `imageId` is the digest of its configuration. */
export async function imageArchive(
  steps: readonly Step[],
  { flavour = 'docker', tag = 'naru-test/layers:1', ...options }: ArchiveOptions = {},
): Promise<{ archive: Buffer; imageId: string; diffIds: string[] }> {
  const compress = options.compress ?? (flavour === 'oci-gzip' ? (layer: Buffer) => gzipSync(layer) : (layer: Buffer) => layer)
  const tars = await Promise.all(steps.filter(isLayer).map(({ entries }) => tarOf(entries)))
  const diffIds = tars.map((tar) => `sha256:${sha256(tar)}`)
  const history = steps.map((step) => ({
    created: '2026-01-01T00:00:00Z',
    ...(step.command !== undefined && { created_by: step.command }),
    ...(!isLayer(step) && { empty_layer: true }),
  }))
  const config = JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/bin'], Cmd: ['sh'] },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history,
  })
  const blobs = tars.map(compress)
  return { archive: await tarOf(filesOf(flavour, blobs, config, tag)), imageId: `sha256:${sha256(config)}`, diffIds }
}

function filesOf(flavour: Flavour, blobs: readonly Uint8Array[], config: string, tag: string): TestEntry[] {
  const blob = (content: Uint8Array | string): TestEntry => ({ name: `blobs/sha256/${sha256(content)}`, content })
  const unique = (files: readonly TestEntry[]) => [...new Map(files.map((file) => [file.name, file])).values()]
  const docker = (layers: readonly string[], configName: string): TestEntry => ({
    name: 'manifest.json',
    content: JSON.stringify([{ Config: configName, RepoTags: [tag], Layers: layers }]),
  })
  const ociManifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { digest: `sha256:${sha256(config)}`, size: config.length },
    layers: blobs.map((content) => ({ digest: `sha256:${sha256(content)}`, size: content.length })),
  })
  const index = (manifests: readonly object[]): string => JSON.stringify({ schemaVersion: 2, manifests })
  const descriptor = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: `sha256:${sha256(ociManifest)}` }
  const layout: TestEntry = { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' }
  // Blobs come in the order of their digests, so layers may come before, between and behind the JSON.
  const ociBlobs = unique([...blobs.map(blob), blob(config), blob(ociManifest)]).sort((a, b) => (a.name < b.name ? -1 : 1))
  switch (flavour) {
    case 'docker':
      return [
        ...blobs.map((content, at) => ({ name: `${at}.tar`, content })),
        { name: `${sha256(config)}.json`, content: config },
        docker(blobs.map((_, at) => `${at}.tar`), `${sha256(config)}.json`),
      ]
    case 'docker-old': {
      const first = new Map<string, number>()
      const layers = blobs.map((content, at): TestEntry => {
        const same = first.get(sha256(content)) ?? first.set(sha256(content), at).get(sha256(content))
        return same === at ? { name: `${at}/layer.tar`, content } : { name: `${at}/layer.tar`, type: 'symlink', linkname: `../${same}/layer.tar` }
      })
      const folders = layers.flatMap((layer, at): TestEntry[] => [
        { name: `${at}/`, type: 'directory' },
        { name: `${at}/VERSION`, content: '1.0' },
        { name: `${at}/json`, content: '{"id":"x"}' },
        layer,
      ])
      const names = blobs.map((_, at) => `${at}/layer.tar`)
      return [...folders, { name: `${sha256(config)}.json`, content: config }, docker(names, `${sha256(config)}.json`), { name: 'repositories', content: '{}' }]
    }
    case 'docker-both': {
      const names = blobs.map((content) => `blobs/sha256/${sha256(content)}`)
      return [{ name: 'blobs/', type: 'directory' }, ...ociBlobs, { name: 'index.json', content: index([descriptor]) }, docker(names, `blobs/sha256/${sha256(config)}`), layout]
    }
    case 'oci':
    case 'oci-gzip':
      return [layout, { name: 'index.json', content: index([descriptor]) }, ...ociBlobs]
    case 'oci-nested': {
      const attestation = JSON.stringify({ schemaVersion: 2, config: { digest: 'sha256:00' }, layers: [] })
      const inner = index([
        { digest: `sha256:${sha256(attestation)}`, platform: { os: 'unknown', architecture: 'unknown' } },
        descriptor,
      ])
      return [...ociBlobs, blob(attestation), blob(inner), { name: 'index.json', content: index([{ digest: `sha256:${sha256(inner)}` }]) }, layout]
    }
    case 'podman': {
      const names = blobs.map((content) => `${sha256(content)}.tar`)
      return [
        ...unique(blobs.map((content, at) => ({ name: names[at] ?? '', content }))),
        ...names.map((name, at): TestEntry => ({ name: `${at}/layer.tar`, type: 'symlink', linkname: `../${name}` })),
        { name: `${sha256(config)}.json`, content: config },
        docker(names, `${sha256(config)}.json`),
      ]
    }
  }
}
