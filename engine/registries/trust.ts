/** Where engines look for what they trust: certificates of private registries, and registries that may speak plain HTTP. */
import { join } from 'node:path'
import type { EngineVersion } from '../contract/models.ts'
import { personalConfig } from '../providers/native/daemon-config.ts'

export interface TrustPlace {
  /** The authority's certificate (PEM) of one registry; read at every connection. */
  readonly caPath: string
  /** File with the registries that may speak HTTP; read when the engine starts. */
  readonly configPath: string
}

export interface EngineFacts {
  readonly version: Pick<EngineVersion, 'product' | 'rootless'>
  /** State folder of the embedded engine, when it is that one. */
  readonly embedded?: string
  /** Home of who runs the engine, when it is rootless. */
  readonly home: string
}

/**
 * Sources: moby registry/config.go and daemon/config (certs.d, daemon.json); containers/image docs
 * containers-certs.d.5.md and containers-registries.conf.5.md.
 */
export function trustPlace({ version, embedded, home }: EngineFacts, registry: string): TrustPlace {
  const podman = /podman/i.test(version.product)
  const folder = podman ? 'containers' : 'docker'
  const base = version.rootless ? join(home, '.config', folder) : join('/etc', folder)
  const config = embedded === undefined ? join(base, podman ? 'registries.conf' : 'daemon.json') : personalConfig(embedded)
  return { caPath: join(base, 'certs.d', registry, 'ca.crt'), configPath: config }
}
