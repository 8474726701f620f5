/**
 * One function Request → Response for the page's files. Electron hands it to `protocol.handle`, the web shell calls
 * it from node:http, so both shells serve the same bytes under the same policy.
 */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'

const MIME: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
}

const COMMON_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
}

/** The page's Content-Security-Policy for one load. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types vue',
  ].join('; ')
}

/** The page's HTML with the nonce in `<meta name="csp-nonce">`, where the styles made at run time take it from. */
export function withNonce(html: string, nonce: string): string {
  const meta = `<meta name="csp-nonce" content="${nonce}">`
  const present = /<meta\s+name="csp-nonce"[^>]*>/i
  return present.test(html) ? html.replace(present, meta) : html.replace(/<head[^>]*>/i, (head) => head + meta)
}

/** File a URL path stands for, or undefined when it would lie outside `root` or is not a path at all. */
export function resolveAsset(root: string, pathname: string): string | undefined {
  let decoded: string
  try {
    decoded = decodeURIComponent(pathname)
  } catch {
    return undefined
  }
  if (decoded.includes('\0') || decoded.includes('\\') || decoded.split('/').includes('..')) return undefined
  const file = resolve(root, `.${decoded.startsWith('/') ? decoded : `/${decoded}`}`)
  return file === root || file.startsWith(root + sep) ? file : undefined
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: { ...COMMON_HEADERS, 'cache-control': 'no-store' } })
}

async function page(root: string): Promise<Response> {
  const nonce = randomBytes(18).toString('base64')
  const html = withNonce(await readFile(join(root, 'index.html'), 'utf8'), nonce)
  return new Response(html, {
    headers: {
      ...COMMON_HEADERS,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy(nonce),
      'cache-control': 'no-store',
    },
  })
}

async function file(path: string): Promise<Response> {
  const bytes = await readFile(path)
  return new Response(new Uint8Array(bytes), {
    headers: {
      ...COMMON_HEADERS,
      'content-type': MIME[extname(path)] ?? 'application/octet-stream',
      // Built names carry a hash of their content, the rest may change with the next build.
      'cache-control': /-[\w-]{8}\.\w+$/.test(path) ? 'private, max-age=31536000, immutable' : 'no-cache',
    },
  })
}

/**
 * Serves the built page from `root` (absolute path). A path without a file extension is a route of the page and gets
 * index.html with a fresh nonce. 403 for traversal, 404 for what is not there, 405 for anything but GET and HEAD.
 */
export function createAssets(root: string): (request: Request) => Promise<Response> {
  const base = resolve(root)
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405)
    const path = resolveAsset(base, new URL(request.url).pathname)
    if (path === undefined) return refuse(403)
    try {
      return extname(path) === '' || path === join(base, 'index.html') ? await page(base) : await file(path)
    } catch {
      return refuse(404)
    }
  }
}
