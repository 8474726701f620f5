import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import type { EngineClient } from '../../../engine/docker/engine-client.ts'
import { ensureWelcomeImage, loadWelcomeOnce } from '../../../engine/welcome/image.ts'
import { engineClient } from '../../support/engine-client.ts'

let folder: string
let archive: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-welcome-'))
  archive = join(folder, 'welcome.tar')
  await writeFile(archive, 'not really a tar')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const { signal } = new AbortController()

/** An engine that has the image once an archive was loaded (unless the archive holds something else). */
function loadable(holdsWelcome = true): { client: EngineClient; loads: () => number } {
  let loads = 0
  const client = engineClient({
    inspectImage: async () => {
      if (loads > 0 && holdsWelcome) return { Id: 'sha256:w', Size: 1 }
      throw new NaruError('image-not-found', 'No such image')
    },
    loadImage: async function* (tar) {
      for await (const chunk of tar) if (chunk.byteLength > 0) yield { stream: 'loading' }
      loads++
    },
  })
  return { client, loads: () => loads }
}

describe('the welcome image', () => {
  it('is loaded when it is not there, once', async () => {
    const { client, loads } = loadable()
    const onLoad = vi.fn()
    expect(await ensureWelcomeImage(client, archive, signal, onLoad)).toBe('sha256:w')
    expect(await ensureWelcomeImage(client, archive, signal, onLoad)).toBe('sha256:w')
    expect([loads(), onLoad.mock.calls.length]).toEqual([1, 1])
  })
  it('says which file is missing or wrong', async () => {
    const missing = ensureWelcomeImage(loadable().client, join(folder, 'none.tar'), signal)
    await expect(missing).rejects.toMatchObject({ code: 'provider.image-corrupt', params: { path: join(folder, 'none.tar') } })
    await expect(ensureWelcomeImage(loadable(false).client, archive, signal)).rejects.toMatchObject({ code: 'provider.image-corrupt' })
  })
  it('comes with the first start of an engine only: who removed it does not get it back unasked', async () => {
    const first = loadable()
    expect(await loadWelcomeOnce(first.client, archive, folder, signal)).toBe(true)
    const later = loadable()
    expect(await loadWelcomeOnce(later.client, archive, folder, signal)).toBe(false)
    expect(later.loads()).toBe(0)
  })
  it('is tried again at the next start when it could not be loaded', async () => {
    await expect(loadWelcomeOnce(loadable(false).client, archive, folder, signal)).rejects.toThrow()
    expect(await loadWelcomeOnce(loadable().client, archive, folder, signal)).toBe(true)
  })
  it('opens nothing for an engine that takes nothing: a file nobody reads must not fail with nobody to hear it', async () => {
    const abort = new AbortController()
    const uncaught = vi.fn()
    process.once('uncaughtException', uncaught)
    const client = engineClient({
      inspectImage: async () => {
        throw new NaruError('image-not-found', 'No such image')
      },
      // A request that fails before its body is read.
      loadImage: () => ({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new NaruError('engine.unreachable', 'gone')) }),
      }),
    })
    const loading = ensureWelcomeImage(client, archive, abort.signal, () => abort.abort())
    await expect(loading).rejects.toMatchObject({ code: 'engine.unreachable' })
    await new Promise((resolve) => setTimeout(resolve, 50))
    process.off('uncaughtException', uncaught)
    expect(uncaught).not.toHaveBeenCalled()
  })
})
