/** An image to pull that no engine has: the welcome image with layers of chance on top, as a docker-archive. */
import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { extract, pack } from 'tar-stream'
import { WELCOME_ARCHIVE } from './daemon.ts'

interface Config {
  rootfs: { type: string; diff_ids: string[] }
  history: { created_by: string }[]
}
interface Index {
  Config: string
  RepoTags: string[]
  Layers: string[]
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

async function unpack(archive: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const reader = extract()
  reader.end(await readFile(archive))
  for await (const entry of reader) files.set(entry.header.name, await buffer(entry))
  return files
}

/** Writes the archive to `path`, with `count` further layers of `bytes` each. */
export async function writeLayered(path: string, count: number, bytes: number): Promise<void> {
  const files = await unpack(WELCOME_ARCHIVE)
  const [index] = JSON.parse(String(files.get('manifest.json'))) as Index[]
  if (!index) throw new Error('the welcome image has no manifest')
  const config = JSON.parse(String(files.get(index.Config))) as Config
  const archive = pack()
  for (let at = 0; at < count; at++) {
    const layer = pack()
    layer.entry({ name: `blob-${at}` }, randomBytes(bytes))
    layer.finalize()
    const content = await buffer(layer)
    const name = `${sha256(content)}.tar`
    files.set(name, content)
    index.Layers.push(name)
    config.rootfs.diff_ids.push(`sha256:${sha256(content)}`)
    config.history.push({ created_by: `COPY blob-${at} /` })
  }
  files.set(index.Config, Buffer.from(JSON.stringify(config)))
  files.set('manifest.json', Buffer.from(JSON.stringify([index])))
  for (const [name, content] of files) archive.entry({ name }, content)
  archive.finalize()
  await writeFile(path, await buffer(archive))
}
