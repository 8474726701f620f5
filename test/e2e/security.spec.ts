/** The facts of both shells' fence, asked from inside the page. */
import { readdirSync, readFileSync } from 'node:fs'
import { createCollector, expect, test } from './support/naru.ts'
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

test('a breach of the policy fails the test it happens in, also one from before anybody looked', async ({ naru, page, faults }) => {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) =>
        setTimeout(() => {
          const image = new Image()
          image.onerror = () => void fetch('https://example.test/b').catch(() => resolve())
          image.src = 'https://example.test/a.png'
        }),
      ),
  )
  for (const directive of ['img-src', 'connect-src']) await expect.poll(() => faults.all).toContainEqual(`the policy: ${directive}`)
  const late = createCollector()
  late.watch(naru.context)
  for (const directive of ['img-src', 'connect-src']) await expect.poll(() => late.all).toContainEqual(`the policy: ${directive}`)
  faults.clear()
})

test('no spec shows Naru unwatched', () => {
  const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0
  const specs = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.spec.ts'))
  expect(specs.length).toBeGreaterThan(30)
  const unwatched = specs.filter((name) => {
    const text = readFileSync(`${import.meta.dirname}/${name}`, 'utf8')
    // Playwright's own `test` knows no collector: only for specs without a page, or with a collector of their own that they ask.
    const bare = /import \{[^}]*\btest\b[^}]*\} from '@playwright\/test'/.test(text) && /\{ (?:page|naru)\b|launch\(/.test(text) && !/createCollector\(\)[\s\S]*expect\(faults\.all\b/.test(text)
    return bare || count(text, /browser\.newPage\(|launchPersistentContext\(/g) > 0 || count(text, /\.newContext\(/g) !== count(text, /faults\.watch\(context\)/g)
  })
  expect(unwatched).toEqual([])
})
