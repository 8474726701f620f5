/** The facts of both shells' fence, asked from inside the page. */
import { expect, test } from './support/naru.ts'
import type { Page } from '@playwright/test'

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'nonce-…'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types vue',
].join('; ')

/** The policy a load came with, and the nonce in it and in the page. */
async function policy(page: Page): Promise<{ text: string; nonce: string; meta: string }> {
  const response = await page.reload()
  const header = response?.headers()['content-security-policy'] ?? ''
  const nonce = /'nonce-([^']+)'/.exec(header)?.[1] ?? ''
  const meta = await page.evaluate(
    () => document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '',
  )
  return { text: header.replace(nonce, '…'), nonce, meta }
}

test('the page comes with the strict policy and a nonce of its own per load', async ({ page }) => {
  const first = await policy(page)
  expect(first.text).toBe(POLICY)
  expect(first.nonce.length).toBeGreaterThan(20)
  expect(first.meta).toBe(first.nonce)
  expect((await policy(page)).nonce).not.toBe(first.nonce)
})

test('inline scripts, eval, HTML strings and foreign requests do not work', async ({ page, faults }) => {
  const outcome = await page.evaluate(async () => {
    const attempt = (act: () => unknown): string => {
      try {
        act()
        return 'done'
      } catch (error) {
        return (error as Error).name
      }
    }
    const script = document.createElement('script')
    const inline = attempt(() => (script.textContent = 'window.broken = true'))
    document.body.append(script)
    const html = attempt(() => (document.createElement('div').innerHTML = '<b>x</b>'))
    const foreign = await fetch('https://example.test/').then(
      () => 'done',
      (error: Error) => error.name,
    )
    // In a turn of its own: what a test evaluates is exempt from the policy, what it schedules is not.
    const evaluated = await new Promise<string>((resolve) =>
      setTimeout(() => resolve(attempt(() => new Function('return 1')()))),
    )
    return { inline, html, foreign, evaluated, ran: 'broken' in window }
  })
  expect(outcome).toEqual({
    inline: 'TypeError',
    html: 'TypeError',
    foreign: 'TypeError',
    evaluated: 'EvalError',
    ran: false,
  })
  faults.clear()
})
