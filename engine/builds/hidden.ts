/** A build without the secrets it was given: what its row, its record and its log keep. Pure. */
import type { BuildRow, BuildSpec } from '../contract/models.ts'
import { hideInCommand } from '../redact/command.ts'
import { maskerOf, secretsIn } from '../redact/known.ts'
import { maskedValue } from '../redact/rules.ts'
import { redactData } from '../redact/text.ts'
import type { BuildRecord } from './history.ts'

/** Build arguments and labels that look like secrets with a mark instead of their values. */
function hiddenSpec(spec: BuildSpec): BuildSpec {
  const hide = (pairs: BuildSpec['buildArgs']): BuildSpec['buildArgs'] => pairs.map(({ name, value }) => ({ name, value: maskedValue({ name, value }) }))
  return { ...spec, buildArgs: hide(spec.buildArgs), labels: hide(spec.labels) }
}

/** What of a row is told from the spec. */
export const hiddenBuild = ({ spec, command }: Pick<BuildRow, 'spec' | 'command'>): Pick<BuildRow, 'spec' | 'command' | 'shown' | 'needs'> => ({ spec: hiddenSpec(spec), ...hideInCommand(command) })

/** Hides what the builder repeats of the build's secrets, in any data of it. */
export function buildMask(spec: BuildSpec): <T>(value: T) => T {
  const secrets = secretsIn(spec)
  if (secrets.length === 0) return (value) => value
  const mask = maskerOf(secrets)
  return (value) => redactData(value, mask)
}

/** A record of a version of Naru that kept secrets; the same record when there is none in it. */
export function hiddenRecord(record: BuildRecord): BuildRecord {
  const { row } = record
  const hidden = hiddenBuild(row)
  // Its line is made of the spec: what is hidden in the one is in the other.
  if (JSON.stringify(hidden.spec) === JSON.stringify(row.spec)) return record
  const clean = buildMask(row.spec)(record)
  return { ...clean, row: { ...clean.row, ...hidden } }
}
