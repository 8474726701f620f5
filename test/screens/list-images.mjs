/** Pictures of Images and Hub. @type {readonly import('./list.mjs').Shot[]} */
const byTag = (tag) => `.n-table-row:has-text("${tag}")`
const search = (text) => async (page) => {
  await page.fill('main input[data-search]', text)
  await page.waitForTimeout(600)
}
const choose = (text, act) => async (page) => {
  await search(text)(page)
  await page.click('[role=option]')
  await page.waitForTimeout(300)
  await act?.(page)
}
const openImage = (tag, act) => async (page) => {
  await page.click(byTag(tag), { position: { x: 70, y: 16 } })
  await page.waitForSelector('[role=tab]')
  await page.waitForTimeout(250)
  await act?.(page)
}
const removeOf = (tag) => async (page) => {
  await page.click(byTag(tag), { button: 'right' })
  await page.click('[role=menuitem]:last-child')
}
const tick = (tags) => async (page) => {
  for (const tag of tags) await page.click(`${byTag(tag)} [role=checkbox]`)
  await page.locator(byTag(tags.at(-1))).focus()
}

export const IMAGE_SHOTS = [
  { name: 'images', route: '/images', scenario: 'quiet' },
  { name: 'images-two', route: '/images', scenario: 'quiet', act: tick(['shop/api', 'shop/worker']) },
  { name: 'images-pulling', route: '/images', scenario: 'pulls' },
  { name: 'images-filtered', route: '/images', scenario: 'quiet', act: (page) => page.fill('main input[data-search]', 'is:dangling ') },
  { name: 'images-nothing', route: '/images', scenario: 'quiet', act: (page) => page.fill('main input[data-search]', 'zzz') },
  { name: 'images-menu', route: '/images', scenario: 'quiet', act: (page) => page.click(byTag('nginx'), { button: 'right' }) },
  { name: 'images-remove-tags', route: '/images', scenario: 'quiet', act: removeOf('nginx') },
  { name: 'images-remove-used', route: '/images', scenario: 'quiet', act: removeOf('postgres') },
  { name: 'images-remove-stopped', route: '/images', scenario: 'quiet', act: removeOf('shop/worker') },
  { name: 'images-remove-free', route: '/images', scenario: 'quiet', act: removeOf('python') },
  {
    name: 'images-remove-many', route: '/images', scenario: 'quiet',
    act: async (page) => {
      await tick(['nginx', 'shop/worker', 'alpine', 'postgres'])(page)
      await page.waitForTimeout(100)
      await page.keyboard.press('Delete')
    },
  },
  {
    name: 'images-pull', route: '/images', scenario: 'pulls',
    act: async (page) => {
      await page.click('[data-act=pull]')
      await page.fill('[data-pull-reference]', 'localhost:5000/team/app')
    },
  },
  {
    name: 'images-pull-wrong', route: '/images', scenario: 'quiet',
    act: async (page) => {
      await page.click('[data-act=pull]')
      await page.fill('[data-pull-reference]', 'Nginx:1.27')
    },
  },
  { name: 'images-empty', route: '/images', scenario: 'first' },
  { name: 'images-loading', route: '/images', scenario: 'loading' },
  { name: 'images-unreachable', route: '/images', scenario: 'unreachable' },
  { name: 'image', route: '/images', scenario: 'quiet', act: openImage('shop/api', (page) => page.waitForTimeout(200)) },
  { name: 'image-unused', route: '/images', scenario: 'quiet', act: openImage('python') },
  { name: 'image-facts', route: '/images', scenario: 'quiet', act: openImage('nginx', (page) => page.click('[role=tab]:nth-of-type(2)')) },
  { name: 'image-inspect', route: '/images', scenario: 'quiet', act: openImage('nginx', (page) => page.click('[role=tab]:nth-of-type(3)')) },
  { name: 'image-setting', route: '/images', scenario: 'quiet', act: openImage('shop/api', (page) => page.click('[data-layer="2"]')) },
  { name: 'image-base', route: '/images', scenario: 'quiet', act: openImage('shop/api', (page) => page.click('[data-layer="0"]')) },
  { name: 'compare', route: '/images', scenario: 'quiet', act: (page) => tick(['shop/api', 'shop/worker'])(page).then(() => page.click('header a:has-text("Compare"), header a:has-text("비교")')).then(() => page.waitForTimeout(300)) },
  { name: 'compare-apart', route: '/images', scenario: 'quiet', act: (page) => tick(['shop/api', 'postgres'])(page).then(() => page.click('header a:has-text("Compare"), header a:has-text("비교")')).then(() => page.waitForTimeout(300)) },
  { name: 'compare-on', route: '/images', scenario: 'quiet', act: (page) => tick(['alpine', 'shop/worker'])(page).then(() => page.click('header a:has-text("Compare"), header a:has-text("비교")')).then(() => page.waitForTimeout(300)) },
  { name: 'compare-choose', route: '/images', scenario: 'quiet', act: openImage('shop/api', (page) => page.click('[data-act=compare]')) },
  { name: 'image-gone', route: '/images/sha256:0000' },
  { name: 'hub', route: '/hub', scenario: 'quiet' },
  { name: 'hub-results', route: '/hub', scenario: 'quiet', act: search('nginx') },
  { name: 'hub-tags', route: '/hub', scenario: 'quiet', act: choose('nginx') },
  { name: 'hub-tags-grouped', route: '/hub', scenario: 'quiet', act: choose('nginx', (page) => page.click('.tags .tools button[aria-pressed]')) },
  { name: 'hub-tags-filling', route: '/hub', scenario: 'hub-filling', act: choose('nginx') },
  { name: 'hub-tags-limited', route: '/hub', scenario: 'hub-limited-later', act: choose('nginx') },
  { name: 'hub-pulls', route: '/hub', scenario: 'pulls', act: choose('nginx') },
  { name: 'hub-one-pull', route: '/hub', act: choose('nginx') },
  { name: 'hub-tag-filter', route: '/hub', scenario: 'quiet', act: choose('nginx', (page) => page.fill('.tags input[data-search]', 'nothing-like-this').then(() => page.waitForTimeout(400))) },
  { name: 'hub-reference', route: '/hub', scenario: 'quiet', act: search('ghcr.io/example/team/app') },
  { name: 'hub-tagged', route: '/hub', scenario: 'quiet', act: search('nginx:1.27') },
  { name: 'hub-engine', route: '/hub', scenario: 'hub-engine', act: search('nginx') },
  { name: 'hub-nothing', route: '/hub', scenario: 'hub-nothing', act: search('qwertzuiop') },
  { name: 'hub-offline', route: '/hub', scenario: 'offline', act: search('nginx') },
  { name: 'hub-unreachable', route: '/hub', scenario: 'hub-unreachable', act: search('nginx') },
  { name: 'hub-proxy', route: '/hub', scenario: 'hub-proxy', act: search('nginx') },
  { name: 'hub-limited', route: '/hub', scenario: 'hub-limited', act: search('nginx') },
  { name: 'hub-no-engine', route: '/hub', scenario: 'none', act: choose('nginx') },
]
