/** A value for every setting that is right for most. */
import type { Settings } from '../contract/models.ts'

export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  locale: 'system',
  stopGraceSeconds: 10,
  engine: 'auto',
  sockets: [],
  hubUrl: 'https://hub.docker.com',
  logTail: 10_000,
  logTimestamps: 'off',
  logWrap: true,
  logCapBytes: 2 * 1024 ** 3,
  startAtLogin: false,
  stopWithNaru: 'idle-machine',
  lookForReleases: false,
  vm: {},
  rootExplained: false,
  registryRealms: [],
  logSearches: [],
}
