/** The docker lines the dialogs show before anything is done. Pure. */
import { joinCommand } from '../../../../engine/containers/run-command.ts'

const docker = (...words: readonly string[]): string => joinCommand(['docker', ...words])

/** @param alive names of those that still run */
export function removeCommand(
  names: readonly string[],
  alive: readonly string[],
  how: { readonly force: boolean; readonly volumes: boolean; readonly graceSeconds: number },
): string {
  const flags = [...(how.force && alive.length > 0 ? ['-f'] : []), ...(how.volumes ? ['-v'] : [])]
  const remove = docker('rm', ...flags, ...names)
  if (how.force || alive.length === 0) return remove
  return `${stopCommand(alive, how.graceSeconds)} && ${remove}`
}

export function stopCommand(names: readonly string[], graceSeconds: number): string {
  return docker('stop', '-t', String(graceSeconds), ...names)
}

export function killCommand(names: readonly string[], signal: string): string {
  return docker('kill', ...(signal === 'SIGKILL' ? [] : ['-s', signal]), ...names)
}
