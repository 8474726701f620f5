/** The person's settings; theme and language take effect at once. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watchEffect } from 'vue'
import type { Settings } from '../../engine/contract/models.ts'
import { resolveLocale, setLocale } from '../i18n/index.ts'
import { useConnection } from './connection.ts'

/** Shown until the engine room answers; the engine room owns the real defaults. */
const INITIAL: Settings = {
  theme: 'system',
  locale: 'system',
  stopGraceSeconds: 10,
  engine: 'auto',
  sockets: [],
  hubUrl: 'https://hub.docker.com',
  logTail: 10_000,
  logTimestamps: 'local',
  logWrap: true,
  logCapBytes: 2_000_000_000,
  startAtLogin: false,
  stopWithNaru: 'idle-machine',
  lookForReleases: false,
  vm: {},
  rootExplained: false,
  registryRealms: [],
  logSearches: [],
}

export const useSettings = defineStore('settings', () => {
  const connection = useConnection()
  const values = shallowRef<Settings>(INITIAL)
  const known = ref(false)
  const systemDark = ref(false)

  const theme = computed<'light' | 'dark'>(() => {
    if (values.value.theme !== 'system') return values.value.theme
    return systemDark.value ? 'dark' : 'light'
  })

  function start(): void {
    const dark = window.matchMedia('(prefers-color-scheme: dark)')
    systemDark.value = dark.matches
    dark.addEventListener('change', (event) => (systemDark.value = event.matches))
    watchEffect(() => {
      document.documentElement.dataset.theme = theme.value
    })
    watchEffect(() => setLocale(resolveLocale(values.value.locale, navigator.languages)))
    connection.subscribe('settings.watch', {}, {
      item(next) {
        values.value = next
        known.value = true
      },
    })
  }

  /** Saves a part of the settings; what the engine room kept is shown. */
  async function update(patch: Partial<Settings>): Promise<void> {
    values.value = await connection.call('settings.update', { patch })
  }

  return { values, known, theme, start, update }
})
