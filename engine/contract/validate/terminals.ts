import * as v from 'valibot'
import { INPUT_BYTES, LARGEST_TERMINAL } from '../parts/terminals.ts'
import type { TerminalMethods, TerminalStreams } from '../parts/terminals.ts'
import { bare, nothing, onContainer, text, whole } from './shapes.ts'
import type { Schema } from './shapes.ts'

const ofSession = { sessionId: text(100) }
const size = { columns: whole(1, LARGEST_TERMINAL), rows: whole(1, LARGEST_TERMINAL) }
/** Long enough that no other window guesses it. */
const windowKey = v.pipe(text(100), v.minLength(16))
const words = (most: number) => v.pipe(v.array(text(32_768)), v.maxLength(most))

/** Where what is started attached is shown. */
export const terminalPlace = v.strictObject({ window: windowKey, ...size })

export const TERMINAL_METHOD_ARGS = {
  'terminals.shells': bare,
  'terminals.claim': v.strictObject({ window: windowKey }),
  'terminals.attach': v.strictObject({ ...onContainer, ...size }),
  'terminals.end-input': v.strictObject(ofSession),
  'terminals.detach': v.strictObject(ofSession),
  'terminals.open': v.strictObject({
    ...onContainer,
    ...size,
    command: v.pipe(words(256), v.minLength(1)),
    user: v.optional(text(255)),
    workdir: v.optional(text(4_096)),
    env: v.optional(words(256)),
  }),
  'terminals.write': v.strictObject({
    ...ofSession,
    // From another realm it is no instance of this one's Uint8Array.
    bytes: v.custom<Uint8Array>((value) => ArrayBuffer.isView(value) && value.byteLength <= INPUT_BYTES, 'input is at most 64 KiB of bytes'),
  }),
  'terminals.resize': v.strictObject({ ...ofSession, ...size }),
  'terminals.close': v.strictObject(ofSession),
  'terminals.list': nothing,
} satisfies { readonly [M in keyof TerminalMethods]: Schema }

export const TERMINAL_STREAM_ARGS = {
  'terminals.output': v.strictObject(ofSession),
} satisfies { readonly [S in keyof TerminalStreams]: Schema }
