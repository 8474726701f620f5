/** One terminal on the screen: xterm.js with its size, its theme and the keys that are not the program's. */
import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal } from '@xterm/xterm'
import type { IBufferRange, ILinkHandler } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { createLineInput } from './line-input.ts'
import { PLAIN_ADDRESS, readLink } from './terminal-link.ts'
import type { TerminalLink } from './terminal-link.ts'
import { terminalTheme } from './theme.ts'

export interface XtermHooks {
  /** What the person typed or pasted, as bytes. */
  input(bytes: Uint8Array): void
  size(size: { readonly columns: number; readonly rows: number }): void
  title(title: string): void
  /** Ctrl+Shift+C with something selected. */
  copy(text: string): void
  /** Ctrl+D where no terminal hears it as a key. */
  endInput(): void
  /** A link was clicked. */
  open(link: TerminalLink): void
  /** The pointer is over a link of the program's own; null: no longer. */
  point(link: TerminalLink | null): void
  /** Ctrl+F. */
  search(): void
  /** Shift+F6: the keyboard leaves. */
  leave(): void
}

/** What stands on the other side. */
export interface XtermKind {
  /** A terminal; without one lines are edited here, and what comes ends its lines with a line feed alone. */
  readonly tty: boolean
  /** Somebody reads what is typed. */
  readonly input: boolean
}

export interface Xterm {
  readonly terminal: Terminal
  readonly search: SearchAddon
  /** Resolves when so much was drawn that more may come. Of `replay` what a program asked is not answered again. */
  print(bytes: Uint8Array, replay: boolean): Promise<void>
  /** Asks a full-screen program to draw itself again; a plain one is left alone. */
  redraw(): void
  focus(): void
  dispose(): void
}

/** Lines kept above the screen. */
const SCROLLBACK = 10_000
/** Bytes given to the terminal and not drawn yet, at most, before more is taken. */
const AHEAD = 128 * 1024

/** What stands in the cells of a link, which lie on one line. */
function labelOf(terminal: Terminal, { start, end }: IBufferRange): string {
  return terminal.buffer.active.getLine(start.y - 1)?.translateToString(true, start.x - 1, end.x) ?? ''
}

/** Links of the program's own: the pane shows where each leads before it can be clicked, and asks where that is not its text. */
function linkHandler(terminal: () => Terminal, hooks: XtermHooks): ILinkHandler {
  const at = (given: string, range: IBufferRange): TerminalLink => readLink(given, labelOf(terminal(), range))
  return {
    // Shown as never opened, instead of looking like text.
    allowNonHttpProtocols: true,
    activate: (_event, given, range) => hooks.open(at(given, range)),
    hover: (_event, given, range) => hooks.point(at(given, range)),
    leave: () => hooks.point(null),
  }
}

export function createXterm(host: HTMLElement, label: string, { tty, input }: XtermKind, hooks: XtermHooks): Xterm {
  const style = getComputedStyle(host)
  const terminal: Terminal = new Terminal({
    theme: terminalTheme(host),
    fontFamily: style.getPropertyValue('--mono').trim(),
    fontSize: 13,
    lineHeight: 1.2,
    scrollback: SCROLLBACK,
    minimumContrastRatio: 4.5,
    cursorBlink: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    cursorInactiveStyle: input ? 'outline' : 'none',
    disableStdin: !input,
    convertEol: !tty,
    allowProposedApi: true,
    linkHandler: linkHandler(() => terminal, hooks),
  })
  const fit = new FitAddon()
  const search = new SearchAddon()
  terminal.loadAddon(fit)
  terminal.loadAddon(search)
  terminal.loadAddon(new WebLinksAddon((_event, address) => hooks.open(readLink(address, address)), { urlRegex: PLAIN_ADDRESS }))
  terminal.attachCustomKeyEventHandler((event) => ownKey(terminal, hooks, event))
  terminal.open(host)
  terminal.textarea?.setAttribute('aria-label', label)

  let replaying = 0
  const encoder = new TextEncoder()
  const line = createLineInput({ echo: (text) => terminal.write(text), send: hooks.input, end: hooks.endInput })
  const type = (text: string): void => (tty ? hooks.input(encoder.encode(text)) : line.type(text))
  terminal.onData((text) => replaying === 0 && input && type(text))
  // Old mouse reports: each character is one byte.
  terminal.onBinary((text) => replaying === 0 && hooks.input(Uint8Array.from(text, (char) => char.charCodeAt(0))))
  terminal.onTitleChange((title) => hooks.title(title))
  terminal.onResize(({ cols, rows }) => hooks.size({ columns: cols, rows }))

  let frame = 0
  const fitSoon = (): void => {
    cancelAnimationFrame(frame)
    frame = requestAnimationFrame(() => {
      if (host.clientWidth > 0 && host.clientHeight > 0) fit.fit()
    })
  }
  const sized = new ResizeObserver(fitSoon)
  sized.observe(host)
  const themed = new MutationObserver(() => (terminal.options.theme = terminalTheme(host)))
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  fit.fit()
  hooks.size({ columns: terminal.cols, rows: terminal.rows })

  let ahead = 0
  let wake: () => void = () => undefined
  return {
    terminal,
    search,
    async print(bytes, replay) {
      if (replay) replaying += 1
      ahead += bytes.length
      terminal.write(bytes, () => {
        if (replay) replaying -= 1
        ahead -= bytes.length
        wake()
      })
      while (ahead > AHEAD || (replay && replaying > 0)) await new Promise<void>((resolve) => (wake = resolve))
    },
    redraw() {
      if (terminal.buffer.active.type !== 'alternate') return
      // The engine tells a program only of a size that changed.
      hooks.size({ columns: terminal.cols, rows: Math.max(1, terminal.rows - 1) })
      hooks.size({ columns: terminal.cols, rows: terminal.rows })
    },
    focus: () => terminal.focus(),
    dispose() {
      cancelAnimationFrame(frame)
      sized.disconnect()
      themed.disconnect()
      terminal.dispose()
      ahead = 0
      replaying = 0
      wake()
    },
  }
}

/** False for keys that do not go to the program. */
function ownKey(terminal: Terminal, hooks: XtermHooks, event: KeyboardEvent): boolean {
  const mod = event.ctrlKey || event.metaKey
  const take = (act: () => unknown): false => {
    event.preventDefault()
    event.stopPropagation()
    if (event.type === 'keydown') act()
    return false
  }
  if (event.shiftKey && event.key === 'F6') return take(() => hooks.leave())
  if (mod && !event.altKey && event.code === 'KeyF') return take(() => hooks.search())
  if (mod && event.shiftKey && event.code === 'KeyC') return take(() => terminal.hasSelection() && hooks.copy(terminal.getSelection()))
  // Not taken: the browser pastes, and xterm.js hands it on (in brackets when the program wants that).
  return !(mod && event.shiftKey && event.code === 'KeyV')
}
