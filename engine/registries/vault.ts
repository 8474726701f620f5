/**
 * Naru's own logins: sealed by the system's keychain in a file only its owner can read, or in memory. A secret is never
 * written in clear; without a keychain it is gone when Naru closes.
 */
import { join } from 'node:path'
import * as v from 'valibot'
import { NaruError, toEnvelope } from '../contract/errors.ts'
import type { RegistryLogin } from '../contract/models.ts'
import { readJson, writeFileAtomic } from '../system/files.ts'
import type { Credential } from './credential.ts'

/** The system's keychain, as far as a shell can reach it (Electron's safeStorage). */
export interface SecretBox {
  /** False also when the system would only disguise the text. */
  readonly available: () => Promise<boolean>
  /** Base64. */
  readonly seal: (text: string) => Promise<string>
  readonly open: (sealed: string) => Promise<string>
}

export interface Vault {
  /** Place of a login that is to be kept. */
  readonly place: () => Promise<'keychain' | 'memory'>
  readonly logins: () => readonly RegistryLogin[]
  /** @throws NaruError what opening the seal throws */
  readonly get: (registry: string) => Promise<Credential | undefined>
  /** Replaces what was there for the registry. `keep: false` = only in memory. */
  readonly put: (credential: Credential, keep: boolean) => Promise<RegistryLogin>
  /** Remembers that Naru stored a login in a helper, without its secret. */
  readonly note: (login: RegistryLogin) => Promise<void>
  /** True when there was something. */
  readonly erase: (registry: string) => Promise<boolean>
}

export interface VaultOptions {
  readonly stateFolder: string
  readonly secrets?: SecretBox
  readonly now?: () => number
  readonly log?: (line: string) => void
}

const FILE = 'registries.json'
/** More logins than this are refused. */
const MOST = 200

const entryShape = v.object({
  registry: v.string(),
  user: v.string(),
  kind: v.picklist(['password', 'identity']),
  since: v.number(),
  /** Name of the helper that has the secret. */
  helper: v.optional(v.string()),
  /** Base64 of what the keychain sealed. */
  sealed: v.optional(v.string()),
})
const fileShape = v.object({ logins: v.array(entryShape) })
type Entry = v.InferOutput<typeof entryShape>
/** In the file it has no secret; in memory it may. */
interface Held extends Entry {
  readonly secret?: string
}

export async function openVault(options: VaultOptions): Promise<Vault> {
  const { stateFolder, secrets, now = Date.now } = options
  const path = join(stateFolder, FILE)
  const read = await readJson(path, (value) => {
    const parsed = v.safeParse(fileShape, value)
    return parsed.success ? parsed.output.logins : null
  })
  const held = new Map<string, Held>((read ?? []).slice(0, MOST).map((entry) => [entry.registry, entry]))
  let writing: Promise<void> = Promise.resolve()

  const available = async (): Promise<boolean> => {
    try {
      return (await secrets?.available()) ?? false
    } catch (error) {
      options.log?.(`the keychain cannot be asked: ${toEnvelope(error).message}`)
      return false
    }
  }

  /** One write after the other; what is only in memory is not in it. */
  function save(): Promise<void> {
    const write = async (): Promise<void> => {
      const logins = [...held.values()].filter(({ sealed, helper }) => sealed ?? helper).map(({ secret: _secret, ...entry }) => entry)
      await writeFileAtomic(path, `${JSON.stringify({ logins }, null, 2)}\n`)
    }
    const done = writing.then(write)
    writing = done.catch(() => undefined)
    return done
  }

  async function change(registry: string, entry: Held | undefined): Promise<void> {
    const before = held.get(registry)
    if (!before && held.size >= MOST) throw new NaruError('invalid-request', `more than ${MOST} logins`, { hint: 'registry.too-many' })
    if (entry) held.set(registry, entry)
    else held.delete(registry)
    const written = (one: Held | undefined): boolean => one?.sealed !== undefined || one?.helper !== undefined
    if (written(before) || written(entry)) await save()
  }

  return {
    place: async () => ((await available()) ? 'keychain' : 'memory'),
    logins: () => [...held.values()].map(loginOf),
    async get(registry) {
      const entry = held.get(registry)
      if (!entry || (entry.secret === undefined && entry.sealed === undefined)) return undefined
      const secret = entry.secret ?? (await openSeal(secrets, entry.sealed ?? '', registry))
      return { registry, user: entry.user, secret, kind: entry.kind }
    },
    async put({ registry, user, secret, kind }, keep) {
      const plain = { registry, user, kind, since: now() }
      const sealed = keep && secrets && (await available()) ? await secrets.seal(secret) : undefined
      const entry: Held = sealed === undefined ? { ...plain, secret } : { ...plain, sealed }
      await change(registry, entry)
      return loginOf(entry)
    },
    async note({ registry, user, helper = '', since = now() }) {
      await change(registry, { registry, user, kind: 'password', since, helper })
    },
    async erase(registry) {
      const had = held.has(registry)
      if (had) await change(registry, undefined)
      return had
    },
  }
}

function loginOf({ registry, user, since, helper, sealed }: Held): RegistryLogin {
  if (helper !== undefined) return { registry, user, since, helper, place: 'helper' }
  return { registry, user, since, place: sealed === undefined ? 'memory' : 'keychain' }
}

async function openSeal(secrets: SecretBox | undefined, sealed: string, registry: string): Promise<string> {
  try {
    if (!secrets) throw new Error('this shell has no keychain')
    return await secrets.open(sealed)
  } catch (error) {
    throw new NaruError('denied', 'the keychain does not open the login', {
      params: { registry },
      hint: 'registry.keychain-closed',
      detail: toEnvelope(error).message,
    })
  }
}
