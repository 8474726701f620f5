/** Images with stacks a test chooses, as archives that `POST /images/load` takes. Same layer, same diff id. */
import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'

/** One instruction of an image; without files it makes no layer. */
export interface StackStep {
  readonly instruction: string
  /** Content by path. */
  readonly files?: Readonly<Record<string, string | Buffer>>
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

async function layerTar(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const layer = pack()
  for (const [name, content] of Object.entries(files)) layer.entry({ name, mode: 0o644, mtime: new Date(0) }, content)
  layer.finalize()
  return buffer(layer)
}

/** @param tag `name:tag`, in the form the engine keeps: fully qualified for Podman */
export async function stackArchive(tag: string, steps: readonly StackStep[]): Promise<Buffer> {
  const layers = await Promise.all(steps.flatMap(({ files }) => (files ? [layerTar(files)] : [])))
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Env: ['PATH=/bin'], Cmd: ['/app'] },
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) },
      history: steps.map(({ instruction, files }) => ({ created: '2026-01-01T00:00:00Z', created_by: instruction, ...(!files && { empty_layer: true }) })),
    }),
  )
  const archive = pack()
  const names = layers.map((layer) => `${sha256(layer)}.tar`)
  for (const [index, layer] of layers.entries()) archive.entry({ name: names[index] ?? '' }, layer)
  archive.entry({ name: `${sha256(config)}.json` }, config)
  archive.entry({ name: 'manifest.json' }, JSON.stringify([{ Config: `${sha256(config)}.json`, RepoTags: [tag], Layers: names }]))
  archive.finalize()
  return buffer(archive)
}
