/** Pictures of the virtual machine's other states: what it loses, what it lacks, what it is refused. @typedef {import('playwright-core').Page} Page */

const card = (/** @type {Page} */ page) => page.locator('article').first()

/** The disk's dialog with a size typed. */
async function grow(/** @type {Page} */ page, /** @type {string} */ size) {
  await page.click('[data-act=grow-disk]')
  await page.locator('[role=dialog] input').fill(size)
}

/** The reset's dialog with what it takes, and the engine's name as far as it was typed. */
async function reset(/** @type {Page} */ page, /** @type {(name: string) => string} */ typed) {
  const name = (await card(page).getAttribute('aria-label')) ?? ''
  await card(page).locator('[data-act=reset]').click()
  await page.locator('[role=dialog] dl').waitFor()
  await page.locator('[data-field=confirm]').fill(typed(name))
}

/** A run that asks for a folder the machine does not see, refused. */
async function refuse(/** @type {Page} */ page, /** @type {string} */ path) {
  await page.keyboard.press('r')
  await page.locator('.run textarea').fill(`docker run -d --name site -v ${path}:/usr/share/nginx/html:ro nginx:1.27`)
  await page.waitForTimeout(400)
  await page.keyboard.press('Control+Enter')
  await page.locator('.run .n-error').waitFor()
}
const offer = (/** @type {string} */ path) => (/** @type {Page} */ page) => refuse(page, path).then(() => page.click('[data-act=share-folder]'))

/** @type {readonly import('./list.mjs').Shot[]} */
export const MACHINE_SHOTS = [
  { name: 'engines-vm-below', route: '/engines', scenario: 'vm', act: (page) => page.locator('[data-act=reset]').first().scrollIntoViewIfNeeded() },
  { name: 'engines-vm-napping', route: '/engines', scenario: 'vm-napping' },
  { name: 'engines-vm-full', route: '/engines', scenario: 'vm-full' },
  { name: 'engines-vm-damaged', route: '/engines', scenario: 'vm-damaged' },
  { name: 'engines-vm-repair', route: '/engines', scenario: 'vm-damaged', act: (page) => page.click('[data-act=repair]') },
  { name: 'engines-vm-reset', route: '/engines', scenario: 'vm', act: (page) => reset(page, (name) => name) },
  { name: 'engines-vm-reset-unknown', route: '/engines', scenario: 'vm-damaged', act: (page) => reset(page, (name) => name.slice(0, 4)) },
  { name: 'engines-vm-grow', route: '/engines', scenario: 'vm', act: (page) => page.click('[data-act=grow-disk]') },
  { name: 'engines-vm-grow-small', route: '/engines', scenario: 'vm', act: (page) => grow(page, '12') },
  { name: 'engines-vm-grow-words', route: '/engines', scenario: 'vm', act: (page) => grow(page, '80 GB') },
  { name: 'engines-vm-grow-tight', route: '/engines', scenario: 'vm', act: (page) => grow(page, '500') },
  { name: 'vm-ports', route: '/containers', scenario: 'vm' },
  { name: 'vm-port', route: '/containers', scenario: 'vm', act: async (page) => {
    await page.click('[data-key]:has(.name:text-is("web")) .name')
    await page.locator('main [role=tab][id$="trigger-ports"]').click()
  } },
  { name: 'vm-refused', route: '/containers', scenario: 'vm', act: (page) => refuse(page, '/srv/site') },
  { name: 'vm-share', route: '/containers', scenario: 'vm', act: offer('/srv/site') },
  { name: 'vm-share-file', route: '/containers', scenario: 'vm', act: offer('/srv/conf/nginx/default.conf') },
  { name: 'vm-share-listed', route: '/containers', scenario: 'vm', act: offer('/home/mina/site') },
  { name: 'vm-share-missing', route: '/containers', scenario: 'vm', act: offer('/srv/missing') },
  { name: 'vm-share-root', route: '/containers', scenario: 'vm', act: offer('/') },
  { name: 'vm-refused-activity', route: '/activity', scenario: 'vm', act: (page) => page.click('[data-key=op-refused]') },
]
