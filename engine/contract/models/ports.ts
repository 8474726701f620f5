import type { PortMapping, PortProtocol } from './containers.ts'

export interface PortHolder {
  readonly kind: 'container' | 'process' | 'unknown'
  readonly containerId?: string
  /** Engine of the container, when it is another one than was asked about. */
  readonly engineId?: string
  readonly pid?: number
  /** Container or program name; empty when it cannot be told. */
  readonly name: string
  /** Of `process`: its command line, at most 300 characters. */
  readonly command?: string
  /** Of `process`: it forwards to this address of a container no known engine has (`172.17.0.2:80`). */
  readonly target?: string
  /** Of `unknown`: the user whose process may not be looked at. */
  readonly user?: string
}

/** A socket of this machine that waits for someone. */
export interface HostListener {
  readonly protocol: PortProtocol
  readonly ip: string
  readonly port: number
  readonly holder: PortHolder
}

/**
 * Why a container that does not run could not be started now: `held` by someone; `address-gone`: bound to an address this
 * machine has not; `rivals`: it can start, but then those that want the same port cannot; `denied`: the system gives this
 * port only to who has more rights (below 1024).
 */
export type PortConflictKind = 'held' | 'address-gone' | 'rivals' | 'denied'

export interface PortConflict {
  readonly kind: PortConflictKind
  /** Of `held`. */
  readonly holder?: PortHolder
  /** Of `rivals`: containers that do not run and want the same port. */
  readonly rivals?: readonly { readonly containerId: string; readonly name: string }[]
  /** Next port nobody holds or wants. */
  readonly nearestFree?: number
  /** The container runs all the same: the port alone is not open on this machine, until it becomes free. */
  readonly running?: boolean
}

/** A port that a container which does not run would publish. */
export interface PlannedPort {
  readonly containerId: string
  readonly mapping: Required<PortMapping>
  readonly conflict?: PortConflict
}

/** Who listens on this machine, and what waits to. */
export interface PortSurvey {
  /** Null where the system does not tell (only Linux does). At most 5 000. */
  readonly listeners: readonly HostListener[] | null
  /** Listeners there are; more than in the list when that was cut. */
  readonly total: number
  readonly planned: readonly PlannedPort[]
}

export interface PortCheck {
  readonly free: boolean
  /** Which one is taken, when more than one was asked about. */
  readonly port?: number
  readonly holder?: PortHolder
  /** Next free port above the one asked for (first of as many in a row); absent when free or when none was found. */
  readonly nearestFree?: number
  /** The port needs a privilege the engine has not (rootless below 1024). */
  readonly privileged?: boolean
}

export type Reachability = 'reachable' | 'refused' | 'timeout' | 'not-running' | 'not-testable' | 'bound-elsewhere'

export interface PublishedPort {
  readonly containerId: string
  readonly containerName: string
  readonly mapping: Required<PortMapping>
  readonly reachability: Reachability
  /** Something on it speaks HTTP. */
  readonly http: boolean
}
