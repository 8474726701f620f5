import { NaruError } from '../contract/errors.ts'

/** The one error for a damaged archive. `position`: byte of the archive as it came from the engine, from 0. */
export function broken(position: number, problem: string, cause?: unknown): NaruError {
  return new NaruError('archive-broken', `the image archive is damaged at byte ${position}: ${problem}`, {
    params: { position },
    detail: problem,
    ...(cause !== undefined && { cause }),
  })
}
