/** `docker update`: limits and restart policy of a container that is there. Pure. */
import type { ContainerLimits, RestartPolicy, UpdateSpec } from '../contract/models.ts'

/** Body of `POST /containers/{id}/update`; what is left out stays. */
export function updateBody({ memoryBytes, memorySwapBytes, cpus, pidsLimit, restart }: UpdateSpec): Readonly<Record<string, unknown>> {
  return {
    ...(memoryBytes !== undefined && { Memory: memoryBytes }),
    ...(memorySwapBytes !== undefined && { MemorySwap: memorySwapBytes }),
    ...(cpus !== undefined && { NanoCpus: Math.round(cpus * 1e9) }),
    ...(pidsLimit !== undefined && { PidsLimit: pidsLimit }),
    ...(restart && { RestartPolicy: { Name: restart.name, MaximumRetryCount: restart.maximumRetryCount ?? 0 } }),
  }
}

/** Words behind `docker update` that do the same. */
export function updateWords({ memoryBytes, memorySwapBytes, cpus, pidsLimit, restart }: UpdateSpec): string[] {
  return [
    ...(memoryBytes === undefined ? [] : ['--memory', sizeWord(memoryBytes)]),
    ...(memorySwapBytes === undefined ? [] : ['--memory-swap', memorySwapBytes < 0 ? '-1' : sizeWord(memorySwapBytes)]),
    ...(cpus === undefined ? [] : ['--cpus', String(cpus)]),
    ...(pidsLimit === undefined ? [] : ['--pids-limit', String(pidsLimit)]),
    ...(restart ? ['--restart', restartWord(restart)] : []),
  ]
}

function restartWord({ name, maximumRetryCount }: RestartPolicy): string {
  return name === 'on-failure' && maximumRetryCount ? `${name}:${maximumRetryCount}` : name
}

/** As docker reads it, in the largest unit without a remainder: `512m`. */
export function sizeWord(bytes: number): string {
  const unit = (['g', 'm', 'k'] as const).find((_, n) => bytes > 0 && bytes % 1024 ** (3 - n) === 0)
  return unit ? `${bytes / 1024 ** { g: 3, m: 2, k: 1 }[unit]}${unit}` : String(bytes)
}

/**
 * The limit of swap that goes with another limit of memory: unlimited stays so; else twice the memory, as docker sets it
 * by itself. Without it the engine refuses a memory limit above the old one of swap.
 */
export function swapFor(memoryBytes: number, { memorySwapBytes }: ContainerLimits): number {
  return memorySwapBytes < 0 ? -1 : memoryBytes * 2
}
