/** The bundled welcome image: a tiny web server that explains what a container is, and needs no network. */
import { createReadStream } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NaruError } from '../contract/errors.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { findImage } from '../images/pull.ts'
import { imageIdOf } from '../state/normalise.ts'
import { writeFileAtomic } from '../system/files.ts'

export const WELCOME_IMAGE = 'naru/welcome:latest'
/** The port its web server listens on. */
export const WELCOME_PORT = 80
const LOAD_MS = 120_000

/** Loads the image when the engine does not have it. @returns its id @throws NaruError `provider.image-corrupt` {path} */
export async function ensureWelcomeImage(client: EngineClient, archive: string, signal: AbortSignal, onLoad: () => void = () => undefined): Promise<string> {
  const there = await findImage(client, WELCOME_IMAGE, signal)
  if (there) return imageIdOf(there.Id)
  onLoad()
  await access(archive).catch((error: unknown) => {
    throw new NaruError('provider.image-corrupt', 'the bundled welcome image is missing', { params: { path: archive }, detail: String(error), cause: error })
  })
  const limited = AbortSignal.any([signal, AbortSignal.timeout(LOAD_MS)])
  for await (const _message of client.loadImage(bytesOf(archive), { signal: limited })) {
    // The archive is small: its progress is not worth showing.
  }
  const loaded = await findImage(client, WELCOME_IMAGE, signal)
  if (!loaded) throw new NaruError('provider.image-corrupt', 'the bundled archive holds no welcome image', { params: { path: archive } })
  return imageIdOf(loaded.Id)
}

/** Opens the file when the first byte is asked for: one that is opened and not read would fail with nobody to hear it. */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path) as AsyncIterable<Uint8Array>
}

/** There once the image was loaded by itself. */
export const welcomeMarker = (stateFolder: string): string => join(stateFolder, 'welcome-loaded')

/**
 * Puts the image into the embedded engine once: who removes it later does not get it back unasked.
 * @returns true when it was loaded now
 */
export async function loadWelcomeOnce(client: EngineClient, archive: string, stateFolder: string, signal: AbortSignal): Promise<boolean> {
  const marker = welcomeMarker(stateFolder)
  if (await readFile(marker).then(() => true, () => false)) return false
  let loaded = false
  await ensureWelcomeImage(client, archive, signal, () => {
    loaded = true
  })
  await writeFileAtomic(marker, `${new Date().toISOString()}\n`)
  return loaded
}
