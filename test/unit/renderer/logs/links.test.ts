import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findLinks } from '../../../../renderer/screens/Logs/links.ts'

const RLO = String.fromCodePoint(0x202e)
const ZERO_WIDTH = String.fromCodePoint(0x200b)
const urls = (text: string): string[] => findLinks(text).map(({ url }) => url)

describe('links in a line', () => {
  it.each([
    ['listening on http://localhost:3000', ['http://localhost:3000']],
    ['see https://example.com/a?b=c&d=%20#e for more', ['https://example.com/a?b=c&d=%20#e']],
    ['two: http://a.example, http://b.example.', ['http://a.example', 'http://b.example']],
    ['(https://example.com/wiki/Naru_(river))', ['https://example.com/wiki/Naru_(river)']],
    ['[docs](https://example.com/x)', ['https://example.com/x']],
    ['http://[::1]:8080/health', ['http://[::1]:8080/health']],
    ['[http://10.0.0.1:80]', ['http://10.0.0.1:80']],
    ['{"url":"https://example.com/a","n":1}', ['https://example.com/a']],
    ['<https://example.com/a>', ['https://example.com/a']],
    ["url='https://example.com/a'", ['https://example.com/a']],
    ['"https://example.com/a\\n"', ['https://example.com/a']],
    ['HTTPS://EXAMPLE.COM/A!!!', ['HTTPS://EXAMPLE.COM/A']],
    ['https://example.com/path을 보세요', ['https://example.com/path']],
    ['really?! https://example.com/?', ['https://example.com/']],
    ['**https://example.com/a**', ['https://example.com/a']],
  ])('%s', (text, expected) => expect(urls(text)).toEqual(expected))

  it.each([
    ['no address', 'tcp://10.0.0.1:2375 file:///etc/passwd javascript:alert(1) data:text/html,x ftp://a.example'],
    ['nothing behind the scheme', 'http:// and https://.'],
    ['a name or password', 'https://bank.example@evil.example/ http://user:secret@host/'],
    ['part of a word', 'xhttp://a.example'],
    ['a host in letters that look alike', 'https://p\u0430ypal.example/login'],
    ['an address that is none', 'http://[::1 http://a:99999999/'],
    ['endless', `https://example.com/${'a'.repeat(3_000)}`],
  ])('not: %s', (_name, text) => expect(urls(text)).toEqual([]))

  it('marks that turn or hide text end an address', () => {
    expect(urls(`https://example.com/${RLO}moc.live`)).toEqual(['https://example.com/'])
    expect(urls(`https://example.com/a${ZERO_WIDTH}b`)).toEqual(['https://example.com/a'])
  })

  it('what is shown is the address, of printable ASCII only, http or https, and links do not overlap', () => {
    const piece = fc.oneof(fc.constantFrom('http://', 'https://', 'a.example', '/', ')', '(', '[', ']', '.', '@', ' ', '%', RLO, 'é', '"'), fc.string({ maxLength: 6, unit: 'binary' }))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('')
        let end = 0
        for (const { from, to, url } of findLinks(text)) {
          expect(text.slice(from, to)).toBe(url)
          expect(url).toMatch(/^https?:\/\/[!-~]+$/i)
          expect(['http:', 'https:']).toContain(new URL(url).protocol)
          expect(from).toBeGreaterThanOrEqual(end)
          end = to
        }
      }),
    )
  })

  it('a long line of openings is read at once', () => {
    const began = performance.now()
    findLinks('https://('.repeat(2_000))
    findLinks(`https://a.example/${')'.repeat(20_000)}`)
    expect(performance.now() - began).toBeLessThan(500)
  })
})
