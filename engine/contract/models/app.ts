import type { SavedLogSearch } from './logs.ts'
import type { VmSettings } from './machine.ts'
import type { RegistryRealm } from './registries.ts'

export interface AppInfo {
  readonly contractVersion: number
  readonly version: string
  readonly shell: 'electron' | 'web' | 'headless'
  readonly platform: string
  /** Folder that holds all of Naru's state. */
  readonly stateFolder: string
  readonly root: boolean
  /** This shell can start with the person's session. */
  readonly loginItem: boolean
}

export interface Settings {
  readonly theme: 'system' | 'light' | 'dark'
  readonly locale: 'system' | 'en' | 'ko'
  /** Grace period of stop and restart, seconds. */
  readonly stopGraceSeconds: number
  /** Engine to use; `auto` = detection order. */
  readonly engine: string
  /** Sockets added by hand. */
  readonly sockets: readonly string[]
  readonly hubUrl: string
  /** Lines a log view loads first. */
  readonly logTail: number
  readonly logTimestamps: 'off' | 'local' | 'utc' | 'relative'
  readonly logWrap: boolean
  /** Most bytes one log view may keep on disk. */
  readonly logCapBytes: number
  /** Naru starts with the person's session, without a window. */
  readonly startAtLogin: boolean
  /**
   * What stops when Naru ends: nothing; a virtual machine in which nothing runs (it holds memory); every engine that
   * comes with Naru, its containers first.
   */
  readonly stopWithNaru: 'never' | 'idle-machine' | 'always'
  /** Asks once a day whether there is a newer Naru; off unless somebody switches it on. */
  readonly lookForReleases: boolean
  /** Of the bundled virtual machine. */
  readonly vm: VmSettings
  /** The person read what it means that Naru runs as root. */
  readonly rootExplained: boolean
  /** At most 100. */
  readonly registryRealms: readonly RegistryRealm[]
  /** At most 100. */
  readonly logSearches: readonly SavedLogSearch[]
}

/** What is known of new versions of Naru. */
export interface ReleaseLook {
  /** Who is asked. */
  readonly host: string
  /** Null: never. */
  readonly lookedAt: number | null
  /** Of the last look: no answer, or one that is not the feed's. */
  readonly failed: 'unreachable' | 'unusable' | null
  /** Newer than this Naru, not skipped, and asked for. `notes`: a page that tells what is new. */
  readonly newer: { readonly version: string; readonly notes: string } | null
}
