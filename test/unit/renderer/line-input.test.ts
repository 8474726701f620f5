/** Typing into a container without a terminal: lines are edited here and sent whole. */
import { describe, expect, it } from 'vitest'
import { createLineInput } from '../../../renderer/screens/Containers/detail/terminal/line-input.ts'

function typed(...texts: readonly string[]) {
  const seen = { echo: '', sent: '', ends: 0 }
  const decoder = new TextDecoder()
  const line = createLineInput({
    echo: (text) => void (seen.echo += text),
    send: (bytes) => void (seen.sent += decoder.decode(bytes)),
    end: () => void (seen.ends += 1),
  })
  for (const text of texts) line.type(text)
  return seen
}

describe('a line', () => {
  it('is echoed, edited, and sent with Enter', () => {
    expect(typed('h', 'x', '\x7f', 'i', '\r')).toEqual({ echo: 'hx\b \bi\r\n', sent: 'hi\n', ends: 0 })
    expect(typed('gone\x15안녕\x7f녕\r').sent).toBe('안녕\n')
    expect(typed('안\x7f').echo).toBe('안\b \b\b \b')
  })
  it('pasted with breaks is several', () => {
    expect(typed('one\rtwo\rthr').sent).toBe('one\ntwo\n')
  })
  it('is dropped by Ctrl+C, which goes nowhere', () => {
    expect(typed('half\x03', '\r')).toEqual({ echo: 'half^C\r\n\r\n', sent: '\n', ends: 0 })
  })
  it('empty, ends the input with Ctrl+D; else is sent as it is', () => {
    expect(typed('\x04')).toMatchObject({ sent: '', ends: 1 })
    expect(typed('ab\x04')).toMatchObject({ sent: 'ab', ends: 0 })
  })
  it('is not touched by arrows; the keys that detach go at once', () => {
    expect(typed('a\x1b[A', '\x1b[A', '\x10', '\x11')).toMatchObject({ sent: '\x10\x11', ends: 0 })
  })
})
