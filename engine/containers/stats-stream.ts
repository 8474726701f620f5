/** Live figures of the containers a page shows: one engine stream per container, merged, newest per container. */
import { NaruError, isCancelled } from '../contract/errors.ts'
import type { ContainerStats } from '../contract/models.ts'
import type { RawStats } from '../docker/api-types.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { merging } from '../link/conflate.ts'
import { computeStats } from './stats.ts'

type Latest = ReadonlyMap<string, ContainerStats>

/**
 * One item per container and second, until the signal aborts or every container's stream has ended. A slow reader gets
 * the newest figure of each container. A container that stops or goes ends its part only.
 * @throws NaruError `unsupported` when the engine has no true figures (see Capabilities.stats), or the first failure
 *   when all streams failed
 */
export async function* watchStats(
  client: Pick<EngineClient, 'stats' | 'capabilities'>,
  ids: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<ContainerStats> {
  if (!client.capabilities.stats) throw new NaruError('unsupported', 'this engine tells no figures of containers', { hint: 'stats' })
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) return
  const own = new AbortController()
  const ended = AbortSignal.any([signal, own.signal])
  const channel = merging<Latest>((older, newer) => new Map([...older, ...newer]))
  let running = wanted.length
  let failures = 0

  for (const id of wanted) {
    void follow(client, id, ended, (stats) => channel.push(new Map([[id, stats]])))
      .catch((error: unknown) => {
        failures++
        if (failures === wanted.length && !isCancelled(error)) channel.end(error)
      })
      .finally(() => {
        running--
        if (running === 0) channel.end()
      })
  }
  try {
    for await (const batch of channel.iterate(ended)) yield* batch.values()
  } finally {
    own.abort()
  }
}

async function follow(
  client: Pick<EngineClient, 'stats'>,
  id: string,
  signal: AbortSignal,
  push: (stats: ContainerStats) => void,
): Promise<void> {
  let previous: RawStats | undefined
  for await (const sample of client.stats(id, signal)) {
    push({ id, ...computeStats(sample, previous) })
    previous = sample
  }
}
