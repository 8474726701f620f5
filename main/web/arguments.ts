/** Command line of the web shell's script. */
import { parseArgs } from 'node:util'

export interface WebArguments {
  /** Opens no window, prints the address. */
  readonly noOpen: boolean
  /** Opens no window until it is asked for one. */
  readonly background: boolean
  /** 0 = any free port. */
  readonly port: number
}

/** Reads the arguments; throws an Error with a sentence for a person when they are wrong. */
export function readWebArguments(args: readonly string[]): WebArguments {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    options: { 'no-open': { type: 'boolean', default: false }, background: { type: 'boolean', default: false }, port: { type: 'string', default: '0' } },
  })
  const port = Number(values.port)
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) throw new Error(`--port: ${values.port} is no port (0 to 65535)`)
  return { noOpen: values['no-open'], background: values.background, port }
}
