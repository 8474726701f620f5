import type { AppInfo } from '../contract/models.ts'
import type { ConnectEngine } from '../providers/connection.ts'
import type { EngineProvider } from '../providers/provider.ts'
import type { ProviderRegistry } from '../providers/registry.ts'
import type { VmSetup } from '../providers/vm/provide.ts'
import type { SecretBox } from '../registries/vault.ts'

/** Starting with the person's session, as this shell and system do it. */
export interface LoginItem {
  readonly set: (enabled: boolean) => Promise<void>
}

export interface EngineHostOptions {
  /** Holds all of Naru's state; made when missing. */
  readonly stateFolder: string
  readonly shell: AppInfo['shell']
  readonly version: string
  /** The embedded engine's programs; may be missing, the native engine is then `absent`. */
  readonly bundleFolder: string
  /** The virtual machine's files; may be missing, it is then `absent`. Without this there is no virtual machine at all. */
  readonly vmImageFolder?: string
  /** The QEMU that comes with Naru; may be missing, this machine's is then looked for. */
  readonly vmQemuFolder?: string
  /** Makes both at the machine's first start, where that can be done. */
  readonly vmSetup?: VmSetup
  /** Path of the welcome image's archive. */
  readonly welcomeImage: string
  /** Path of the log worker's script. */
  readonly logWorkerPath: string
  /** Path of the layer worker's script. */
  readonly layerWorkerPath: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** Told one line at a time; default: a rotating file in the state folder. */
  readonly log?: (line: string) => void
  /** Starting with the person's session; without it that cannot be chosen. */
  readonly loginItem?: LoginItem
  /** The system's keychain; without one, logins to registries live in memory only. */
  readonly secrets?: SecretBox
  /** Milliseconds a registry may be silent during a pull; tests wait for less than people. */
  readonly pullSilenceMs?: number
  /** Other engines than those of this machine, for tests. */
  readonly engines?: {
    readonly providers?: readonly EngineProvider[]
    readonly registry?: ProviderRegistry
    readonly connect?: ConnectEngine
  }
}
