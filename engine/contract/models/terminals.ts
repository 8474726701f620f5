/** Terminals: commands run in containers, and containers' main processes somebody is attached to. */

/** A shell found in a container. */
export interface FoundShell {
  readonly path: string
}

/**
 * Why a terminal is over. `exited`: its command ended by itself. `container-stopped`, `container-removed`: the container
 * went and took it along (removed: by itself too, `--rm`). `container-restarted`: its main process ended and was started
 * anew. `detached`: it was left, the container goes on. `lost`: the connection to the engine broke.
 */
export interface TerminalEnd {
  readonly reason: 'exited' | 'container-stopped' | 'container-removed' | 'container-restarted' | 'detached' | 'lost'
  /** Of the command, or of the container's main process when that ended; null when nobody knows. */
  readonly exitCode: number | null
}

export interface TerminalRow {
  readonly sessionId: string
  readonly engineId: string
  readonly containerId: string
  /** `exec`: a command beside the main process. `attach`: the main process itself. */
  readonly kind: 'exec' | 'attach'
  /** Counts the terminals of a container from 1, for each window. */
  readonly number: number
  /** Empty for `attach`. */
  readonly command: readonly string[]
  readonly user?: string
  readonly workdir?: string
  /** `NAME=value` each. */
  readonly env?: readonly string[]
  /** A terminal is there: keys go as they are typed, the size is told. Without it lines go, with no echo. */
  readonly tty: boolean
  /** What is typed reaches the program; false when the container was made without `-i`. */
  readonly input: boolean
  /** Null while it runs. */
  readonly ended: TerminalEnd | null
}

/** Where a container that is started attached is to be shown. */
export interface TerminalPlace {
  /** The window's key, see `terminals.claim`. */
  readonly window: string
  readonly columns: number
  readonly rows: number
}
