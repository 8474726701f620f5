import type { EngineClient } from '../../engine/docker/engine-client.ts'

const CAPABILITIES: EngineClient['capabilities'] = {
  pause: true,
  limits: true,
  stats: true,
  update: true,
  buildkit: true,
  swarm: false,
  distribution: true,
  layerDirectories: true,
  notes: [],
}

/** An engine client that can only what the test gives it; every other call fails the test by name. */
export function engineClient(able: Partial<EngineClient> = {}): EngineClient {
  const known: Partial<EngineClient> = { capabilities: CAPABILITIES, close: () => undefined, ...able }
  return new Proxy(known as EngineClient, {
    get(target, name) {
      if (name in target) return target[name as keyof EngineClient]
      if (typeof name === 'symbol' || name === 'then') return undefined
      return () => {
        throw new Error(`the test did not expect a call of ${name}`)
      }
    },
  })
}

/** The items, one after the other. */
export async function* streamOf<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item)
}
