/**
 * Typing where the container has no terminal: nothing in it echoes or edits, so lines are written here and sent with
 * Enter, as the terminal around `docker run -i` would do.
 */

export interface LineHooks {
  /** To be shown. */
  echo(text: string): void
  send(bytes: Uint8Array): void
  /** Ctrl+D on an empty line. */
  end(): void
}

export interface LineInput {
  /** What xterm.js says was typed or pasted. */
  type(text: string): void
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
const ERASE = '\b \b'
/** Leaves the container: goes as it is, also in the middle of a line. */
const DETACH = '\x10\x11'

export function createLineInput({ echo, send, end }: LineHooks): LineInput {
  const encoder = new TextEncoder()
  let line: string[] = []

  const erase = (): void => {
    const char = line.pop()
    if (char !== undefined) echo(WIDE.test(char) ? ERASE + ERASE : ERASE)
  }
  const sendLine = (end: string): void => {
    send(encoder.encode(line.join('') + end))
    line = []
  }
  const clear = (): void => {
    while (line.length > 0) erase()
  }

  function one(char: string): void {
    if (char === '\r' || char === '\n') {
      echo('\r\n')
      sendLine('\n')
    } else if (char === '\x7f' || char === '\b') erase()
    else if (char === '\x15') clear()
    else if (char === '\x04') {
      if (line.length > 0) sendLine('')
      else end()
    } else if (char === '\x03') {
      line = []
      echo('^C\r\n')
    } else if (char === '\x10' || char === '\x11') send(encoder.encode(char))
    else if (char === '\t' || char >= ' ') {
      line.push(char)
      echo(char)
    }
  }

  return {
    type(text) {
      // Arrows and other keys that come as a sequence mean nothing here.
      if (text.startsWith('\x1b')) return
      if (text === DETACH) return send(encoder.encode(text))
      for (const char of text) one(char)
    },
  }
}
