/** What a page may not do: navigate away, open windows, ask for permissions, speak on channels from elsewhere. */
import { shell } from './electron.ts'
import type { IpcMainEvent, Session, WebContents } from './electron.ts'

/** Origin of the app's own pages. */
export const APP_ORIGIN = 'app://naru'

/** True for an address of the app's own page. */
export function isOwnPage(url: string): boolean {
  return url === APP_ORIGIN || url.startsWith(`${APP_ORIGIN}/`)
}

/** True for an address that may be handed to the person's browser: http and https without a password in it. */
export function isExternalLink(address: string): boolean {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    return false
  }
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === ''
}

/** True when a message came from the top frame of one of the app's own pages. */
export function isTrustedSender(event: IpcMainEvent): boolean {
  const frame = event.senderFrame
  return frame !== null && frame.parent === null && isOwnPage(frame.url)
}

/** Denies every permission a page could ask for, but writing to the clipboard after a click. */
export function denyPermissions(session: Session): void {
  const allowed = new Set(['clipboard-sanitized-write'])
  session.setPermissionRequestHandler((_contents, permission, answer) => answer(allowed.has(permission)))
  session.setPermissionCheckHandler((_contents, permission) => allowed.has(permission))
  session.setDevicePermissionHandler(() => false)
}

/** Keeps a window on its page: links to the web open in the person's browser, everything else is refused. */
export function guardNavigation(contents: WebContents): void {
  contents.setWindowOpenHandler(({ url }) => {
    if (isExternalLink(url)) void shell.openExternal(url).catch(() => undefined)
    return { action: 'deny' }
  })
  contents.on('will-navigate', (event) => {
    event.preventDefault()
  })
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
}
