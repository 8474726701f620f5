/**
 * The one error type that crosses the link. A code says what happened, `params` name the things involved,
 * and the renderer turns both into a translated sentence; nobody parses messages.
 */

/** Every code an error may carry. The renderer's catalogues hold one sentence and one next step for each. */
export const ERROR_CODES = [
  'engine.unreachable',
  'engine.starting',
  'engine.incompatible',
  'engine.not-an-engine',
  'provider.absent',
  'provider.boot-failed',
  'provider.exited',
  'provider.image-corrupt',
  'registry.unreachable',
  'not-found',
  'image-not-found',
  'archive-broken',
  'conflict',
  'name-in-use',
  'port-in-use',
  'in-use',
  'running',
  'denied',
  'unauthorized',
  'rate-limited',
  'no-space',
  'build-failed',
  'invalid-request',
  'invalid-reference',
  'cancelled',
  'timeout',
  'unsupported',
  'contract-mismatch',
  'internal',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** Values that fill the gaps of a translated sentence; never secrets. */
export type ErrorParams = Readonly<Record<string, string | number | readonly string[]>>

/** Plain form of an error, as it travels over the link. */
export interface ErrorEnvelope {
  readonly code: ErrorCode
  /** English, for logs and the "engine's own words" panel; the UI's sentence comes from `code` and `params`. */
  readonly message: string
  /** Names the things involved: `name`, `holder`, `port`, `path`, `reference`, `group`, `command`… */
  readonly params?: ErrorParams
  /** A more exact sentence than the code's own, as a key below `errors.hint.` in the catalogues. */
  readonly hint?: string
  /** True when the same request may succeed later without any change. */
  readonly retryable: boolean
  /** Id of the engine that answered, when one did. */
  readonly engineId?: string
  /** Id of the operation that failed, when the error ended one. */
  readonly operationId?: string
  /** The engine's (or tool's) own words, unchanged; shown on request. */
  readonly detail?: string
}

const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'engine.unreachable',
  'engine.starting',
  'provider.exited',
  'registry.unreachable',
  'rate-limited',
  'timeout',
])

/** Error with a code. Throw it anywhere in the engine room; the link carries it across unchanged. */
export class NaruError extends Error {
  readonly code: ErrorCode
  readonly params: ErrorParams | undefined
  readonly hint: string | undefined
  readonly retryable: boolean
  readonly engineId: string | undefined
  readonly operationId: string | undefined
  readonly detail: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    more: Partial<Omit<ErrorEnvelope, 'code' | 'message'>> & { cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'NaruError'
    this.code = code
    this.params = more.params
    this.hint = more.hint
    this.retryable = more.retryable ?? RETRYABLE.has(code)
    this.engineId = more.engineId
    this.operationId = more.operationId
    this.detail = more.detail
  }
}

/** Any thrown value as an envelope. Unknown errors become `internal` and keep only their message. */
export function toEnvelope(error: unknown): ErrorEnvelope {
  if (error instanceof NaruError) {
    const { code, message, params, hint, retryable, engineId, operationId, detail } = error
    return {
      code,
      message,
      retryable,
      ...(params && { params }),
      ...(hint && { hint }),
      ...(engineId && { engineId }),
      ...(operationId && { operationId }),
      ...(detail && { detail }),
    }
  }
  if (error instanceof Error && error.name === 'AbortError') {
    return { code: 'cancelled', message: 'cancelled', retryable: false }
  }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), retryable: false }
}

/** The error an envelope stands for. */
export function fromEnvelope(envelope: ErrorEnvelope): NaruError {
  const { code, message, ...more } = envelope
  return new NaruError(code, message, more)
}

/** True for an error that means "the person or a shutdown cancelled it". */
export function isCancelled(error: unknown): boolean {
  return (
    (error instanceof NaruError && error.code === 'cancelled') ||
    (error instanceof Error && error.name === 'AbortError')
  )
}

/** Compile-time proof that a switch is exhaustive. */
export function assertNever(value: never): never {
  throw new NaruError('internal', `unexpected value: ${JSON.stringify(value)}`)
}
