/**
 * Terminals: a command with a terminal of its own in a running container, or the container's main process. A session
 * lives in the engine room until it is closed, its container ends, Naru ends or its window has been away for half an
 * hour; a page that comes back claims its window and reads on where the output is now.
 */
import type { FoundShell, TerminalRow } from '../models.ts'
import type { MethodRule, Nothing, OnContainer, StreamRule } from './rules.ts'

/** Largest piece of input, bytes. */
export const INPUT_BYTES = 64 * 1024
/** Largest terminal, columns and rows. */
export const LARGEST_TERMINAL = 1_000

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

interface OfSession {
  readonly sessionId: string
}

export interface TerminalMethods {
  /** Shells the container has, best first; nothing runs in it to find out. Empty: it has none (distroless, scratch). */
  'terminals.shells': { arg: OnContainer; result: { readonly shells: readonly FoundShell[] } }
  /**
   * From now on this peer is the window of that key: it has the terminals opened under it, which then outlive the peer.
   * Answers with those. Without it terminals go with their peer.
   */
  'terminals.claim': { arg: { readonly window: string }; result: { readonly terminals: readonly TerminalRow[] } }
  /** Code `conflict` when the container does not run; `invalid-request` with hint `terminals-full` at 32 sessions of a window. */
  'terminals.open': {
    arg: OnContainer &
      TerminalSize & {
        readonly command: readonly string[]
        readonly user?: string
        readonly workdir?: string
        /** `NAME=value` each. */
        readonly env?: readonly string[]
      }
    result: TerminalRow
  }
  /**
   * Attaches to the container's main process (`docker attach`): what it prints from now on, and its input when it was made
   * with `-i`. Ctrl+P Ctrl+Q in what is written detaches. Codes `conflict` when it does not run, `invalid-request` as above.
   */
  'terminals.attach': { arg: OnContainer & TerminalSize; result: TerminalRow }
  /** Answered once the engine took the bytes. Those for an ended session are dropped. */
  'terminals.write': { arg: OfSession & { readonly bytes: Uint8Array }; result: Nothing }
  /** The program reads the end of its input; for sessions without a terminal (`tty: false`), whose Ctrl+D is no key. */
  'terminals.end-input': { arg: OfSession; result: Nothing }
  'terminals.resize': { arg: OfSession & TerminalSize; result: Nothing }
  /** Leaves the container to itself: the session is over with reason `detached`. `invalid-request` for commands. */
  'terminals.detach': { arg: OfSession; result: Nothing }
  /**
   * Forgets the session: a command is hung up, a main process is left alone. Unknown ones are left alone. `ended` false:
   * the command ignores that, or cannot be told (no shell in the container, an engine on another machine), and goes on.
   */
  'terminals.close': { arg: OfSession; result: { readonly ended: boolean } }
  /** The window's sessions in the order they were opened, ended ones until they are closed. */
  'terminals.list': { arg: Nothing; result: { readonly terminals: readonly TerminalRow[] } }
}

export interface TerminalStreams {
  /**
   * Bytes of the terminal. The first item is what was printed before (at most 256 KiB, may be empty), the others are new.
   * Ends with the session, or when somebody else begins to read it. While its reader rests the command is held back; without
   * any reader it goes on.
   */
  'terminals.output': { arg: OfSession; item: Uint8Array }
}

export const TERMINAL_METHOD_RULES = {
  'terminals.shells': { mutates: false, limitMs: 15_000 },
  'terminals.claim': { mutates: false, limitMs: 5_000 },
  'terminals.open': { mutates: true, limitMs: 30_000 },
  'terminals.attach': { mutates: true, limitMs: 30_000 },
  'terminals.write': { mutates: true, limitMs: 60_000 },
  'terminals.end-input': { mutates: true, limitMs: 5_000 },
  'terminals.detach': { mutates: true, limitMs: 5_000 },
  'terminals.resize': { mutates: false, limitMs: 10_000 },
  'terminals.close': { mutates: true, limitMs: 15_000 },
  'terminals.list': { mutates: false, limitMs: 5_000 },
} as const satisfies { readonly [M in keyof TerminalMethods]: MethodRule }

export const TERMINAL_STREAM_RULES = {
  // Small: what is on its way is still shown after Ctrl+C.
  'terminals.output': { noCredit: 'pause', window: 512 * 1024, unit: 'bytes' },
} as const satisfies { readonly [S in keyof TerminalStreams]: StreamRule }
