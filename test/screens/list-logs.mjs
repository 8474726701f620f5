/** Pictures of logs. */

/** Ids of the containers of `seed.ts` (`idOf` there). */
const idOf = (/** @type {number} */ n) => {
  let text = ''
  for (let i = 0, x = n * 2654435761 + 97; i < 64; i += 1) {
    x = (x * 1103515245 + 12345) % 2147483648
    text += Math.floor(x / 65536).toString(16).slice(-1)
  }
  return text
}

/** @type {readonly import('./list.mjs').Shot[]} */
export const LOG_SHOTS = [
  { name: 'logs', route: '/logs' },
  { name: 'logs-search', route: '/logs', act: (page) => page.fill('.log-pane input[data-search]', 'GET') },
  { name: 'logs-filter', route: '/logs?level=error&level=warn&around=1&without=redis' },
  { name: 'logs-line', route: '/logs', act: async (page) => { await page.locator('.log-row[data-level=info]', { hasText: 'gold' }).last().click() } },
  { name: 'logs-traces', route: '/logs', act: async (page) => {
    await page.locator('.log-fold').nth(-2).click()
    await page.locator('.log-row[data-fold=open]').first().waitFor()
  } },
  { name: 'logs-traces-off', route: '/logs?fold=off' },
  { name: 'logs-traces-search', route: '/logs', act: (page) => page.fill('.log-pane input[data-search]', 'SocketTimeout') },
  { name: 'logs-columns', route: '/logs?col=order&col=total&col=customer.tier' },
  { name: 'logs-columns-menu', route: '/logs', act: (page) => page.locator('.log-pane').getByRole('button', { name: /Fields as columns|필드를 열로/ }).click() },
  { name: 'logs-json-menu', route: '/logs', act: async (page) => {
    await page.locator('.log-row[data-level=info]', { hasText: 'gold' }).last().click()
    const row = page.locator('.line-panel .row').nth(2)
    await row.hover()
    await row.locator('[aria-haspopup=menu]').click()
  } },
  { name: 'logs-range', route: '/logs', act: async (page) => {
    const chart = await page.locator('.timeline .chart').boundingBox()
    const y = chart.y + 20
    await page.mouse.move(chart.x + chart.width * 0.55, y)
    await page.mouse.down()
    await page.mouse.move(chart.x + chart.width * 0.7, y, { steps: 3 })
    await page.mouse.up()
    await page.mouse.move(chart.x + chart.width * 0.6, y)
  } },
  { name: 'logs-project', route: '/logs?project=shop' },
  { name: 'logs-together-only', route: '/logs?project=shop', act: async (page) => { await page.locator('.sources .source').nth(1).click({ modifiers: ['Alt'] }) } },
  { name: 'logs-many', route: '/logs?' + Array.from({ length: 12 }, (_, n) => `container=${idOf(n + 1)}`).join('&') },
  { name: 'logs-two', route: `/logs?container=${idOf(1)}&b.container=${idOf(2)}&b.level=error&together=1` },
  { name: 'logs-link-gone', route: `/logs?container=${idOf(1)}&line=${idOf(1)}~1000~0` },
  { name: 'logs-link-other', route: '/logs?container=gone&line=gone~1000~0&engine=elsewhere' },
  { name: 'logs-line-menu', route: '/logs?project=shop', act: (page) => page.locator('.log-row').nth(-6).click({ button: 'right' }) },
  { name: 'logs-keys', route: '/logs', act: (page) => page.locator('.log-pane [role=log]').press('?') },
  { name: 'logs-reader', route: '/logs?project=shop', act: async (page) => {
    await page.locator('.log-pane [role=log]').press('r')
    await page.locator('.reader li[tabindex="0"]').focus()
  } },
  { name: 'logs-saved', route: '/logs?with=db', act: async (page) => { await page.locator('.filter [aria-haspopup=menu]').last().click() } },
  { name: 'logs-saved-manage', route: '/logs?level=error', act: async (page) => {
    await page.locator('.filter [aria-haspopup=menu]').last().click()
    await page.locator('[role=menuitem]').last().click()
  } },
  { name: 'logs-jump', route: '/logs', act: (page) => page.locator('.log-pane [role=log]').press(':') },
  { name: 'logs-filter-none', route: '/logs?with=nothing-like-it' },
  { name: 'logs-menu', route: '/logs', act: (page) => page.click('.log-pane [aria-haspopup=menu]:last-of-type') },
  { name: 'logs-empty', route: '/logs', scenario: 'first' },
]
