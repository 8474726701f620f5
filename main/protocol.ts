/** The `app:` scheme: the page's files, served by the same function as in the web shell. */
import { createAssets } from './assets.ts'
import { protocol } from './electron.ts'

/** Must run before the app is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** Serves `app://naru/…` from the built page at `root`; any other host is refused. */
export function serveScheme(root: string): void {
  const assets = createAssets(root)
  protocol.handle('app', (request) =>
    new URL(request.url).host === 'naru' ? assets(request) : new Response(null, { status: 404 }),
  )
}
