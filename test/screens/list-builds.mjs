/** Pictures of Builds. */
const scenario = 'builds'
const panel = (/** @type {string} */ folder, /** @type {((page: import('playwright-core').Page) => Promise<void>) | undefined} */ act = undefined) => async (/** @type {import('playwright-core').Page} */ page) => {
  await page.click('[data-act=build]')
  await page.fill('[data-build-folder]', folder)
  await page.press('[data-build-folder]', 'Enter')
  await page.waitForTimeout(700)
  await act?.(page)
}

/** @type {readonly import('./list.mjs').Shot[]} */
export const BUILD_SHOTS = [
  { name: 'builds', route: '/builds', scenario },
  { name: 'builds-empty', route: '/builds', scenario: 'quiet' },
  { name: 'builds-filtered', route: '/builds', scenario, act: (page) => page.fill('main input[data-search]', 'zzz') },
  { name: 'builds-menu', route: '/builds', scenario, act: (page) => page.click('.n-table-row:has-text("reports")', { button: 'right' }) },
  { name: 'builds-running', route: '/builds/build-0', scenario },
  { name: 'builds-done', route: '/builds/build-1', scenario, act: (page) => page.click('main [role=tab]:last-of-type') },
  { name: 'builds-warnings', route: '/builds/build-1', scenario, act: (page) => page.click('main [role=tab]:nth-of-type(3)') },
  { name: 'builds-failed', route: '/builds/build-2', scenario },
  { name: 'builds-gone', route: '/builds/build-77', scenario },
  { name: 'builds-cache', route: '/builds?tab=cache', scenario },
  { name: 'builds-cache-empty', route: '/builds?tab=cache', scenario: 'quiet' },
  { name: 'builds-cache-none', route: '/builds?tab=cache', scenario: 'builds-podman' },
  { name: 'builds-form-blank', route: '/builds', scenario, act: (page) => page.click('[data-act=build]') },
  { name: 'builds-form', route: '/builds', scenario, act: panel('/home/mina/work/shop/api') },
  { name: 'builds-form-browse', route: '/builds', scenario, act: panel('/home/mina/work/shop/api', (page) => page.click('.folder .line button')) },
  {
    name: 'builds-form-wrong', route: '/builds', scenario,
    act: panel('/srv/broken', async (page) => {
      await page.locator('.run input[placeholder="team/app:1.0"]').fill('Shop/API')
      await page.locator('.run input[placeholder="linux/amd64"]').fill('amd64')
      await page.locator('.run .add').last().click()
    }),
  },
  { name: 'builds-form-nowhere', route: '/builds', scenario, act: panel('/nowhere') },
  { name: 'builds-form-classic', route: '/builds', scenario: 'builds-podman', act: panel('/home/mina/work/shop/api') },
  { name: 'builds-remove', route: '/builds', scenario, act: async (page) => {
    await page.click('.n-table-row:has-text("reports") [role=checkbox]')
    await page.click('.n-table-row:has-text("docs") [role=checkbox]')
    await page.locator('.n-table-row:has-text("docs")').focus()
    await page.keyboard.press('Delete')
  } },
  { name: 'builds-overview', route: '/overview', scenario },
  { name: 'builds-no-engine', route: '/builds', scenario: 'none' },
]
