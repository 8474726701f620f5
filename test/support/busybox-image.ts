/** A tiny image made of the host's static BusyBox, as an archive that `POST /images/load` takes. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'

const BUSYBOX = '/bin/busybox'
/** A dynamically linked one names its loader near the beginning; it could not run alone in an image. */
export const hasBusybox = existsSync(BUSYBOX) && !readFileSync(BUSYBOX).subarray(0, 4_096).includes('/ld-')

const APPLETS = ['sh', 'sleep', 'echo', 'cat', 'httpd', 'seq', 'true', 'false']
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Archive of an image called `tag` (`name:tag`, in the form the engine keeps: fully qualified for Podman). */
export async function busyboxArchive(tag: string, settings: Readonly<Record<string, unknown>> = {}): Promise<Buffer> {
  const layer = pack()
  layer.entry({ name: 'bin/', type: 'directory', mode: 0o755 })
  layer.entry({ name: 'bin/busybox', mode: 0o755 }, await readFile(BUSYBOX))
  for (const name of APPLETS) layer.entry({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' })
  layer.finalize()
  const layerBytes = await buffer(layer)
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Env: ['PATH=/bin'], Cmd: ['sh'], ...settings },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layerBytes)}`] },
      history: [{ created: '2026-01-01T00:00:00Z', created_by: 'COPY busybox /bin' }],
    }),
  )
  const manifest = [{ Config: `${sha256(config)}.json`, RepoTags: [tag], Layers: ['layer.tar'] }]
  const archive = pack()
  archive.entry({ name: 'layer.tar' }, layerBytes)
  archive.entry({ name: `${sha256(config)}.json` }, config)
  archive.entry({ name: 'manifest.json' }, JSON.stringify(manifest))
  archive.finalize()
  return buffer(archive)
}
