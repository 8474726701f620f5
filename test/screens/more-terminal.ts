/** A terminal of the scripted engine room. */
import { NaruError } from '../../engine/contract/errors.ts'
import type { TerminalEnd, TerminalRow } from '../../engine/contract/models.ts'
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import type { Scenario } from './scenarios.ts'

const PROMPT = '\x1b[1;32mroot@web\x1b[0m:\x1b[1;34m/etc/nginx\x1b[0m# '
const SCREEN = [
  `${PROMPT}ls --color`,
  '\x1b[01;34mconf.d\x1b[0m  fastcgi_params  mime.types  \x1b[01;36mmodules\x1b[0m  nginx.conf  scgi_params  \x1b[01;32mreload.sh\x1b[0m',
  `${PROMPT}nginx -t`,
  'nginx: the configuration file /etc/nginx/nginx.conf syntax is \x1b[32mok\x1b[0m',
  'nginx: [\x1b[33mwarn\x1b[0m] 1024 \x1b[3mworker_connections\x1b[0m exceed open file resource limit, see https://nginx.org/en/docs/',
  Array.from({ length: 36 }, (_, n) => `\x1b[48;5;${16 + n * 6}m  `).join('') + '\x1b[0m 256',
  Array.from({ length: 36 }, (_, n) => `\x1b[38;2;${n * 7};${255 - n * 6};140m##`).join('') + '\x1b[0m',
  '\x1b]8;;https://downloads.example.net/naru/0.2.0?from=terminal&ticket=4bf92f3577b34da6\x1b\\release notes\x1b]8;;\x1b\\ of today',
  `${PROMPT}echo 나루에서 안녕`,
  '나루에서 안녕',
  PROMPT,
].join('\r\n')

const ROW: TerminalRow = { sessionId: 'one', engineId: 'e', containerId: 'c', kind: 'exec', number: 1, command: ['/bin/bash'], tty: true, input: true, ended: null }

let ended: TerminalEnd | null = null
let tell: () => void = () => undefined
const over = new Promise<void>((resolve) => (tell = resolve))

/** One terminal that prints a screen; any key ends it with its container. */
export const terminalMethods = (scenario: Scenario) =>
  ({
    'terminals.shells': async ({ id }) => ({ shells: scenario.containers.find((row) => row.id === id)?.name === 'db' ? [] : [{ path: '/bin/bash' }, { path: '/bin/sh' }] }),
    'terminals.claim': async () => ({ terminals: [] }),
    'terminals.open': async ({ id }) => ({ ...ROW, containerId: id }),
    'terminals.attach': async ({ id }) => ({ ...ROW, containerId: id, kind: 'attach', command: [] }),
    'terminals.detach': async () => {
      ended = { reason: 'detached', exitCode: null }
      tell()
      return {}
    },
    'terminals.resize': async () => ({}),
    'terminals.close': async () => ({ ended: true }),
    'terminals.write': async () => {
      ended = { reason: 'container-stopped', exitCode: 137 }
      tell()
      return {}
    },
    'terminals.list': async () => ({ terminals: [{ ...ROW, ended }] }),
  }) satisfies Partial<MethodHandlers>

export const terminalStreams = {
  'terminals.output': async function* (_arg, { signal }) {
    const encoder = new TextEncoder()
    yield new Uint8Array()
    yield encoder.encode(SCREEN)
    await Promise.race([over, new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))])
    if (signal.aborted) throw new NaruError('cancelled', 'cancelled')
  },
} satisfies Partial<StreamHandlers>
