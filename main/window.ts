/** Makes windows: one main window, and further ones for routes that may have their own. */
import { isWindowRoute } from '../engine/contract/shell.ts'
import { createBackoff } from './backoff.ts'
import { BrowserWindow } from './electron.ts'
import { APP_ORIGIN, guardNavigation } from './security.ts'
import { readWindowState, writeWindowState } from './window-state.ts'

export interface Windows {
  /** Shows the main window, making it when there is none. */
  readonly showMain: () => void
  /** Opens (or brings forward) the window of an own route; refuses others by doing nothing. */
  readonly openRoute: (route: string) => void
}

/** Further windows at once. */
const ROUTE_WINDOW_LIMIT = 32

/**
 * A page whose process died (out of memory, a fault of the browser engine) would stay an empty window: it is loaded again,
 * with growing waits should it die each time. One that ends with its window did so on purpose.
 */
function reviveWhenGone(window: BrowserWindow): void {
  const backoff = createBackoff()
  let since = performance.now()
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return
    const wait = backoff.next(performance.now() - since)
    console.error(`a page ended (${reason}); loading it again in ${wait} ms`)
    setTimeout(() => {
      if (window.isDestroyed()) return
      since = performance.now()
      window.webContents.reload()
    }, wait)
  })
}

/**
 * @param preload absolute path of the built preload script
 * @param icon absolute path of the window's icon
 */
export function createWindows(preload: string, icon: string, stateFolder: string): Windows {
  let main: BrowserWindow | undefined
  const byRoute = new Map<string, BrowserWindow>()

  const make = (bounds: Partial<Electron.Rectangle>, path: string): BrowserWindow => {
    const window = new BrowserWindow({
      ...bounds,
      minWidth: 480,
      minHeight: 320,
      show: false,
      title: 'Naru',
      icon,
      autoHideMenuBar: true,
      webPreferences: {
        preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        webviewTag: false,
        spellcheck: false,
      },
    })
    guardNavigation(window.webContents)
    reviveWhenGone(window)
    window.once('ready-to-show', () => window.show())
    void window.loadURL(`${APP_ORIGIN}${path}`).catch((error: unknown) => {
      console.error('window could not be loaded:', error)
      if (!window.isDestroyed()) window.show()
    })
    return window
  }

  const forward = (window: BrowserWindow): void => {
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }

  const showMain = (): void => {
    if (main) return forward(main)
    const { maximized, ...bounds } = readWindowState(stateFolder)
    const window = make(bounds, '/')
    main = window
    if (maximized) window.maximize()
    window.on('close', () =>
      writeWindowState(stateFolder, { ...window.getNormalBounds(), maximized: window.isMaximized() }),
    )
    window.on('closed', () => (main = undefined))
  }

  const openRoute = (route: string): void => {
    if (!isWindowRoute(route)) return
    const present = byRoute.get(route)
    if (present) return forward(present)
    if (byRoute.size >= ROUTE_WINDOW_LIMIT) return
    // The page's router reads its route from the fragment.
    const window = make({ width: 960, height: 640 }, `/#${route}`)
    byRoute.set(route, window)
    window.on('closed', () => byRoute.delete(route))
  }

  return { showMain, openRoute }
}
