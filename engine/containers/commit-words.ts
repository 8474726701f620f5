import type { CommitSpec } from '../contract/models.ts'

/** Words behind `docker commit` that do the same. Pure. */
export function commitWords({ reference, message, author, pause, changes }: CommitSpec, container: string): string[] {
  return [
    ...(author ? ['-a', author] : []),
    ...(message ? ['-m', message] : []),
    ...(pause ? [] : ['--pause=false']),
    ...changes.flatMap((change) => ['-c', change]),
    container,
    ...(reference ? [reference] : []),
  ]
}
