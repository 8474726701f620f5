/** Spans of one style each as nodes of the page: text nodes, styled where they have a style, links around addresses. */
import type { AnsiColor, AnsiSpan } from '../../../engine/logs/ansi.ts'
import { findLinks } from './links.ts'
import { textNode } from './wide-text.ts'

/** Nodes of a line's spans, in order. */
export function nodesOfSpans(spans: readonly AnsiSpan[]): Node[] {
  const links = findLinks(spans.map(({ text }) => text).join(''))
  if (links.length === 0) return spans.map((span) => nodeOf(span, span.text))
  const nodes: Node[] = []
  let at = 0
  let next = 0
  let anchor: HTMLAnchorElement | null = null
  for (const span of spans) {
    for (let done = 0; done < span.text.length; ) {
      const link = links[next]
      const inside = link !== undefined && at >= link.from
      const end = Math.min(span.text.length, done + (link ? (inside ? link.to : link.from) - at : Infinity))
      const node = nodeOf(span, span.text.slice(done, end))
      if (inside) {
        if (!anchor) nodes.push((anchor = anchorOf(link.url)))
        anchor.append(node)
      } else nodes.push(node)
      at += end - done
      done = end
      if (inside && at >= link.to) {
        next += 1
        anchor = null
      }
    }
  }
  return nodes
}

/** Opened by the shell in the person's browser. No stop of the Tab key: rows come and go; the line's own panel has one. */
function anchorOf(url: string): HTMLAnchorElement {
  const anchor = document.createElement('a')
  anchor.className = 'log-link'
  anchor.href = url
  anchor.target = '_blank'
  anchor.rel = 'noreferrer noopener'
  anchor.title = url
  anchor.tabIndex = -1
  anchor.draggable = false
  return anchor
}

function nodeOf(span: AnsiSpan, part: string): Node {
  const text = textNode(part)
  const styled = span.fg ?? span.bg ?? span.bold ?? span.dim ?? span.italic ?? span.underline ?? span.inverse ?? span.strike
  if (styled === undefined) return text
  const element = document.createElement('span')
  const fg = span.inverse ? (span.bg ?? 'back') : span.fg
  const bg = span.inverse ? (span.fg ?? 'front') : span.bg
  if (fg !== undefined) element.style.color = fg === 'back' ? 'var(--log-bg)' : colorOf(fg)
  if (bg !== undefined) element.style.backgroundColor = bg === 'front' ? 'var(--text)' : colorOf(bg)
  for (const style of ['bold', 'dim', 'italic', 'underline', 'strike'] as const) {
    if (span[style]) element.classList.add(`ansi-${style}`)
  }
  element.append(text)
  return element
}

const CUBE = [0, 95, 135, 175, 215, 255] as const

/** The 16 named colours follow the theme; the cube and the greys of the 256-colour palette are fixed by xterm. */
function colorOf(color: AnsiColor): string {
  if (typeof color === 'string') return color
  if (color < 16) return `var(--ansi-${color})`
  if (color >= 232) return `rgb(${Array(3).fill(8 + (color - 232) * 10).join(' ')})`
  const index = color - 16
  const level = (step: number): number => CUBE[Math.trunc(index / step) % 6] ?? 0
  return `rgb(${level(36)} ${level(6)} ${level(1)})`
}
