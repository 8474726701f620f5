/** What runs inside one container, and what differs from its image. */

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
