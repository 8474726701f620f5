/** Ctrl+P Ctrl+Q among what is typed: leaves a container without ending it. Pure. */

const CTRL_P = 0x10
const CTRL_Q = 0x11

export interface DetachKeys {
  /**
   * What goes on to the container. A Ctrl+P at the end is held back until it is known what follows, as docker does.
   * `detach`: the keys were there; what was typed behind them is dropped.
   */
  take(bytes: Uint8Array): { readonly pass: Uint8Array; readonly detach: boolean }
}

export function createDetachKeys(): DetachKeys {
  let held = false
  return {
    take(bytes) {
      const pass: number[] = []
      for (const byte of bytes) {
        if (held && byte === CTRL_Q) return { pass: Uint8Array.from(pass), detach: true }
        if (held) pass.push(CTRL_P)
        held = byte === CTRL_P
        if (!held) pass.push(byte)
      }
      return { pass: Uint8Array.from(pass), detach: false }
    },
  }
}
