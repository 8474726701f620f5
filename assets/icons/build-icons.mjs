/**
 * Renders naru.svg to the PNG sizes that windows, trays and installers ask for: `node assets/icons/build-icons.mjs`.
 * Needs Chromium (NARU_CHROMIUM or /usr/bin/chromium). Run it after every change of the drawing and commit the result.
 */
import { copyFileSync, readFileSync } from 'node:fs'
import { env, stdout } from 'node:process'
import { chromium } from 'playwright-core'

const SIZES = [16, 32, 48, 64, 128, 256, 512]
const file = (name) => new URL(name, import.meta.url)
const drawing = `data:image/svg+xml;base64,${readFileSync(file('naru.svg')).toString('base64')}`

const browser = await chromium.launch({ executablePath: env.NARU_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  for (const size of SIZES) {
    const page = await browser.newPage({ viewport: { width: size, height: size } })
    await page.setContent(`<style>*{margin:0}img{display:block;width:${size}px;height:${size}px}</style><img src="${drawing}">`)
    await page.screenshot({ path: file(`${size}x${size}.png`).pathname, omitBackground: true })
    await page.close()
  }
} finally {
  await browser.close()
}
copyFileSync(file('naru.svg'), file('../../renderer/public/favicon.svg'))
stdout.write(`${SIZES.length} sizes written\n`)
