/** Terminals inside containers. */

/** A shell found in a container. */
export interface FoundShell {
  readonly path: string
}

/**
 * Why a terminal is over. `exited`: its command ended by itself. `container-stopped`, `container-removed`: the container
 * went and took it along. `lost`: the connection to the engine broke.
 */
export interface TerminalEnd {
  readonly reason: 'exited' | 'container-stopped' | 'container-removed' | 'lost'
  /** Of the command, or of the container when that stopped; null when nobody knows. */
  readonly exitCode: number | null
}

export interface TerminalRow {
  readonly sessionId: string
  readonly engineId: string
  readonly containerId: string
  readonly command: readonly string[]
  /** Null while it runs. */
  readonly ended: TerminalEnd | null
}
