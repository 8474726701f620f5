import type { PortMapping } from './containers.ts'

export interface PortHolder {
  readonly kind: 'container' | 'process' | 'unknown'
  readonly containerId?: string
  readonly pid?: number
  /** Container or program name; empty when it cannot be told. */
  readonly name: string
}

export interface PortCheck {
  readonly free: boolean
  readonly holder?: PortHolder
  /** Next free port above the one asked for; absent when free or when none was found. */
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
