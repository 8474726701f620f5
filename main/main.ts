/** Composition root of the Electron shell: puts the parts together and decides nothing itself. */
import { join } from 'node:path'
import { takeControl } from './control.ts'
import type { ControlAnswer } from './control.ts'
import { app, ipcMain, session } from './electron.ts'
import { createEngineHost } from './engine-host.ts'
import type { EngineHost } from './engine-host.ts'
import { BACKGROUND } from './login-item.ts'
import { setMenu } from './menu.ts'
import { findPlaces, prepareState } from './places.ts'
import { declareScheme, serveScheme } from './protocol.ts'
import { denyPermissions, isTrustedSender } from './security.ts'
import { createTray } from './tray.ts'
import { createWindows } from './window.ts'
import type { Windows } from './window.ts'

const built = join(__dirname, '..')
const icons = join(built, 'icons')
const places = findPlaces(process.env, built, app.isPackaged ? process.resourcesPath : undefined)

function wireChannels(host: EngineHost, windows: Windows): void {
  ipcMain.on('naru:connect', (event) => {
    if (isTrustedSender(event)) host.connect(event.sender)
  })
  ipcMain.on('naru:open-window', (event, route: unknown) => {
    if (isTrustedSender(event) && typeof route === 'string') windows.openRoute(route)
  })
}

/** Quits once the engine room has let go; a second quit does not wait. */
function releaseOnQuit(host: EngineHost, close: () => void): void {
  let state: 'open' | 'closing' | 'closed' = 'open'
  app.on('will-quit', (event) => {
    if (state === 'closed') return
    event.preventDefault()
    if (state === 'closing') return
    state = 'closing'
    void host.stop().finally(() => {
      state = 'closed'
      close()
      app.quit()
    })
  })
}

async function run(): Promise<void> {
  const show = (): Promise<ControlAnswer> => {
    windows.showMain()
    return Promise.resolve({ pid: process.pid, shell: 'electron' })
  }
  await app.whenReady()
  const taken = await takeControl(places.state, show)
  if ('running' in taken) {
    console.log(taken.running.address ?? 'Naru is already running.')
    app.exit(0)
    return
  }
  denyPermissions(session.defaultSession)
  serveScheme(places.renderer)
  setMenu(app.isPackaged)
  const host = createEngineHost(join(built, 'engine/engine-process.cjs'), {
    stateFolder: places.state,
    shell: 'electron',
    version: app.getVersion(),
    bundleFolder: places.bundle,
    vmImageFolder: places.vmImage,
    vmQemuFolder: places.vmQemu,
    ...(places.vmSetup && { vmSetup: places.vmSetup }),
    welcomeImage: places.welcomeImage,
    logWorkerPath: join(places.workers, 'log-worker.cjs'),
    layerWorkerPath: join(places.workers, 'layer-worker.cjs'),
    home: places.home,
    command: app.isPackaged ? [process.env['APPIMAGE'] ?? process.execPath] : [process.execPath, app.getAppPath()],
  })
  const windows: Windows = createWindows(join(built, 'preload/preload.cjs'), join(icons, '256x256.png'), places.state)
  wireChannels(host, windows)
  const tray = createTray(icons, windows.showMain)
  releaseOnQuit(host, () => {
    tray?.destroy()
    taken.control.close()
  })
  app.on('second-instance', windows.showMain)
  app.on('activate', windows.showMain)
  app.on('window-all-closed', () => app.quit())
  // One that came with the session shows itself when it is asked for.
  if (!process.argv.includes(BACKGROUND)) windows.showMain()
}

prepareState(places.state)
app.setPath('userData', join(places.state, 'electron'))
declareScheme()
if (app.requestSingleInstanceLock()) {
  run().catch((error: unknown) => {
    console.error('Naru could not start:', error)
    app.exit(1)
  })
} else {
  app.quit()
}
