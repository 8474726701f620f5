/** The one import of Electron outside the preload; everything else in main/ asks here. */
export {
  app,
  BrowserWindow,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeImage,
  protocol,
  safeStorage,
  session,
  shell,
  Tray,
  utilityProcess,
} from 'electron'
export type { IpcMainEvent, Session, UtilityProcess, WebContents } from 'electron'
