/**
 * Credential helpers of the docker CLI: programs `docker-credential-NAME` that keep secrets in a keychain.
 * Protocol: docker/docker-credential-helpers, credentials/credentials.go. Secrets travel over stdin and stdout only.
 */
import * as v from 'valibot'
import { NaruError } from '../contract/errors.ts'
import type { Environment } from '../providers/docker-config.ts'
import { exec } from '../system/exec.ts'
import { hostOf, serverAddress } from './address.ts'
import { scrub } from './credential.ts'
import type { Credential } from './credential.ts'

/** A keychain may ask the person to unlock it. */
const ASK_MS = 60_000
/** A list must not hold the page back. */
const LIST_MS = 10_000
const MOST_BYTES = 1024 * 1024
const MOST_LISTED = 500

export interface CredentialHelper {
  readonly name: string
  /** Undefined when it holds nothing for the registry. */
  readonly get: (registry: string, signal?: AbortSignal) => Promise<Credential | undefined>
  readonly store: (credential: Credential, signal?: AbortSignal) => Promise<void>
  readonly erase: (registry: string, signal?: AbortSignal) => Promise<void>
  /** Registries and users, without secrets. */
  readonly list: (signal?: AbortSignal) => Promise<readonly { readonly registry: string; readonly user: string }[]>
}

const secretShape = v.object({ Username: v.string(), Secret: v.string() })
const listShape = v.record(v.string(), v.string())

/** What helpers say when they hold nothing (credentials/error.go); some keychains word it their own way. */
const NOT_FOUND = /credentials not found|no credentials|not found in native keychain/i
/** Stands for the user of an identity token. */
const TOKEN_USER = '<token>'

/** @param name the part behind `docker-credential-`; checked by who read it */
export function createHelper(name: string, env: Environment): CredentialHelper {
  const program = `docker-credential-${name}`

  /** Its answer, or null when it says that there is nothing. */
  async function ask(action: string, input: string, timeoutMs: number, signal?: AbortSignal, secret = ''): Promise<string | null> {
    const { code, stdout, stderr } = await exec(program, [action], {
      input,
      timeoutMs,
      maxBytes: MOST_BYTES,
      env,
      okCodes: Array.from({ length: 256 }, (_, each) => each),
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      throw helperError(program, action, error)
    })
    if (code === 0) return stdout
    // The protocol puts errors on stdout, where a success has the secret; here there was none to give.
    const words = scrub((stdout || stderr).trim(), secret).slice(0, 1_000)
    if (NOT_FOUND.test(words)) return null
    throw new NaruError('internal', `${program} ${action} failed`, { params: { program, action }, hint: 'registry.helper-failed', detail: words })
  }

  function read<S extends v.GenericSchema>(shape: S, answer: string, action: string): v.InferOutput<S> {
    try {
      return v.parse(shape, JSON.parse(answer))
    } catch {
      // Neither the answer nor the parser's words: both may hold the secret.
      throw new NaruError('internal', `${program} ${action} gave an unreadable answer`, { params: { program, action }, hint: 'registry.helper-failed' })
    }
  }

  return {
    name,
    async get(registry, signal) {
      const answer = await ask('get', serverAddress(registry), ASK_MS, signal)
      if (answer === null) return undefined
      const { Username, Secret } = read(secretShape, answer, 'get')
      if (Secret === '') return undefined
      return Username === TOKEN_USER
        ? { registry, user: '', secret: Secret, kind: 'identity' }
        : { registry, user: Username, secret: Secret, kind: 'password' }
    },
    async store({ registry, user, secret, kind }, signal) {
      const body = { ServerURL: serverAddress(registry), Username: kind === 'identity' ? TOKEN_USER : user, Secret: secret }
      await ask('store', JSON.stringify(body), ASK_MS, signal, secret)
    },
    async erase(registry, signal) {
      await ask('erase', serverAddress(registry), ASK_MS, signal)
    },
    async list(signal) {
      const answer = await ask('list', '', LIST_MS, signal)
      const found = new Map<string, string>()
      for (const [address, user] of Object.entries(answer === null || answer.trim() === '' ? {} : read(listShape, answer, 'list')).slice(0, MOST_LISTED)) {
        // Docker Desktop keeps tokens of its own beside the login: …/v1/access-token.
        if (/\/v1\/\w+-token\/?$/.test(address)) continue
        found.set(hostOf(address), user === TOKEN_USER ? '' : user)
      }
      return [...found].map(([registry, user]) => ({ registry, user }))
    },
  }
}

function helperError(program: string, action: string, error: unknown): unknown {
  if (!(error instanceof NaruError) || error.code === 'cancelled') return error
  const hint = error.hint === 'program-missing' ? 'registry.helper-missing' : 'registry.helper-failed'
  return new NaruError(error.code, error.message, { params: { program, action }, hint, ...(error.detail && { detail: error.detail }) })
}
