/** Live figures of the containers a page shows: those of all watchers of an engine are taken together (stats-sampler.ts). */
import { NaruError } from '../contract/errors.ts'
import type { ContainerStats, StatsPace } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { merging } from '../link/conflate.ts'
import { createStatsSampler } from './stats-sampler.ts'
import type { StatsSampler } from './stats-sampler.ts'

type Latest = ReadonlyMap<string, ContainerStats>

/** One for each connected engine, so that two windows cost as much as one. */
const samplers = new WeakMap<object, StatsSampler>()

function samplerOf(client: Pick<EngineClient, 'statsOnce'>, resting: (() => boolean) | undefined): StatsSampler {
  let sampler = samplers.get(client)
  if (!sampler) samplers.set(client, (sampler = createStatsSampler(client, resting)))
  return sampler
}

/**
 * Figures of each container as they are taken (see `stats.watch` in the contract), until the signal aborts. A slow
 * reader gets the newest of each container. A container that does not run has none and is asked for on.
 * Nothing is asked while `resting` says that the engine naps.
 * @throws NaruError `unsupported` when the engine has no true figures (see Capabilities.stats), or the first failure
 *   when no container can be measured
 */
export async function* watchStats(
  client: Pick<EngineClient, 'statsOnce' | 'capabilities'>,
  ids: readonly string[],
  signal: AbortSignal,
  pace: StatsPace = 'normal',
  resting?: () => boolean,
): AsyncGenerator<ContainerStats> {
  if (!client.capabilities.stats) throw new NaruError('unsupported', 'this engine tells no figures of containers', { hint: 'stats' })
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) return
  const channel = merging<Latest>((older, newer) => new Map([...older, ...newer]))
  const stop = samplerOf(client, resting).watch({
    ids: wanted,
    pace,
    items: (stats) => channel.push(new Map(stats.map((one) => [one.id, one]))),
    failed: (error) => channel.end(error),
  })
  try {
    for await (const batch of channel.iterate(signal)) yield* batch.values()
  } finally {
    stop()
  }
}
