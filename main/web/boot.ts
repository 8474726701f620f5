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

const newNonce = (): string => randomBytes(18).toString('base64')
const isToken = (token: string): boolean => /^[\w-]{20,100}$/.test(token)

/**
 * Sends what the form holds without leaving the page and goes on to the session's folder: one page less to load than
 * with the form itself, which stands in for whatever goes wrong.
 */
const EXCHANGE =
  'const form=document.forms[0];' +
  'fetch(form.action,{method:"POST",body:new URLSearchParams(new FormData(form))})' +
  '.then((answer)=>location.replace(answer.headers.get("content-location")||Promise.reject()))' +
  '.catch(()=>form.submit())'

/**
 * Page that exchanges `token` at `origin`; a button stands in where scripts are off. `sameOrigin`: it is served by the
 * door itself. The boot file is not: what it fetched would be another site's and get no cookie, so it posts its form.
 */
export function bootForm(origin: string, token: string, sameOrigin: boolean): BootPage {
  const nonce = newNonce()
  const value = isToken(token) ? token : ''
  return {
    html:
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Naru</title></head><body>` +
      `<form method="post" action="${origin}${BOOT_PATH}"><input type="hidden" name="t" value="${value}">` +
      `<noscript><button>Naru</button></noscript></form>` +
      `<script nonce="${nonce}">${sameOrigin ? EXCHANGE : 'document.forms[0].submit()'}</script></body></html>`,
    contentSecurityPolicy: `default-src 'none'; script-src 'nonce-${nonce}'; connect-src ${sameOrigin ? origin : "'none'"}; form-action ${origin}; base-uri 'none'; frame-ancestors 'none'`,
  }
}

/**
 * Page after the exchange, on its way to the session's own folder. 200 and a script (or a refresh) instead of a redirect: a Strict cookie is not sent along a redirect that
 * began on another site, and the boot file counts as one.
 */
export function enterPage(room: string): BootPage {
  const nonce = newNonce()
  return {
    html:
      `<!doctype html><meta charset="utf-8"><title>Naru</title>` +
      `<script nonce="${nonce}">location.replace("${room}")</script>` +
      `<noscript><meta http-equiv="refresh" content="0;url=${room}"></noscript>`,
    contentSecurityPolicy: `default-src 'none'; script-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`,
  }
}

/** Writes the boot file for the app window; readable by its owner only. */
export function writeBootFile(path: string, origin: string, token: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  rmSync(path, { force: true })
  writeFileSync(path, bootForm(origin, token, false).html, { mode: 0o600, flag: 'wx' })
}
