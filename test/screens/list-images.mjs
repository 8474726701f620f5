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

const menuOf = (tag, item) => async (page) => {
  await page.click(byTag(tag), { button: 'right' })
  await page.click(`[role=menuitem]:has-text("${item[0]}"), [role=menuitem]:has-text("${item[1]}")`)
  await page.waitForTimeout(200)
}
const more = (at, act) => async (page) => {
  await page.locator('.n-page-header [aria-haspopup=menu]').last().click()
  await page.locator('[role=menuitem]').nth(at).click()
  await page.waitForTimeout(400)
  await act?.(page)
}
const field = (n) => `[role=dialog] input:not([type=file]) >> nth=${n}`
const segment = (n) => `[role=dialog] .n-segmented button >> nth=${n}`

const TIDY_SHOTS = [
  { name: 'tidy-more', route: '/images', scenario: 'quiet', act: (page) => page.locator('.n-page-header [aria-haspopup=menu]').last().click() },
  { name: 'tidy-more-podman', route: '/images', scenario: 'podman', act: (page) => page.locator('.n-page-header [aria-haspopup=menu]').last().click() },
  { name: 'tidy-tag', route: '/images', scenario: 'quiet', act: (page) => menuOf('shop/api', ['Tag…', '태그 달기…'])(page).then(() => page.fill(field(0), 'nginx:1.27')) },
  { name: 'tidy-tag-wrong', route: '/images', scenario: 'quiet', act: (page) => menuOf('shop/api', ['Tag…', '태그 달기…'])(page).then(() => page.fill(field(0), 'shop/API:2')) },
  { name: 'tidy-save', route: '/images', scenario: 'quiet', act: menuOf('shop/api', ['Save to a file…', '파일로 저장…']) },
  { name: 'tidy-save-many', route: '/images', scenario: 'quiet', act: (page) => tick(['nginx', 'postgres', 'alpine'])(page).then(() => page.click('.n-page-header .save')).then(() => page.click(segment(1))) },
  { name: 'tidy-load', route: '/images', scenario: 'quiet', act: more(0, (page) => page.setInputFiles('input[type=file]', ['package.json', 'README.md'])) },
  { name: 'tidy-load-path', route: '/images', scenario: 'quiet', act: more(0, (page) => page.click(segment(1)).then(() => page.fill(field(0), '~/images/shop.tar'))) },
  {
    name: 'tidy-import', route: '/images', scenario: 'quiet',
    act: more(1, async (page) => {
      await page.setInputFiles('input[type=file]', 'README.md')
      await page.fill(field(0), 'shop/base:1')
      await page.fill('[role=dialog] textarea', 'CMD ["/bin/sh"]\nRUN rm -rf /')
    }),
  },
  { name: 'tidy-archives', route: '/images', scenario: 'archives' },
  { name: 'tidy-prune', route: '/images', scenario: 'quiet', act: more(3) },
  {
    name: 'tidy-prune-all', route: '/images', scenario: 'quiet',
    act: more(3, async (page) => {
      await page.click(segment(1))
      await page.waitForTimeout(300)
      await page.click('[role=dialog] li >> nth=1 >> [role=checkbox]')
    }),
  },
  { name: 'tidy-prune-error', route: '/images', scenario: 'archives', act: more(3) },
  { name: 'tidy-pruned', route: '/images', scenario: 'pruned', act: more(3, (page) => page.click('[role=dialog] button[type=submit]')) },
  { name: 'tidy-updates', route: '/images', scenario: 'quiet', act: more(2) },
  { name: 'tidy-update', route: '/images', scenario: 'quiet', act: more(2, (page) => page.click('.newer >> nth=0')) },
  { name: 'image-history', route: '/images', scenario: 'quiet', act: openImage('shop/api', (page) => page.click('[role=tab]:nth-of-type(2)')) },
  { name: 'image-inspect-json', route: '/images', scenario: 'quiet', act: openImage('nginx', (page) => page.click('[role=tab]:nth-of-type(4)').then(() => page.click('.n-segmented button >> nth=1'))) },
  { name: 'image-inspect-search', route: '/images', scenario: 'quiet', act: openImage('nginx', (page) => page.click('[role=tab]:nth-of-type(4)').then(() => page.fill('[role=tabpanel] input[data-search]', 'node'))) },
  {
    name: 'containers-export', route: '/containers', scenario: 'quiet',
    act: async (page) => {
      await page.click('[data-key]:has(.name:text-is("db"))', { button: 'right' })
      await page.click('[role=menuitem]:has-text("Export files"), [role=menuitem]:has-text("파일 내보내기")')
    },
  },
]

