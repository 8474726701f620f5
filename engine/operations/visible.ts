/** What of an operation may be seen: its argument holds passwords, its row must not. Pure. */
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { OperationRow } from '../contract/models.ts'
import { hideInCommand } from '../redact/command.ts'
import { redactError } from '../redact/error.ts'
import { maskerOf, secretsIn } from '../redact/known.ts'
import { redactText } from '../redact/text.ts'
import type { Description } from './runner.ts'

type Visible<D> = D & Pick<OperationRow, 'shown' | 'needs'>

/** A description, or a part of one, as the row has it. */
export function visible<D extends Partial<Description>>(more: D): Visible<D> {
  const { subject, command } = more
  return { ...more, ...(subject !== undefined && { subject: redactText(subject) }), ...(command !== undefined && hideInCommand(command)) }
}

/** An error's words without what the operation was given; `redact` knows more of it. */
export function visibleError(error: ErrorEnvelope, arg: unknown, redact: (text: string) => string): ErrorEnvelope {
  const mask = maskerOf(secretsIn(arg))
  return redactError(error, (text) => redactText(redact(mask(text))))
}
