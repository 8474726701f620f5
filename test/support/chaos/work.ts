/** One piece of work of each kind. */
import type { Ground, Outcome } from './ground.ts'
import { isLinkGone } from './chaos-room.ts'
import type { WorkKind } from './plan.ts'
import { exec, logs, remove, run, stop, upload } from './work-containers.ts'
import { build, pull, save } from './work-images.ts'

const WORK: Readonly<Record<WorkKind, (ground: Ground) => Promise<Omit<Outcome, 'work'>>>> = { pull, build, run, stop, remove, save, upload, logs, exec }

/** Does it, to whatever end. What is no proper end is its `problem`. */
export async function doWork(work: WorkKind, ground: Ground): Promise<Outcome> {
  try {
    return { work, ...(await WORK[work](ground)) }
  } catch (error) {
    if (isLinkGone(error)) return { work, end: 'lost' }
    const { code, message } = error as { code?: string; message?: string }
    // The room refused to begin: that is an end with a code, too.
    if (code !== undefined) return { work, end: 'failed', code, words: message ?? '' }
    return { work, end: 'failed', code: 'none', problem: String(error) }
  }
}