export const IMAGE_SHOTS = [
  ...TIDY_SHOTS,
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
  { name: 'image', route: '/images', scenario: 'layers', act: openImage('shop/api', (page) => page.click('[data-layer="7"]').then(() => page.click('[role=treeitem]:has-text("app")')).then(() => page.keyboard.press('ArrowRight')).then(() => page.waitForTimeout(200))) },
  { name: 'image-file', route: '/images', scenario: 'layers', act: openImage('shop/api', (page) => page.fill('.contents input[data-search]', 'lock').then(() => page.waitForTimeout(300)).then(() => page.click('[role=treeitem]:has-text("package-lock")'))) },
  { name: 'image-waste', route: '/images', scenario: 'layers', act: openImage('shop/api', (page) => page.click('.contents .toggle').then(() => page.click('.contents ul button:has-text("npm-cache")')).then(() => page.waitForTimeout(300))) },
  { name: 'image-text', route: '/images', scenario: 'layers', act: openImage('shop/api', (page) => page.fill('.contents input[data-search]', 'lock').then(() => page.waitForTimeout(300)).then(() => page.dblclick('[role=treeitem]:has-text("package-lock")')).then(() => page.waitForTimeout(300))) },
  { name: 'image-hex', route: '/images', scenario: 'layers', act: openImage('shop/api', (page) => page.fill('.contents input[data-search]', 'bin/node').then(() => page.waitForTimeout(300)).then(() => page.dblclick('[role=treeitem]:has(.name:text-is("node"))')).then(() => page.waitForTimeout(300))) },
  { name: 'image-nothing', route: '/images', scenario: 'layers', act: openImage('shop/api', (page) => page.fill('.contents input[data-search]', 'zzz').then(() => page.waitForTimeout(300))) },
  { name: 'image-reading', route: '/images', scenario: 'layers-running', act: openImage('shop/api') },
  { name: 'image-unread', route: '/images', scenario: 'layers-failed', act: openImage('shop/api') },
  { name: 'image-large', route: '/images', scenario: 'quiet', act: openImage('postgres') },
  { name: 'image-unused', route: '/images', scenario: 'quiet', act: openImage('python') },
  { name: 'image-facts', route: '/images', scenario: 'quiet', act: openImage('nginx', (page) => page.click('[role=tab]:nth-of-type(3)')) },
  { name: 'image-inspect', route: '/images', scenario: 'quiet', act: openImage('nginx', (page) => page.click('[role=tab]:nth-of-type(4)')) },
  { name: 'image-setting', route: '/images', scenario: 'layers', act: openImage('shop/api', (page) => page.click('[data-layer="2"]')) },
  { name: 'image-base', route: '/images', scenario: 'layers', act: openImage('shop/api', (page) => page.click('[data-layer="0"]')) },
  { name: 'compare', route: '/images', scenario: 'quiet', act: (page) => tick(['shop/api', 'shop/worker'])(page).then(() => page.click('header a:has-text("Compare"), header a:has-text("비교")')).then(() => page.waitForTimeout(300)) },
  { name: 'compare-files', route: '/images', scenario: 'layers', act: (page) => tick(['shop/api', 'shop/worker'])(page).then(() => page.click('header a:has-text("Compare"), header a:has-text("비교")')).then(() => page.locator('[role=tab]').nth(1).click()).then(() => page.waitForTimeout(400)) },
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
