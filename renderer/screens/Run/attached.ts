/** When what is run is attached to, and with which flags. Pure. */
import type { RunSpec } from '../../../engine/contract/models.ts'

/**
 * A line without `-d` whose container can be typed to, or whose output goes with it (`--rm`). Of any other without `-d` the
 * output is the log, which is shown.
 */
export const runsAttached = ({ detach, interactive, tty, autoRemove }: RunSpec): boolean =>
  detach === false && (interactive === true || tty === true || autoRemove)

/** The same, attached: with a terminal and input unless it was said what of them. */
export function attachedSpec(spec: RunSpec): RunSpec {
  const said = spec.detach === false || spec.interactive !== undefined || spec.tty !== undefined
  return { ...spec, detach: false, ...(!said && { interactive: true, tty: true }) }
}
