/**
 * The way in: a form that posts the one-time token. The app window opens it from a 0600 file, so the token is in no
 * command line that other users can list; a printed address serves the same form, so the token stays in no history.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Path of the exchange, GET for the form and POST for the token itself. */
export const BOOT_PATH = '/boot'

export interface BootPage {
  readonly html: string
  readonly contentSecurityPolicy: string
}

const isToken = (token: string): boolean => /^[\w-]{20,100}$/.test(token)

/** Form that posts `token` to `origin` by itself; a button stands in where scripts are off. */
export function bootForm(origin: string, token: string): BootPage {
  const nonce = randomBytes(18).toString('base64')
  const value = isToken(token) ? token : ''
  return {
    html:
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Naru</title></head><body>` +
      `<form method="post" action="${origin}${BOOT_PATH}"><input type="hidden" name="t" value="${value}">` +
      `<noscript><button>Naru</button></noscript></form>` +
      `<script nonce="${nonce}">document.forms[0].submit()</script></body></html>`,
    contentSecurityPolicy: `default-src 'none'; script-src 'nonce-${nonce}'; form-action ${origin}; base-uri 'none'; frame-ancestors 'none'`,
  }
}

/**
 * Page after the exchange, on its way to the session's own folder. 200 and a refresh instead of a redirect: a Strict cookie is not sent along a redirect that
 * began on another site, and the boot file counts as one.
 */
export function enterPage(room: string): BootPage {
  return {
    html: `<!doctype html><meta charset="utf-8"><title>Naru</title><meta http-equiv="refresh" content="0;url=${room}">`,
    contentSecurityPolicy: "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  }
}

/** Writes the boot file for the app window; readable by its owner only. */
export function writeBootFile(path: string, origin: string, token: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  rmSync(path, { force: true })
  writeFileSync(path, bootForm(origin, token).html, { mode: 0o600, flag: 'wx' })
}
