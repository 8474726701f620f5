/** Pictures of what Naru warns of, what it keeps hidden, and what it lost. @typedef {import('playwright-core').Page} Page */

const rowOf = (/** @type {string} */ name) => `[data-key]:has(.name:text-is("${name}"))`
const openTab = async (/** @type {Page} */ page, /** @type {string} */ name, /** @type {string} */ tab) => {
  await page.click(`${rowOf(name)} .name`)
  await page.locator(`main [role=tab][id$="trigger-${tab}"]`).click()
}

/** The run panel, filled from a container that has secrets. */
async function runLike(/** @type {Page} */ page) {
  await openTab(page, 'draft', 'ports')
  await page.locator('main .acts button').filter({ hasText: '8001' }).click()
  await page.locator('.run [data-line=covered]').waitFor()
}

/** The terminal with a link of the program's own under the pointer. */
async function overLink(/** @type {Page} */ page) {
  await openTab(page, 'web', 'terminal')
  await page.click('main form button[type=submit]')
  const line = page.locator('[data-terminal] .xterm-rows').getByText('release notes')
  await line.waitFor()
  const box = await line.boundingBox()
  // The link is the second half of its line's first words.
  await page.mouse.move((box?.x ?? 0) + 12, (box?.y ?? 0) + 8)
  await page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + 8)
  await page.waitForTimeout(200)
}
async function askLink(/** @type {Page} */ page) {
  await overLink(page)
  await page.mouse.down()
  await page.mouse.up()
  await page.locator('[role=dialog]').waitFor()
}

/** The engine room goes, and stays away. */
async function lose(/** @type {Page} */ page) {
  await page.evaluate(() => globalThis.__naruLose())
  await page.clock.runFor(1_500).catch(() => undefined)
  await page.waitForTimeout(1_500)
}
const below = (/** @type {Page} */ page) => page.locator('main li').last().scrollIntoViewIfNeeded()

/** @type {readonly import('./list.mjs').Shot[]} */
export const SAFETY_SHOTS = [
  { name: 'diagnostics-below', route: '/engines/check', act: below },
  { name: 'diagnostics-fine', route: '/engines/check', scenario: 'fine', act: below },
  { name: 'reach', route: '/containers', scenario: 'quiet', act: (page) => openTab(page, 'registry', 'overview') },
  { name: 'reach-vm', route: '/containers', scenario: 'vm', act: (page) => openTab(page, 'registry', 'overview') },
  { name: 'run-like', route: '/containers', scenario: 'quiet', act: runLike },
  { name: 'run-like-shown', route: '/containers', scenario: 'quiet', act: (page) => runLike(page).then(() => page.click('[data-act=uncover]')) },
  { name: 'builds-retype', route: '/builds', scenario: 'builds', act: async (page) => {
    await page.locator('.n-table-row:has-text("shop/worker")').hover()
    await page.locator('.n-table-row:has-text("shop/worker") button').last().click()
    await page.locator('[role=menuitem]').filter({ hasText: /Build again|다시 빌드/ }).click()
    await page.locator('[data-note=retype]').waitFor()
  } },
  { name: 'builds-secret', route: '/builds/build-3', scenario: 'builds', act: (page) => page.click('main [role=tab]:last-of-type') },
  { name: 'activity-secret', route: '/activity', scenario: 'secrets', act: (page) => page.click('[data-key=op-secret]') },
  { name: 'activity-secret-text', route: '/activity', scenario: 'secrets', act: (page) => page.click('[data-key=op-words]') },
  { name: 'terminal-link', route: '/containers', scenario: 'quiet', act: overLink },
  { name: 'terminal-link-ask', route: '/containers', scenario: 'quiet', act: askLink },
  { name: 'lost', route: '/containers', act: lose },
  { name: 'lost-logs', route: '/logs', act: lose },
  { name: 'exited', route: '/overview', scenario: 'exited' },
  { name: 'exited-containers', route: '/containers', scenario: 'exited' },
  { name: 'exited-engines', route: '/engines', scenario: 'exited' },
  { name: 'exited-logs', route: '/logs', scenario: 'exited' },
  { name: 'healing', route: '/containers', scenario: 'healing' },
  { name: 'log-dropped', route: '/logs', scenario: 'log-dropped', act: (page) => page.locator('.log-pane [role=log]').press('Home') },
  { name: 'log-ended', route: '/logs', scenario: 'log-ended' },
  { name: 'log-reconnecting', route: '/logs', scenario: 'log-reconnecting' },
  { name: 'log-failed', route: '/logs', scenario: 'log-failed' },
  { name: 'log-quiet', route: '/logs', scenario: 'log-quiet' },
  { name: 'registries-realms', route: '/settings/registries', scenario: 'registries', act: (page) => page.locator('main section').last().scrollIntoViewIfNeeded() },
]
