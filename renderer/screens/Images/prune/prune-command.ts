/** The docker line that removes the chosen rows. Pure. */
import { joinCommand } from '../../../../engine/containers/run-command.ts'
import type { PruneItem, PrunePreview } from '../../../../engine/contract/models.ts'

/** More commands than this are not written out. */
const MOST = 3

export function pruneCommand({ kind, all, items }: PrunePreview, chosen: readonly PruneItem[]): string {
  const whole = chosen.length === items.length
  if (kind === 'images') {
    if (whole) return joinCommand(['docker', 'image', 'prune', ...(all ? ['-a'] : [])])
    return joinCommand(['docker', 'rmi', ...chosen.flatMap(({ id, references }) => (references.length > 0 ? references : [id]))])
  }
  const prune = ['docker', 'builder', 'prune', ...(all ? ['-a'] : [])]
  if (whole) return joinCommand(prune)
  const lines = chosen.slice(0, MOST).map(({ id }) => joinCommand([...prune, '--filter', `id=${id}`]))
  return lines.join(' && ') + (chosen.length > MOST ? ' && …' : '')
}
