/** A minimal tray icon: show and quit. Desktops without a tray simply have none. */
import { join } from 'node:path'
import { Menu, nativeImage, Tray } from './electron.ts'

/** @param iconFolder folder of the built icons. Returns the tray, which must be kept, or undefined without an icon. */
export function createTray(iconFolder: string, show: () => void): Tray | undefined {
  const icon = nativeImage.createFromPath(join(iconFolder, '32x32.png'))
  if (icon.isEmpty()) return undefined
  const tray = new Tray(icon)
  tray.setToolTip('Naru')
  tray.setContextMenu(Menu.buildFromTemplate([{ label: 'Naru', click: show }, { type: 'separator' }, { role: 'quit' }]))
  tray.on('click', show)
  return tray
}
