/** The one place where an engine's HTTP answers and broken connections become NaruErrors. */
import { NaruError } from '../contract/errors.ts'
import type { ErrorCode } from '../contract/errors.ts'
import { readArchiveText, readEngineText, readRegistryText, saysNoImage } from './error-text.ts'
import type { ErrorMeaning, ErrorSubject as TextSubject } from './error-text.ts'

/** What a call was about; fills the params of the error it ends in. */
export interface ErrorSubject extends TextSubject {
  readonly engineId?: string
  /** The call makes the engine talk to a registry, so its failures are the registry's. */
  readonly registry?: boolean
  /** The call sends an archive, so what the engine cannot read is the archive's fault. */
  readonly archive?: boolean
}

/** The engine's own words out of an error body: `{"message":…}`, Podman's `{"cause":…,"message":…}`, or plain text. */
export function errorText(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body)
    if (parsed && typeof parsed === 'object' && 'message' in parsed && typeof parsed.message === 'string') {
      return parsed.message.trim()
    }
  } catch {
    // Not JSON: plain text, as proxies and some daemons answer.
  }
  return body.trim().slice(0, 4_096)
}

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid-request',
  401: 'unauthorized',
  403: 'denied',
  404: 'not-found',
  409: 'conflict',
  429: 'rate-limited',
  501: 'unsupported',
  502: 'engine.unreachable',
  504: 'timeout',
}

/** The error an answer of 400 and above stands for. */
export function errorFromStatus(status: number, body: string, subject: ErrorSubject = {}): NaruError {
  const text = errorText(body)
  const meaning = meaningOf(status, text, subject)
  return new NaruError(meaning.code, text || `the engine answered ${status}`, {
    ...(meaning.params && { params: meaning.params }),
    ...(meaning.hint && { hint: meaning.hint }),
    ...(subject.engineId && { engineId: subject.engineId }),
    detail: text || `HTTP ${status}`,
  })
}

function meaningOf(status: number, text: string, subject: ErrorSubject): ErrorMeaning {
  const local = (subject.archive && readArchiveText(text)) || readEngineText(text, subject)
  if (local) return local
  if (subject.registry) {
    const remote = readRegistryText(text, subject)
    if (remote) return remote
  }
  if (saysNoImage(text)) return readRegistryText(text, subject) ?? { code: 'image-not-found' }
  // A wrong registry password is a 500 whose text holds the registry's 401.
  if (status === 500 && /401 unauthorized|incorrect username or password/i.test(text)) return { code: 'unauthorized' }
  const code = BY_STATUS[status] ?? 'internal'
  const name = subject.container ?? subject.reference
  return code === 'not-found' && name ? { code, params: { name } } : { code }
}

/** The error a message with `error` in a pull, push or load stream stands for. */
export function errorFromProgress(text: string, subject: ErrorSubject): NaruError {
  const meaning = (subject.archive && readArchiveText(text)) || (readRegistryText(text, subject) ?? { code: 'internal' })
  return new NaruError(meaning.code, text, {
    ...(meaning.params && { params: meaning.params }),
    ...(meaning.hint && { hint: meaning.hint }),
    ...(subject.engineId && { engineId: subject.engineId }),
    detail: text,
  })
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTCONN',
  'ENOTSOCK',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
])

/** The error a broken or refused connection stands for. NaruErrors (a provider's, a cancel, a time limit) pass. */
export function errorFromTransport(error: unknown, subject: ErrorSubject = {}): NaruError {
  if (error instanceof NaruError) return error
  const more = { cause: error, ...(subject.engineId && { engineId: subject.engineId }) }
  if (!(error instanceof Error)) return new NaruError('internal', String(error), more)
  if (error.name === 'AbortError') return new NaruError('cancelled', 'cancelled', more)
  const { code = '', address, path } = error as NodeJS.ErrnoException & { address?: string }
  const where = address ?? path
  const params = where ? { params: { path: where } } : {}
  const detail = { detail: error.message }
  if (code === 'EACCES' || code === 'EPERM') {
    return new NaruError('denied', error.message, { ...more, ...params, ...detail })
  }
  if (code.startsWith('HPE_')) {
    return new NaruError('engine.not-an-engine', 'the answer is not HTTP', { ...more, ...detail })
  }
  if (UNREACHABLE.has(code)) {
    return new NaruError('engine.unreachable', error.message, { ...more, ...params, ...detail })
  }
  return new NaruError('internal', error.message, { ...more, ...detail })
}
