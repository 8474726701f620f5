/** Logins to registries: who is logged in where, the dialog that logs in, and what came of trying a login. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import { toEnvelope } from '../../engine/contract/errors.ts'
import type { CredentialPlace, RegistryList, RegistryLogin } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { useEngines } from './engines.ts'

export interface LoginDialog {
  /** Filled in and not to be changed when it is known. */
  readonly registry: string
  readonly user: string
  /** What goes on once the login is there. */
  readonly then?: () => void
}

/** What came of trying a login; null while it is tried. */
export type Trial = { readonly ok: true } | { readonly ok: false; readonly error: ErrorEnvelope } | null

export const useRegistries = defineStore('registries', () => {
  const connection = useConnection()
  const engines = useEngines()
  const list = shallowRef<RegistryList | null>(null)
  const error = shallowRef<ErrorEnvelope | null>(null)
  const loading = shallowRef(false)
  const dialog = shallowRef<LoginDialog | null>(null)
  const trials = shallowRef<ReadonlyMap<string, Trial>>(new Map())
  let asked = 0

  /** Reads who is logged in; of two readings at once the later one counts. */
  async function load(): Promise<void> {
    const mine = ++asked
    loading.value = true
    try {
      const read = await connection.call('registries.list', { engineId: engines.usable ? engines.currentId : null })
      if (mine !== asked) return
      list.value = read
      error.value = null
    } catch (reason) {
      if (mine === asked) error.value = toEnvelope(reason)
    } finally {
      if (mine === asked) loading.value = false
    }
  }

  const loginOf = (registry: string): RegistryLogin | undefined => list.value?.logins.find((login) => login.registry === registry)

  /** Where a login that is to be kept would go. */
  function placeFor(registry: string): { place: Exclude<CredentialPlace, 'docker-config'>; helper: string } {
    const own = list.value?.helpers.find((one) => one.registry === registry)?.helper
    if (own !== undefined) return { place: 'helper', helper: own }
    return { place: list.value?.place ?? 'memory', helper: list.value?.helper ?? '' }
  }

  function note(registry: string, trial: Trial | undefined): void {
    const next = new Map(trials.value)
    if (trial === undefined) next.delete(registry)
    else next.set(registry, trial)
    trials.value = next
  }

  /** The secret goes to the engine room and nowhere else. @throws NaruError `unauthorized` {field: password}… */
  async function login(form: { registry: string; user: string; secret: string; keep: boolean }): Promise<RegistryLogin> {
    const made = await connection.call('registries.login', { engineId: engines.currentId ?? '', ...form })
    note(made.registry, { ok: true })
    void load()
    return made
  }

  async function logout({ registry, place }: RegistryLogin): Promise<void> {
    await connection.call('registries.logout', { registry, place })
    note(registry, undefined)
    await load()
  }

  /** Tries the login that is kept. */
  async function test(registry: string): Promise<void> {
    note(registry, null)
    try {
      await connection.call('registries.test', { engineId: engines.currentId ?? '', registry })
      note(registry, { ok: true })
    } catch (reason) {
      note(registry, { ok: false, error: toEnvelope(reason) })
    }
  }

  return {
    list,
    error,
    loading,
    dialog,
    trials,
    canLogIn: computed(() => engines.usable),
    load,
    loginOf,
    placeFor,
    login,
    logout,
    test,
    askLogin(registry = '', more: { user?: string; then?: () => void } = {}): void {
      void load()
      dialog.value = { registry, user: more.user ?? loginOf(registry)?.user ?? '', ...(more.then && { then: more.then }) }
    },
    closeDialog(): void {
      dialog.value = null
    },
  }
})
