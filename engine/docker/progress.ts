/** Pull, push and load streams: messages in order, failures thrown although HTTP said 200. */
import { NaruError } from '../contract/errors.ts'
import type { RawProgress } from './api-types.ts'
import { errorFromProgress } from './errors.ts'
import type { ErrorSubject } from './errors.ts'
import { readMessages } from './ndjson.ts'
import { progressMessage } from './progress-message.ts'

/**
 * Progress messages of a stream.
 * @throws NaruError as errorFromProgress maps a message with `error`; messages before it were yielded.
 */
export async function* readProgress(
  source: AsyncIterable<Uint8Array>,
  subject: ErrorSubject,
): AsyncGenerator<RawProgress, void, undefined> {
  for await (const message of readMessages(source)) {
    const progress = progressMessage(message)
    if (!progress) throw new NaruError('engine.not-an-engine', 'a progress message is not an object')
    const failure = progress.error ?? progress.errorDetail?.message
    if (failure) throw errorFromProgress(failure, subject)
    yield progress
  }
}
