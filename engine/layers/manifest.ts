/**
 * Which files of an archive make the image: `manifest.json` (docker-archive, and beside OCI in Docker ≥ 25), or
 * `index.json` and the indexes and manifests below it (OCI). History is laid over the layers, empty ones in their place.
 */
import { broken } from './broken.ts'
import { safePath } from './names.ts'
import type { ArchiveParts } from './archive-reader.ts'

export interface PlannedLayer {
  /** File of the archive that holds it, links followed; empty without a layer. */
  readonly file: string
  readonly digest: string
  readonly diffId: string
  readonly command: string
  readonly empty: boolean
}

interface Candidate {
  /** Digests it may be asked for by. */
  readonly ids: readonly string[]
  readonly config: string
  readonly layers: readonly { readonly file: string; readonly digest: string }[]
}

type Json = Readonly<Record<string, unknown>>

/** Deepest nesting of indexes, and manifests looked at. */
const MAX_DEPTH = 4
const MAX_MANIFESTS = 1_000

/**
 * The layers of the image, base first.
 * @param imageId `sha256:…` of the image meant when the archive holds several; otherwise the first whole one
 * @throws NaruError `archive-broken` at `end` when the archive names no image, or files that are not in it
 */
export function planLayers(parts: ArchiveParts, has: (file: string) => boolean, end: number, imageId?: string): PlannedLayer[] {
  const archive = new Archive(parts)
  const all = archive.candidates()
  if (all.length === 0) throw broken(end, 'it has no manifest that names an image')
  const isWhole = ({ config, layers }: Candidate): boolean => archive.object(config) !== null && layers.every(({ file }) => has(archive.follow(file)))
  const asked = imageId ? all.filter(({ ids }) => ids.includes(imageId)) : []
  const chosen = asked.find(isWhole) ?? all.find(isWhole)
  if (!chosen) {
    const missing = [...(all[0]?.layers ?? []).map(({ file }) => file).filter((file) => !has(archive.follow(file))), all[0]?.config]
    throw broken(end, `${missing[0] ?? 'a file'} is named by the manifest but missing or unreadable`)
  }
  const config = archive.object(chosen.config) ?? {}
  return withHistory(
    chosen.layers.map(({ file, digest }) => ({ file: archive.follow(file), digest })),
    strings(object(config['rootfs'])['diff_ids']),
    list(config['history']).map(object),
  )
}

class Archive {
  readonly #parts: ArchiveParts

  constructor(parts: ArchiveParts) {
    this.#parts = parts
  }

  follow(file: string): string {
    let at = safePath(file)
    for (let step = 0; step < 16; step++) {
      const next = this.#parts.links.get(at)
      if (next === undefined) return at
      at = next
    }
    return at
  }

  json(file: string): unknown {
    const bytes = this.#parts.json.get(this.follow(file))
    if (!bytes) return null
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as unknown
    } catch {
      return null
    }
  }

  object(file: string): Json | null {
    const value = this.json(file)
    return value && typeof value === 'object' && !Array.isArray(value) ? (value as Json) : null
  }

  candidates(): Candidate[] {
    const oci = this.#indexed()
    const docker = list(this.json('manifest.json')).map(object).map((one): Candidate => {
      const config = text(one['Config'])
      const digest = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(config)?.[1]
      // The same image has its manifest in the index as well: it may be asked for by that.
      const twins = oci.filter((other) => digest && other.ids.includes(`sha256:${digest}`)).flatMap(({ ids }) => ids)
      return {
        ids: [...(digest ? [`sha256:${digest}`] : []), ...twins],
        config,
        layers: strings(one['Layers']).map((file) => ({ file, digest: digestOf(file) })),
      }
    })
    return [...docker.filter(({ config }) => config !== ''), ...oci]
  }

  #indexed(): Candidate[] {
    const found: Candidate[] = []
    const walk = (descriptor: Json, above: readonly string[], depth: number): void => {
      if (depth > MAX_DEPTH || found.length >= MAX_MANIFESTS || isAttestation(descriptor)) return
      const digest = text(descriptor['digest'])
      const ids = [...above, digest]
      const value = this.object(blobPath(digest))
      if (!value) return
      if (Array.isArray(value['manifests'])) for (const one of value['manifests']) walk(object(one), ids, depth + 1)
      else if (value['config'] && Array.isArray(value['layers'])) {
        const config = text(object(value['config'])['digest'])
        const layers = value['layers'].map((one) => text(object(one)['digest']))
        found.push({ ids: [...ids, config], config: blobPath(config), layers: layers.map((layer) => ({ file: blobPath(layer), digest: layer })) })
      }
    }
    for (const one of list(this.object('index.json')?.['manifests'])) walk(object(one), [], 0)
    return found
  }
}

/** BuildKit's notes on how the image was made lie beside it as if they were an image. */
function isAttestation(descriptor: Json): boolean {
  return (
    object(descriptor['annotations'])['vnd.docker.reference.type'] === 'attestation-manifest' ||
    object(descriptor['platform'])['os'] === 'unknown'
  )
}

function withHistory(files: readonly { file: string; digest: string }[], diffIds: readonly string[], history: readonly Json[]): PlannedLayer[] {
  const planned: PlannedLayer[] = []
  let next = 0
  const take = (command: string): void => {
    const { file, digest } = files[next] ?? { file: '', digest: '' }
    const diffId = diffIds[next] ?? ''
    planned.push({ file, digest: digest || diffId, diffId, command, empty: false })
    next++
  }
  for (const one of history) {
    const command = text(one['created_by'])
    // More instructions with layers than layers: the history is wrong, the layers are not.
    if (one['empty_layer'] === true || next >= files.length) planned.push({ file: '', digest: '', diffId: '', command, empty: true })
    else take(command)
  }
  while (next < files.length) take('')
  return planned
}

const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`

/** Digest that a file of a layout names, or empty: `<id>/layer.tar` is named by something else. */
function digestOf(file: string): string {
  const found = /^blobs\/([a-z0-9]+)\/([0-9a-f]+)$/.exec(file)
  return found ? `${found[1]}:${found[2]}` : ''
}

function object(value: unknown): Json {
  return value && typeof value === 'object' && !Array.isArray(value) ? (value as Json) : {}
}
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const strings = (value: unknown): string[] => list(value).filter((one) => typeof one === 'string')
