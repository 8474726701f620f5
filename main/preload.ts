/** Runs sandboxed before the page: forwards ports from the engine room and exposes one frozen object. */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { PORT_MESSAGE } from '../engine/contract/shell.ts'
import type { ShellBridge } from '../engine/contract/shell.ts'

declare const window: {
  readonly location: { readonly origin: string }
  postMessage(message: unknown, targetOrigin: string, transfer: readonly unknown[]): void
}

// A port cannot cross the context bridge, so it travels as a window message the page receives from itself.
ipcRenderer.on('naru:port', (event) => {
  window.postMessage({ type: PORT_MESSAGE }, window.location.origin, [...event.ports])
})

const bridge: ShellBridge = Object.freeze({
  shell: 'electron',
  platform: process.platform,
  connect: () => ipcRenderer.send('naru:connect'),
  openWindow: (route: string) => ipcRenderer.send('naru:open-window', String(route)),
  // Only Files know their place, and a page cannot make one that has a place.
  pathOfFile: (file: object) => webUtils.getPathForFile(file as Parameters<typeof webUtils.getPathForFile>[0]),
})

contextBridge.exposeInMainWorld('naru', bridge)
