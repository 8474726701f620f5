/** Command line of `npm start`. */
import { parseArgs } from 'node:util'

export const HELP = `Naru: containers you can see.

Usage: npm start -- [options]

  --web          open in a Chromium app window, not in Electron
  --electron     open in Electron, or say why that cannot be
  --no-open      open no window; print the local address and serve until Ctrl+C
  --port N       port of the local address (default: any free one)
  --home DIR     keep all state in DIR (default: $NARU_HOME, else ~/.local/share/naru)
  --version      print the version
  -h, --help     print this text

Sets up what it needs on the first start. Containers keep running when Naru ends.
`

/** A wrong command line; the message is a sentence for the person. */
export class FlagError extends Error {}

const OPTIONS = {
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
  web: { type: 'boolean', default: false },
  electron: { type: 'boolean', default: false },
  'no-open': { type: 'boolean', default: false },
  port: { type: 'string' },
  home: { type: 'string' },
}

/** Reads the flags; throws a FlagError. @param {string[]} args */
export function readFlags(args) {
  let values
  try {
    ;({ values } = parseArgs({ args, options: OPTIONS, strict: true }))
  } catch (error) {
    throw new FlagError(error.message.split('. ')[0])
  }
  if (values.web && values.electron) throw new FlagError('--web and --electron exclude each other')
  if (values.electron && (values['no-open'] || values.port !== undefined)) {
    throw new FlagError('--no-open and --port belong to the web shell, not to --electron')
  }
  if (values.port !== undefined && !(/^\d{1,5}$/.test(values.port) && Number(values.port) <= 65_535)) {
    throw new FlagError(`--port: ${values.port} is no port (0 to 65535)`)
  }
  if (values.home === '') throw new FlagError('--home needs a folder')
  return values
}
