/** @vitest-environment happy-dom */
import { describe, expect, it } from 'vitest'
import { parseAnsi } from '../../../../engine/logs/ansi.ts'
import { nodesOfSpans } from '../../../../renderer/screens/Logs/span-nodes.ts'

const ESC = String.fromCharCode(27)
function bodyOf(line: string): HTMLElement {
  const body = document.createElement('span')
  body.append(...nodesOfSpans(parseAnsi(line).spans))
  return body
}
const linksOf = (body: HTMLElement): string[][] => Array.from(body.querySelectorAll('a'), (link) => [link.getAttribute('href') ?? '', link.textContent ?? ''])

describe('addresses in painted lines', () => {
  it('are links with the text around them as it was', () => {
    const body = bodyOf('see http://a.example/x, and https://b.example.')
    expect(body.textContent).toBe('see http://a.example/x, and https://b.example.')
    expect(linksOf(body)).toEqual([['http://a.example/x', 'http://a.example/x'], ['https://b.example', 'https://b.example']])
  })

  it('are one link also where a colour begins or ends inside', () => {
    const body = bodyOf(`${ESC}[32mGET http://a.example${ESC}[1m/path${ESC}[0m ok http://b.example`)
    expect(body.textContent).toBe('GET http://a.example/path ok http://b.example')
    expect(linksOf(body)).toEqual([['http://a.example/path', 'http://a.example/path'], ['http://b.example', 'http://b.example']])
    expect(body.querySelectorAll('a')[0]?.children).toHaveLength(2)
  })

  it('a link of the terminal has no address but the one that is seen', () => {
    const body = bodyOf(`${ESC}]8;;https://evil.example${ESC}\\https://good.example${ESC}]8;;${ESC}\\`)
    expect(linksOf(body)).toEqual([['https://good.example', 'https://good.example']])
    expect(linksOf(bodyOf(`${ESC}]8;;https://evil.example${ESC}\\click here${ESC}]8;;${ESC}\\`))).toEqual([])
  })
})
