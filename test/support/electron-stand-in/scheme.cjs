'use strict'
// Custom schemes and the session. Chromium refuses to navigate to a scheme it does not know, so `app://host/x` lives on
// `https://host.app.internal/x`, answered by the app's handler through request interception; nothing reaches the network.
const { context, makeEvent } = require('./context.cjs')

const known = new Set()
const handlers = new Map()

/** Address Chromium gets for an address of the app. */
function toBrowser(url) {
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(url)
  return match && known.has(match[1]) ? `https://${match[2]}.${match[1]}.internal${match[3] || '/'}` : url
}

/** Address the app gets for an address of Chromium. */
function fromBrowser(url) {
  const match = /^https:\/\/([^/?#]*)\.([a-z0-9+-]+)\.internal(.*)$/.exec(url ?? '')
  return match && known.has(match[2]) ? `${match[2]}://${match[1]}${match[3]}` : url
}

const protocol = {
  registerSchemesAsPrivileged(schemes) {
    for (const { scheme } of schemes) known.add(scheme)
  },
  handle(scheme, handler) {
    if (handlers.has(scheme)) throw new Error('The scheme has been registered')
    handlers.set(scheme, handler)
    known.add(scheme)
  },
  unhandle: (scheme) => handlers.delete(scheme),
  isProtocolHandled: (scheme) => handlers.has(scheme),
}

/** Handlers are kept so that tests can ask what they decide. */
const defaultSession = {
  protocol,
  setPermissionRequestHandler(handler) {
    this._permissionRequest = handler
  },
  setPermissionCheckHandler(handler) {
    this._permissionCheck = handler
  },
  setDevicePermissionHandler(handler) {
    this._devicePermission = handler
  },
  webRequest: { onBeforeRequest() {}, onHeadersReceived() {}, onBeforeSendHeaders() {} },
  clearStorageData: async () => undefined,
}
const session = { defaultSession, fromPartition: () => defaultSession }

/** True when a page asked to go elsewhere and the app refused. */
function refusesNavigation(window, { request, resourceType, frameId }, url) {
  const isMain = resourceType === 'Document' && frameId === window._mainFrame
  // A reload asks for the same address, without its fragment.
  const [current] = window.webContents.getURL().split('#')
  if (!isMain || window._expected.delete(request.url) || url === current) return false
  const event = makeEvent({ url, isMainFrame: true, isSameDocument: false })
  window.webContents.emit('will-navigate', event, url)
  return event.defaultPrevented
}

async function answer(handler, url, request) {
  const entries = request.postDataEntries?.map((entry) => entry.bytes ?? '')
  const body = entries === undefined ? undefined : Buffer.from(entries.join(''), 'base64')
  const response = await handler(new Request(url, { method: request.method, headers: request.headers, body }))
  return {
    responseCode: response.status,
    responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
    body: Buffer.from(await response.arrayBuffer()).toString('base64'),
  }
}

/** Answers one intercepted request of a window. */
async function onRequestPaused(window, paused) {
  const { requestId, request } = paused
  const send = (method, params = {}) => context.browser.send(method, { requestId, ...params }, window._sessionId)
  const url = fromBrowser(request.url)
  const handler = handlers.get(url.slice(0, url.indexOf(':')))
  try {
    if (refusesNavigation(window, paused, url)) await send('Fetch.failRequest', { errorReason: 'Aborted' })
    else if (handler) await send('Fetch.fulfillRequest', await answer(handler, url, request))
    else await send('Fetch.continueRequest')
  } catch (error) {
    if (process.env.STANDIN_DEBUG) console.error(error)
    send('Fetch.failRequest', { errorReason: 'Failed' }).catch(() => undefined)
  }
}

module.exports = { protocol, session, toBrowser, fromBrowser, onRequestPaused }
