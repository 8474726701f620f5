/** The interface's colours and fonts as the terminal wants them. */
import type { ISearchDecorationOptions } from '@xterm/addon-search'
import type { ITheme } from '@xterm/xterm'

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const

/** Read from the style of `element`, so that light and dark follow the page. */
export function terminalTheme(element: Element): ITheme {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const theme: Record<string, string> = {
    background: token('log-bg'),
    foreground: token('text'),
    cursor: token('accent'),
    cursorAccent: token('log-bg'),
    selectionBackground: token('accent-soft'),
    selectionInactiveBackground: token('sel'),
    scrollbarSliderBackground: `${token('idle')}55`,
    scrollbarSliderHoverBackground: `${token('idle')}88`,
    scrollbarSliderActiveBackground: `${token('idle')}aa`,
    overviewRulerBorder: token('log-bg'),
  }
  NAMES.forEach((name, n) => {
    theme[name] = token(`ansi-${n}`)
    theme[`bright${name[0]?.toUpperCase()}${name.slice(1)}`] = token(`ansi-${n + 8}`)
  })
  return theme
}

/** Colours of what the search found. */
export function searchColours(element: Element): ISearchDecorationOptions {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    matchBackground: token('warn-soft'),
    matchOverviewRuler: token('warn'),
    activeMatchBackground: token('accent-soft'),
    activeMatchBorder: token('accent'),
    activeMatchColorOverviewRuler: token('accent'),
  }
}
