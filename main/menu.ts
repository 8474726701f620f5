/**
 * The application menu. Roles bring their own translated labels from Electron, so nothing here needs a catalogue;
 * what Naru does is in its palette and its screens.
 */
import { Menu } from './electron.ts'

/** Sets the menu: macOS expects one, elsewhere it carries the usual keys while staying hidden. */
export function setMenu(packaged: boolean): void {
  const view: Electron.MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
    ...(packaged ? [] : ([{ role: 'reload' }, { role: 'toggleDevTools' }] as const)),
  ]
  const first: Electron.MenuItemConstructorOptions =
    process.platform === 'darwin' ? { role: 'appMenu' } : { role: 'fileMenu' }
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([first, { role: 'editMenu' }, { role: 'viewMenu', submenu: view }, { role: 'windowMenu' }]),
  )
}
