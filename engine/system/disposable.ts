/** Undo steps, run newest first: every set-up step pushes what takes it back. */

export interface UndoStack {
  /** Adds a step; `what` names it in the report of failures. */
  readonly push: (what: string, undo: () => void | Promise<void>) => void
  /** Runs every step even when some fail; returns the failures. Afterwards the stack is empty. */
  readonly unwind: () => Promise<readonly { readonly what: string; readonly error: unknown }[]>
  /** Forgets the steps: the set-up is complete and stays. */
  readonly keep: () => void
}

export function createUndoStack(): UndoStack {
  let steps: { what: string; undo: () => void | Promise<void> }[] = []
  return {
    push: (what, undo) => {
      steps.push({ what, undo })
    },
    unwind: async () => {
      const taken = steps.reverse()
      steps = []
      const failures: { what: string; error: unknown }[] = []
      for (const { what, undo } of taken) {
        try {
          await undo()
        } catch (error) {
          failures.push({ what, error })
        }
      }
      return failures
    },
    keep: () => {
      steps = []
    },
  }
}
