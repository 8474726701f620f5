/** Pictures of registries. @type {readonly import('./list.mjs').Shot[]} */
const dialogField = (n) => `[role=dialog] input >> nth=${n}`
const loginAt = (registry) => async (page) => {
  await page.click('[data-act=login]')
  await page.fill(dialogField(0), registry)
  await page.fill(dialogField(1), 'ada')
  await page.fill(dialogField(2), 'wrong')
  await page.click('[role=dialog] [type=submit]')
  await page.waitForSelector('[role=dialog] [role=alert]')
}
const pushOf = (tag, act) => async (page) => {
  await page.click(`.n-table-row:has-text("${tag}")`, { button: 'right' })
  await page.click('[role=menuitem]:has-text("Push…"), [role=menuitem]:has-text("푸시…")')
  await page.waitForSelector('[role=dialog] input')
  await act?.(page)
}

export const REGISTRY_SHOTS = [
  { name: 'registries-none', route: '/settings/registries', scenario: 'quiet' },
  { name: 'registries', route: '/settings/registries', scenario: 'registries' },
  {
    name: 'registries-tested', route: '/settings/registries', scenario: 'registries',
    act: async (page) => {
      for (const n of [0, 3]) await page.locator('main li').nth(n).locator('button').first().click()
      await page.waitForSelector('main li [role=alert]')
    },
  },
  { name: 'registries-login', route: '/settings/registries', scenario: 'quiet', act: (page) => page.click('[data-act=login]') },
  { name: 'registries-wrong', route: '/settings/registries', scenario: 'registries', act: loginAt('ghcr.io') },
  { name: 'registries-realm', route: '/settings/registries', scenario: 'registries', act: loginAt('registry.partner.example') },
  { name: 'push', route: '/images', scenario: 'registries', act: pushOf('shop/api') },
  { name: 'push-bare', route: '/images', scenario: 'registries', act: pushOf('nginx') },
  { name: 'push-running', route: '/images', scenario: 'pushes', act: pushOf('shop/api') },
  { name: 'push-failed', route: '/images', scenario: 'pushes' },
]
