import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { webAddress } from '../../../../renderer/components/web-address.ts'
import { PLAIN_ADDRESS, readLink } from '../../../../renderer/screens/Containers/detail/terminal/terminal-link.ts'

const RLO = '\u202e'

describe('a link of a program in a terminal', () => {
  it.each([
    ['https://example.com/a', 'https://example.com/a', 'https://example.com/a'],
    ['https://example.com', 'https://example.com', 'https://example.com/'],
    ['HTTP://Example.com/A', 'HTTP://Example.com/A', 'http://example.com/A'],
    ['http://127.0.0.1:8080/', '  http://127.0.0.1:8080/ ', 'http://127.0.0.1:8080/'],
  ])('%s under “%s” is its own text', (given, label, address) => {
    expect(readLink(given, label)).toMatchObject({ address, isPlain: true })
  })

  it.each([
    ['another text', 'https://evil.example/', 'click here', 'https://evil.example/'],
    ['another address', 'https://evil.example/', 'https://good.example/', 'https://evil.example/'],
    ['a part of the address', 'https://good.example.evil.example/', 'https://good.example', 'https://good.example.evil.example/'],
    ['no text', 'https://evil.example/', '', 'https://evil.example/'],
    ['a mark in the text', 'https://evil.example/', `https://evil.example/${RLO}`, 'https://evil.example/'],
    ['letters that look alike, in both', 'https://p\u0430ypal.example/', 'https://p\u0430ypal.example/', 'https://xn--pypal-4ve.example/'],
    ['a mark in the address', `https://evil.example/${RLO}gnp`, `https://evil.example/${RLO}gnp`, 'https://evil.example/%E2%80%AEgnp'],
    ['line ends in the address', 'https://evil.ex\nample/', 'https://evil.example/', 'https://evil.example/'],
  ])('with %s is asked about, and the address is shown as it is opened', (_what, given, label, address) => {
    const link = readLink(given, label)
    expect(link.address).toBe(address)
    if (given !== 'https://evil.ex\nample/') expect(link.isPlain).toBe(false)
  })

  it.each(['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x', 'vscode://file/x', 'https://bank.example@evil.example/', 'https://user:secret@host/', 'https://', 'no address', '', `https://example.com/${'a'.repeat(3_000)}`])('%s is never opened', (given) => {
    expect(readLink(given, given)).toMatchObject({ address: null, isPlain: false, given })
  })

  it('whatever is given, what is opened is printable ASCII, of the web, and without a name', () => {
    const piece = fc.oneof(fc.constantFrom('http://', 'https://', 'a.example', '/', '@', ':', '%', RLO, 'é', '한글', '#', '?'), fc.string({ maxLength: 6, unit: 'binary' }))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.string(), (pieces, label) => {
        const { address, isPlain } = readLink(pieces.join(''), label)
        if (address === null) expect(isPlain).toBe(false)
        else expect(address).toMatch(/^https?:\/\/[\x21-\x7e]+$/)
        if (address !== null) expect(webAddress(address)).toBe(address)
      }),
    )
  })
})

describe('an address in the text of a terminal', () => {
  const found = (text: string): string | undefined => PLAIN_ADDRESS.exec(text)?.[0]
  it.each([
    ['listening on http://localhost:3000', 'http://localhost:3000'],
    ['see https://example.com/a?b=c&d=%20#e.', 'https://example.com/a?b=c&d=%20#e'],
    ['"https://example.com/a", and', 'https://example.com/a'],
    ['http://[::1]:8080/health', 'http://[::1]:8080/health'],
    [`https://example.com/${RLO}moc.live`, 'https://example.com/'],
    ['https://example.com/path을', 'https://example.com/path'],
  ])('%s', (text, expected) => expect(found(text)).toBe(expected))
  it.each(['https://p\u0430ypal.example/login', 'https://bank.example@evil.example/', 'http://user:secret@host/', 'ftp://a.example', 'https://good.example\u200b.evil.example/'])('not: %s', (text) => expect(found(text)).toBeUndefined())
})
