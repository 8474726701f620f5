/** Where a value stands in the engine's answer, as a Go template that `docker inspect --format` takes. Pure. */

/** A key of an object, or a position in a list. */
export type PathStep = string | number

/** A field Go templates reach with a dot: keys of maps too, as long as they look like an identifier. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * `{{.Config.Env}}`, `{{index .Config.Labels "a.b"}}`, `{{(index .Mounts 0).Source}}`. The root is `{{json .}}`; lists and
 * maps are printed as JSON so that they can be read.
 */
export function templatePath(path: readonly PathStep[], value: unknown): string {
  const expression = path.reduce<string>((before, step) => {
    if (typeof step === 'string' && IDENTIFIER.test(step)) return before === '.' ? `.${step}` : `${grouped(before)}.${step}`
    return `index ${before.startsWith('index ') ? `(${before})` : before} ${typeof step === 'number' ? step : JSON.stringify(step)}`
  }, '.')
  return typeof value === 'object' && value !== null ? `{{json ${grouped(expression)}}}` : `{{${expression}}}`
}

const grouped = (expression: string): string => (expression.startsWith('index ') ? `(${expression})` : expression)
