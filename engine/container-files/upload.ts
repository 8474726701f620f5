/** Files and folders into a container, as a tar the engine unpacks while it comes. */
import { NaruError, isCancelled } from '../contract/errors.ts'
import { shownPath } from '../contract/file-path.ts'
import type { ArchiveSource } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { openSource } from '../transfers/archives.ts'
import type { ArchiveContext, ArchiveDeps } from '../transfers/archives.ts'
import { writeError } from './change.ts'
import { fileContainer } from './container.ts'
import { pathWord, runEither } from './program.ts'
import { bytesOf, statPath } from './stat.ts'
import { UploadGate } from './upload-gate.ts'

export interface UploadWork extends ArchiveDeps {
  readonly client: Pick<EngineClient, 'statPath' | 'writeArchive' | 'inspectContainer' | 'createPipedExec' | 'startPipedExec' | 'inspectExec'>
}

/** Milliseconds the engine has to deal with what it got before a cut, and to delete what the cut left. */
const SETTLE_MS = 15_000

/** @throws NaruError `not-found` (`no-such-path`), `denied` (`files-read-only`), `conflict` (`path-kind`), `no-space`, `cancelled` */
export async function uploadArchive(
  work: UploadWork,
  { id, path, source }: { readonly id: string; readonly path: string; readonly source: ArchiveSource },
  context: ArchiveContext,
): Promise<{ files: number; bytes: number }> {
  const { client } = work
  // Taken first: the page's end of it must not wait for a folder that is not there.
  const hard = new AbortController()
  const opened = await openSource(source, work, 'uploading', context)
  let timer: NodeJS.Timeout | undefined
  const onAbort = (): void => void (timer = setTimeout(() => hard.abort(context.signal.reason), SETTLE_MS))
  context.signal.addEventListener('abort', onAbort, { once: true })
  let cut: { readonly reason: unknown } | null = null
  let failed: unknown
  try {
    const folder = await statPath(client, id, path, context.signal)
    if (folder.type !== 'directory') throw new NaruError('invalid-request', `${path} is no folder`, { params: { name: shownPath(path) }, hint: 'not-a-folder' })
    const gate = new UploadGate(folder.path)
    const archive = gate.pass(opened.bytes, context.signal, (reason) => (cut = { reason }))
    try {
      await client.writeArchive(id, bytesOf(folder.path), archive, { signal: hard.signal })
    } catch (error) {
      if (!cut) throw writeError(error, folder.path)
      failed = error
    }
    if (!cut) return { files: gate.files, bytes: gate.bytes }
    if (gate.incomplete !== null && !(await removed(client, id, gate.incomplete))) {
      context.report({ step: 'incomplete', parts: [{ id: gate.incomplete, state: 'copying' }] })
    }
    throw reasonOf(cut, opened.failure() ?? (context.signal.aborted ? undefined : failed))
  } finally {
    clearTimeout(timer)
    context.signal.removeEventListener('abort', onAbort)
    // Whoever still writes is told that nobody reads.
    await (opened.bytes as AsyncGenerator<Uint8Array>).return?.(undefined)
  }
}

function reasonOf({ reason }: { readonly reason: unknown }, failure: unknown): unknown {
  const why = failure ?? reason
  return isCancelled(why) ? new NaruError('cancelled', 'cancelled', { cause: why }) : why
}

/** Takes away the file that was cut off; false when that is not possible. */
async function removed(client: UploadWork['client'], id: string, path: string): Promise<boolean> {
  const signal = AbortSignal.timeout(SETTLE_MS)
  try {
    const { running, env } = fileContainer(await client.inspectContainer(id, { signal }))
    if (!running) return false
    return (await runEither(client, id, { argv: ['rm', '-f', '--'], paths: [pathWord(path)], env }, signal))?.exitCode === 0
  } catch {
    return false
  }
}
