/**
 * `npm run screens`: a PNG of every screen and state, light and dark, English and Korean, wide and narrow, in screens/.
 * The built page talks to a scripted engine room (stub.ts) and is served under the product's own security policy; a
 * violation of it or an error in the page fails the run.
 *
 *   npm run screens -- --only overview,engines --theme dark --locale ko --width 960 --axe
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import { argv, env, exit, pid, stderr, stdout } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import vue from '@vitejs/plugin-vue'
import tailwind from '@tailwindcss/vite'
import { chromium } from 'playwright-core'
import { build } from 'vite'
import { SHOTS } from './list.mjs'

const NOW = Date.UTC(2026, 10, 20, 12, 4, 35)
const here = fileURLToPath(new URL('.', import.meta.url))
const root = resolve(here, '../..')
const work = join(root, '.naru', `screens-${pid}`)

const list = { type: 'string', multiple: true, default: /** @type {string[]} */ ([]) }
const { values: options } = parseArgs({
  args: argv.slice(2),
  options: { only: list, theme: list, locale: list, width: list, out: { type: 'string', default: 'screens' }, axe: { type: 'boolean', default: false } },
})
const chosen = (given, all) => {
  const wanted = given.flatMap((text) => text.split(','))
  return wanted.length > 0 ? wanted : all
}
const only = chosen(options.only, [])
const shots = only.length > 0 ? SHOTS.filter((shot) => only.some((name) => shot.name === name || shot.name.startsWith(`${name}-`))) : SHOTS
const themes = chosen(options.theme, ['light', 'dark'])
const locales = chosen(options.locale, ['en', 'ko'])
const widths = chosen(options.width, ['1280', '960']).map(Number)

async function buildAll() {
  const quiet = { configFile: false, logLevel: 'error' }
  await build({
    ...quiet,
    root: join(root, 'renderer'),
    define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false', __INTLIFY_PROD_DEVTOOLS__: 'false' },
    plugins: [vue(), tailwind()],
    build: { outDir: join(work, 'page'), emptyOutDir: true, target: 'chrome140', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 2000 },
  })
  const lib = (entry, format, name, outDir, ssr) =>
    build({ ...quiet, root, publicDir: false, build: { lib: { entry, formats: [format], name, fileName: () => `${name}.js` }, outDir, emptyOutDir: true, minify: false, ssr } })
  await lib(join(here, 'stub.ts'), 'iife', 'stub', join(work, 'stub'), false)
  await lib(join(root, 'main/assets.ts'), 'es', 'assets', join(work, 'server'), true)
}

async function serve() {
  const { createAssets } = await import(pathToFileURL(join(work, 'server', existsSync(join(work, 'server/assets.js')) ? 'assets.js' : 'assets.mjs')).href)
  const assets = createAssets(join(work, 'page'))
  const server = createServer(async (request, response) => {
    const answer = await assets(new Request(new URL(request.url ?? '/', 'http://127.0.0.1')))
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)))
  return server
}

/** Chromium breaks off loads when a network interface comes or goes, as other work on the machine may cause. */
const SHAKY = /ERR_NETWORK_CHANGED/

/** Problems of one picture, as lines; taken again when the machine, not the page, was the cause. */
async function shoot(...args) {
  for (let attempt = 1; ; attempt += 1) {
    const problems = await shootOnce(...args)
    if (attempt === 4 || !problems.some((line) => SHAKY.test(line))) return problems
  }
}

async function shootOnce(browser, base, stub, shot, { theme, locale, width }) {
  const context = await browser.newContext({ viewport: { width, height: width < 1000 ? 640 : 800 }, colorScheme: theme, locale, reducedMotion: 'reduce', timezoneId: 'Asia/Seoul' })
  const problems = []
  try {
    const page = await context.newPage()
    page.on('pageerror', (error) => problems.push(`error: ${error.message}`))
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && problems.push(`${message.type()}: ${message.text()}`))
    await page.clock.setFixedTime(NOW)
    const scenario = JSON.stringify({ name: shot.scenario ?? 'full', theme, locale })
    await page.addInitScript(`window.__naruScenario = ${scenario};\n${stub}`)
    await page.goto(`${base}/#${shot.route}`)
    await page.waitForSelector('main h1, main h2', { timeout: 5_000 })
    await page.waitForTimeout(350)
    // Vue drops events that are not younger than their listeners: a clock that stands still would stop them all.
    await page.clock.setFixedTime(NOW + 1)
    await shot.act?.(page)
    await page.waitForTimeout(shot.act ? 350 : 50)
    await page.screenshot({ path: join(root, options.out, `${shot.name}-${theme}-${locale}-${width}.png`) })
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    if (overflow) problems.push('the page is wider than the window')
    if (options.axe) problems.push(...(await check(page)))
  } catch (error) {
    problems.push(String(error))
  } finally {
    await context.close()
  }
  return problems.map((line) => `${shot.name} ${theme} ${locale} ${width}: ${line}`)
}

/** Accessibility violations as lines. Evaluated over the debugger, so the page's own policy stays as it is. */
async function check(page) {
  await page.evaluate(readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8'))
  const violations = await page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'] })).violations)
  return violations.map((each) => `axe ${each.id}: ${each.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? node.all[0]?.message ?? ''}`).join(' | ')}`)
}

async function run() {
  mkdirSync(join(root, options.out), { recursive: true })
  await buildAll()
  const server = await serve()
  const browser = await chromium.launch({ executablePath: env.NARU_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--font-render-hinting=none'] })
  const problems = []
  try {
    const stub = readFileSync(join(work, 'stub', 'stub.js'), 'utf8')
    const address = server.address()
    const base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
    for (const shot of shots)
      for (const theme of themes)
        for (const locale of locales)
          for (const width of widths) problems.push(...(await shoot(browser, base, stub, shot, { theme, locale, width })))
  } finally {
    await browser.close()
    server.close()
    rmSync(work, { recursive: true, force: true })
  }
  stdout.write(`${shots.length * themes.length * locales.length * widths.length} pictures in ${options.out}/\n`)
  for (const line of new Set(problems)) stderr.write(`${line}\n`)
  return problems.length === 0 ? 0 : 1
}

exit(await run())
