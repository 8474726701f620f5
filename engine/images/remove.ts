/** Untagging and deleting images; a refusal says which containers are in the way. */
import { NaruError } from '../contract/errors.ts'
import type { ErrorCode, ErrorParams } from '../contract/errors.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import type { ResultOf } from '../operations/runner.ts'
import { containerRow, familiarName, imageIdOf, imageRow } from '../state/normalise.ts'

const REMOVE_MS = 120_000

/**
 * A tag is taken off (the image goes with its last one), an id is deleted with all its tags when forced.
 * @throws NaruError `in-use` {reference, holders: names, running: names}, `conflict` {reference, tags} with hint
 *   `multiple-tags`, `image-not-found`
 */
export async function removeImage(
  client: EngineClient,
  { reference, force }: { readonly reference: string; readonly force: boolean },
  signal: AbortSignal,
): Promise<ResultOf<'images.remove'>> {
  try {
    const items = await client.removeImage(reference, { force, noPrune: false }, { signal, timeoutMs: REMOVE_MS })
    return {
      untagged: items.flatMap(({ Untagged }) => (Untagged ? [familiarName(Untagged)] : [])),
      deleted: items.flatMap(({ Deleted }) => (Deleted ? [imageIdOf(Deleted)] : [])),
    }
  } catch (error) {
    throw await explain(client, reference, error, signal)
  }
}

async function explain(client: EngineClient, reference: string, error: unknown, signal: AbortSignal): Promise<unknown> {
  if (!(error instanceof NaruError) || !['in-use', 'conflict'].includes(error.code)) return error
  try {
    const id = imageIdOf((await client.inspectImage(reference, { signal })).Id)
    if (error.hint === 'multiple-tags') {
      const image = (await client.listImages({}, { signal })).map(imageRow).find((row) => row.id === id)
      return again(error, error.code, { reference, tags: image?.tags ?? [] })
    }
    const users = (await client.listContainers({ all: true }, { signal })).map(containerRow).filter((row) => row.imageId === id)
    if (users.length === 0) return error
    const running = users.filter((row) => row.state === 'running' || row.state === 'paused')
    return again(error, 'in-use', { reference, holders: users.map((row) => row.name), running: running.map((row) => row.name) })
  } catch {
    // The names are a courtesy: without them the engine's own refusal stands.
    return error
  }
}

function again(error: NaruError, code: ErrorCode, params: ErrorParams): NaruError {
  const { message, hint, detail, engineId } = error
  return new NaruError(code, message, { params, hint, detail, engineId, cause: error })
}
