/** What runs inside one container, what differs from its image, and what of it can be changed. */
import type { RestartPolicy } from './containers.ts'

/** What a column of the process table holds; `other` is anything only this engine's `ps` knows. */
export type ProcessColumn = 'pid' | 'parent' | 'user' | 'cpu' | 'memory' | 'time' | 'started' | 'terminal' | 'command' | 'other'

/** Answer of `docker top`. */
export interface ContainerProcesses {
  /** Titles as the engine gives them, with what is known of their meaning. */
  readonly columns: readonly { readonly title: string; readonly kind: ProcessColumn }[]
  /** One text per column. Of `memory`: resident memory in KiB; of `cpu`: percent of one processor over the process's life. */
  readonly rows: readonly (readonly string[])[]
  /** Processes there are; more than the rows when there are very many. */
  readonly total: number
  /** Words behind `docker top NAME` that ask for the same columns. */
  readonly psArgs: readonly string[]
}

/** Answer of `docker diff`: the paths that differ from the image, sorted. */
export interface ContainerChanges {
  readonly added: number
  readonly changed: number
  readonly deleted: number
  /** At most 200 000, and about 8 MiB of text; the counts are of all. */
  readonly paths: readonly string[]
  /** One letter for each path: `A` added, `C` changed, `D` deleted. */
  readonly kinds: string
}

/** What becomes an image besides the files. */
export interface CommitSpec {
  /** Name of the image, default tag `latest`; empty = it gets none. */
  readonly reference: string
  readonly message: string
  readonly author: string
  /** Nothing in the container runs while its files are read. */
  readonly pause: boolean
  /** Dockerfile instructions such as `CMD ["sh"]`. */
  readonly changes: readonly string[]
}

/** What `docker update` changes of a container that is there. Only what is given is changed. */
export interface UpdateSpec {
  /** Bytes. The engine cannot take a limit away, only set another. */
  readonly memoryBytes?: number
  /** With `memoryBytes`: memory and swap together, -1 = as much swap as there is. */
  readonly memorySwapBytes?: number
  /** Processors, such as 1.5. As memory: no way back to none. */
  readonly cpus?: number
  /** -1 = no limit. */
  readonly pidsLimit?: number
  readonly restart?: RestartPolicy
}
