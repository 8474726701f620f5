/**
 * What the engine says is done is on the data disk before who asked hears of it: the engine itself writes down names, and
 * leaves files to the system (docs/adr/0025).
 */
import { Transform } from 'node:stream'
import { NaruError, toEnvelope } from '../../contract/errors.ts'
import { waitUntil } from '../../system/clock.ts'
import type { GuestLink } from './link.ts'
import type { RequestHead } from './request-gate.ts'
import { responseEnd } from './response-end.ts'
import type { ResponseEnd } from './response-end.ts'

/** Calls of the Engine API (v1.51) after which something is there that was not there before. */
const MADE =
  /^POST (?:\/v\d+\.\d+)?\/(?:build|commit|images\/(?:load|create|.+\/tag)|(?:containers|volumes|networks|services|secrets|configs)\/create|containers\/[^/]+\/(?:rename|update))\/?(?:\?|$)/
const COPIED = /^PUT (?:\/v\d+\.\d+)?\/containers\/[^/]+\/archive\/?(?:\?|$)/
/** BuildKit's own protocol: what is done in it cannot be seen, only that it ended. */
const BUILDKIT = /^POST (?:\/v\d+\.\d+)?\/(?:grpc|session)\/?(?:\?|$)/

export const makesSomething = ({ method, path }: RequestHead): boolean => MADE.test(`${method} ${path}`) || COPIED.test(`${method} ${path}`)
export const isBuildKit = ({ method, path }: RequestHead): boolean => BUILDKIT.test(`${method} ${path}`)

/** Milliseconds until the disk has it; an emulated machine may have hundreds of MB to write. */
const SYNC_MS = 120_000
const BUSY_MS = 100

/**
 * Resolves when all that the guest was given so far is on its disk. One at a time: who comes meanwhile waits for the next
 * one, together. Rejects with `timeout` or `engine.unreachable`.
 */
export function createKeeper(link: Pick<GuestLink, 'ask'>): () => Promise<void> {
  let now: Promise<void> | null = null
  let next: Promise<void> | null = null

  const synced = async (): Promise<boolean> => {
    const answer = await link.ask('sync', SYNC_MS)
    // One of an earlier Naru is under way; it may have begun too early.
    if (answer === 'sync rc=0' || answer === 'busy') return answer !== 'busy'
    throw new NaruError('internal', `the guest's disk: ${answer}`)
  }
  const ask = async (): Promise<void> => {
    if (await waitUntil(synced, { withinMs: SYNC_MS, everyMs: BUSY_MS })) return
    throw new NaruError('timeout', 'the disk of the virtual machine is busy')
  }
  const begin = (): Promise<void> => {
    now = ask().finally(() => (now = null))
    return now
  }
  return () => {
    if (!now) return begin()
    next ??= now.catch(() => undefined).then(() => {
      next = null
      return begin()
    })
    return next
  }
}

export interface Keeper {
  readonly keep: () => Promise<void>
  readonly log: (line: string) => void
}

/** Answers on their way out; the last piece of one that says "done" waits for the disk. */
export interface KeptAnswers {
  readonly through: Transform
  /** A request was seen, before it goes in. */
  readonly asked: (head: RequestHead) => void
}

/** For one connection. What cannot be kept ends it: its client must not hear that it is done. */
export function keptAnswers({ keep, log }: Keeper): KeptAnswers {
  let answer: ResponseEnd | null = null
  let buildKit = false
  const kept = (then: (error?: Error) => void): void => {
    answer = null
    keep().then(
      () => then(),
      (error: unknown) => {
        log(`what the engine did may not be on its disk: ${toEnvelope(error).message}`)
        then(new Error('not kept'))
      },
    )
  }
  const through = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      if (!answer?.push(chunk)) return done(null, chunk)
      if (answer.success()) return kept((error) => (error ? done(error) : done(null, chunk)))
      answer = null
      done(null, chunk)
    },
    flush: (done) => {
      // One without a length ends here.
      if (answer?.success()) kept((error) => done(error))
      else done()
    },
  })
  through.once('close', () => {
    if (buildKit) keep().catch(() => undefined)
  })
  return {
    through,
    asked: (head) => {
      answer = makesSomething(head) ? responseEnd() : null
      buildKit ||= isBuildKit(head)
    },
  }
}
