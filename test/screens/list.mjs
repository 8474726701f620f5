import { BUILD_SHOTS } from './list-builds.mjs'
import { IMAGE_SHOTS } from './list-images.mjs'
import { LOG_SHOTS } from './list-logs.mjs'
import { MACHINE_SHOTS } from './list-machine.mjs'
import { REGISTRY_SHOTS } from './list-registries.mjs'
import { SAFETY_SHOTS } from './list-safety.mjs'

/**
 * Every picture `npm run screens` takes: name, route, scenario, and what is done before the shutter (a Playwright page).
 * @typedef {{ name: string, route: string, scenario?: string, act?: (page: import('playwright-core').Page) => Promise<void> }} Shot
 */

/** @typedef {import('playwright-core').Page} Page */

const rowOf = (/** @type {string} */ name) => `[data-key]:has(.name:text-is("${name}"))`

/** Opens a container's details at one of its tabs. */
async function openTab(/** @type {Page} */ page, /** @type {string} */ name, /** @type {string} */ tab) {
  // Not its middle: where the window is narrow there is a link.
  await page.click(`${rowOf(name)} .name`)
  await page.locator(`main [role=tab][id$="trigger-${tab}"]`).click()
}

/** Opens the charts of a container. */
async function openStats(/** @type {Page} */ page, /** @type {string} */ name) {
  await openTab(page, name, 'stats')
  await page.locator('.stat-plot canvas').first().waitFor()
}

/** Opens a terminal in a container; the keyboard is in it. */
async function openTerminal(/** @type {Page} */ page) {
  await openTab(page, 'web', 'terminal')
  await page.click('main form button[type=submit]')
  await page.locator('[data-terminal] .xterm-rows').getByText('worker_connections').waitFor()
}

/** Attaches to a container's main process. */
async function attach(/** @type {Page} */ page) {
  await openTab(page, 'web', 'terminal')
  await page.click('main section.attach button')
  await page.locator('[data-terminal] .xterm-rows').getByText('worker_connections').waitFor()
}

/** Ticks rows and leaves the focus on the last. */
async function tick(/** @type {Page} */ page, /** @type {readonly string[]} */ names) {
  for (const name of names) await page.click(`${rowOf(name)} [role=checkbox]`)
  await page.locator(rowOf(names.at(-1) ?? '')).focus()
}

/** The run panel with something in every part of it; with everything wrong that can be. */
async function fillRun(/** @type {Page} */ page, wrong = false) {
  await page.keyboard.press('r')
  const panel = page.locator('.run')
  await panel.waitFor()
  const inputs = panel.locator('.fields input')
  await inputs.nth(0).fill(wrong ? 'ghcr.io/example/missing:2' : 'shop/api:2.3')
  await inputs.nth(1).fill(wrong ? 'web' : 'api-2')
  await page.waitForTimeout(500)
  const add = panel.locator('.add')
  await add.nth(0).click()
  await panel.locator('.group').nth(0).locator('.item').last().locator('input').nth(1).fill('8080')
  await add.nth(1).click()
  const env = panel.locator('.group').nth(1).locator('input')
  await env.nth(0).fill(wrong ? 'A=B' : 'NODE_ENV')
  await env.nth(1).fill('production')
  await add.nth(2).click()
  const volume = panel.locator('.group').nth(2).locator('input')
  await volume.nth(0).fill(wrong ? './data' : 'shop_data')
  await volume.nth(1).fill('/data')
  await page.waitForTimeout(400)
}

const RISKY = [
  'docker run -d --name gate -p 8080:80 -p 127.0.0.1:8443:443 \\',
  '  --privileged -m 64g --cpus 1.5 --ulimit nofile=1024:2048 --cap-add SYS_ADMIN \\',
  '  -v /var/run/docker.sock:/var/run/docker.sock:ro -v /srv/missing:/data:z \\',
  '  --network front --network-alias web --health-cmd "curl -f localhost" --health-interval 30s \\',
  '  --label team=shop --log-opt max-size=10m nginx:1.27',
].join('\n')

/** The run panel with a pasted line. */
async function pasteRun(/** @type {Page} */ page, text = RISKY) {
  await page.keyboard.press('r')
  await page.locator('.run textarea').fill(text)
  await page.waitForTimeout(700)
}

/** The same with groups of other settings unfolded. */
async function unfoldRun(/** @type {Page} */ page, /** @type {readonly number[]} */ groups) {
  await pasteRun(page)
  for (const group of groups) await page.locator('.run summary').nth(group).click()
  await page.locator('.run summary').nth(groups[0] ?? 0).scrollIntoViewIfNeeded()
  await page.locator('.run .fields').evaluate((fields, index) => {
    const summary = fields.querySelectorAll('summary')[index]
    fields.scrollTop = (summary?.getBoundingClientRect().top ?? 0) - fields.getBoundingClientRect().top + fields.scrollTop - 12
  }, groups[0] ?? 0)
  await page.waitForTimeout(300)
}

/** @type {readonly Shot[]} */
export const SHOTS = [
  { name: 'overview', route: '/overview' },
  { name: 'overview-first', route: '/overview', scenario: 'first' },
  { name: 'overview-loading', route: '/overview', scenario: 'loading' },
  { name: 'overview-starting', route: '/overview', scenario: 'starting' },
  { name: 'overview-unreachable', route: '/overview', scenario: 'unreachable' },
  { name: 'overview-stopped', route: '/overview', scenario: 'stopped' },
  { name: 'overview-none', route: '/overview', scenario: 'none' },
  { name: 'overview-root', route: '/overview', scenario: 'root' },
  { name: 'overview-rootless', route: '/overview', scenario: 'rootless-first' },
  { name: 'overview-nothing', route: '/overview', scenario: 'vm-missing' },
  { name: 'engines-root', route: '/engines', scenario: 'root' },
  { name: 'engines-rootless', route: '/engines', scenario: 'rootless' },
  { name: 'rootless-menu', route: '/containers', scenario: 'rootless', act: (page) => page.click(rowOf('web'), { button: 'right' }) },
  { name: 'rootless-address', route: '/containers', scenario: 'rootless', act: (page) => openTab(page, 'web', 'overview') },
  { name: 'rootless-run', route: '/containers', scenario: 'rootless', act: (page) => unfoldRun(page, [3]) },
  { name: 'engines', route: '/engines' },
  { name: 'engines-failed', route: '/engines', scenario: 'failed' },
  { name: 'engines-starting', route: '/engines', scenario: 'starting' },
  { name: 'engines-vm', route: '/engines', scenario: 'vm' },
  { name: 'engines-vm-starting', route: '/engines', scenario: 'vm-starting' },
  { name: 'engines-vm-failed', route: '/engines', scenario: 'vm-failed' },
  { name: 'engines-vm-missing', route: '/engines', scenario: 'vm-missing' },
  ...MACHINE_SHOTS,
  { name: 'engines-vm-settings', route: '/engines', scenario: 'vm', act: (page) => page.click('[data-act=machine-settings]') },
  { name: 'engines-stop', route: '/engines', act: (page) => page.click('[data-act=stop]') },
  { name: 'diagnostics', route: '/engines/check' },
  {
    name: 'diagnostics-support', route: '/engines/check',
    act: async (page) => {
      await page.click('[data-act=support]')
      await page.click('[data-file="dockerd.log"]')
    },
  },
  { name: 'diagnostics-running', route: '/engines/check', scenario: 'starting' },
  { name: 'diagnostics-vm', route: '/engines/check', scenario: 'vm' },
  { name: 'engines-add', route: '/engines', act: (page) => page.click('[data-act=add]') },
  { name: 'settings', route: '/settings' },
  ...['newer', 'looked', 'unlooked'].map((scenario) => ({ name: `settings-${scenario}`, route: '/settings', scenario, act: (page) => page.locator('main .card').last().scrollIntoViewIfNeeded() })),
  { name: 'activity', route: '/activity' },
  { name: 'activity-events', route: '/activity', act: (page) => page.click('[role=tab]:nth-of-type(2)') },
  { name: 'activity-error', route: '/activity', act: (page) => page.click('[data-key=op-3]') },
  { name: 'activity-progress', route: '/activity', act: (page) => page.click('[data-key=op-2]') },
  { name: 'activity-empty', route: '/activity', scenario: 'first' },
  { name: 'palette', route: '/overview', act: (page) => page.keyboard.press('Control+k') },
  { name: 'containers', route: '/containers' },
  { name: 'containers-detail', route: '/containers', act: (page) => page.click(rowOf('api')) },
  { name: 'containers-exited', route: '/containers', act: (page) => page.click(rowOf('worker')) },
  { name: 'containers-overview', route: '/containers', act: (page) => openTab(page, 'worker', 'overview') },
  { name: 'containers-why-failed', route: '/containers', act: (page) => openTab(page, 'migrate', 'overview') },
  { name: 'containers-why-loop', route: '/containers', act: (page) => page.click('[data-key]:has(.name:text-matches("analytics"))').then(() => page.locator('main [role=tab][id$="trigger-overview"]').click()) },
  { name: 'containers-why-refused', route: '/containers', act: (page) => openTab(page, 'draft', 'overview') },
  { name: 'containers-why-unhealthy', route: '/containers', act: (page) => openTab(page, 'mailer', 'overview') },
  { name: 'containers-why-strip', route: '/containers', act: (page) => openTab(page, 'migrate', 'logs') },
  { name: 'containers-terminal-new', route: '/containers', act: (page) => openTab(page, 'web', 'terminal') },
  { name: 'containers-terminal-none', route: '/containers', act: (page) => openTab(page, 'db', 'terminal').then(() => page.click('main details summary')) },
  { name: 'containers-terminal-stopped', route: '/containers', act: (page) => openTab(page, 'worker', 'terminal') },
  { name: 'containers-terminal', route: '/containers', act: openTerminal },
  { name: 'containers-terminal-find', route: '/containers', act: (page) => openTerminal(page).then(() => page.keyboard.press('Control+f')).then(() => page.keyboard.type('nginx')) },
  { name: 'containers-terminal-ended', route: '/containers', act: (page) => openTerminal(page).then(() => page.keyboard.type('q')) },
  { name: 'containers-attached', route: '/containers', act: attach },
  { name: 'containers-detached', route: '/containers', act: (page) => attach(page).then(() => page.locator('main .pane .foot button').click()) },
  { name: 'containers-stats', route: '/containers', act: (page) => openStats(page, 'web') },
  { name: 'containers-stats-tall', route: '/containers', act: (page) => openStats(page, 'web').then(() => page.locator('main .detail .acts > button').nth(-2).click()).then(() => page.locator('.stat-plot canvas').nth(4).waitFor()) },
  { name: 'containers-stats-values', route: '/containers', act: (page) => openStats(page, 'web').then(() => page.locator('[data-act=to-limit]').click()) },
  { name: 'containers-stats-numbers', route: '/containers', act: (page) => openStats(page, 'web').then(() => page.locator('main .detail [role=group] button').last().click()) },
  { name: 'containers-stats-stopped', route: '/containers', act: (page) => openTab(page, 'worker', 'stats') },
  { name: 'containers-stats-blind', route: '/containers', scenario: 'blind', act: (page) => openTab(page, 'web', 'stats') },
  { name: 'containers-files', route: '/containers', act: (page) => openTab(page, 'web', 'files') },
  { name: 'containers-files-stopped', route: '/containers', act: (page) => openTab(page, 'worker', 'files') },
  { name: 'containers-processes', route: '/containers', act: (page) => openTab(page, 'web', 'processes') },
  { name: 'containers-processes-none', route: '/containers', act: (page) => openTab(page, 'worker', 'processes') },
  { name: 'containers-changes', route: '/containers', act: (page) => openTab(page, 'web', 'changes') },
  {
    name: 'containers-commit', route: '/containers', scenario: 'quiet',
    act: async (page) => {
      await openTab(page, 'web', 'changes')
      await page.locator('.tools button').last().click()
      await page.locator('[role=dialog] input').first().fill('shop/api:2.3')
      await page.locator('[role=dialog] textarea').fill('ENV MODE=debug')
    },
  },
  { name: 'containers-health', route: '/containers', act: (page) => openTab(page, 'mailer', 'health') },
  {
    name: 'containers-limits', route: '/containers', scenario: 'quiet',
    act: async (page) => {
      await page.click(rowOf('web'), { button: 'right' })
      await page.locator('[role=menuitem]').filter({ hasText: /Change limits|제한 변경/ }).click()
      await page.locator('[role=dialog] input').first().fill('1g')
      await page.locator('[role=dialog] input').nth(1).fill('')
    },
  },
  { name: 'containers-ports', route: '/containers', act: (page) => openTab(page, 'web', 'ports') },
  { name: 'containers-ports-clash', route: '/containers', act: (page) => openTab(page, 'draft', 'ports') },
  { name: 'containers-env', route: '/containers', act: (page) => openTab(page, 'web', 'environment') },
  { name: 'containers-inspect', route: '/containers', act: (page) => openTab(page, 'web', 'inspect') },
  { name: 'containers-selected', route: '/containers', act: (page) => tick(page, ['web', 'worker', 'db']) },
  { name: 'containers-menu', route: '/containers', act: (page) => page.click(rowOf('db'), { button: 'right' }) },
  { name: 'containers-remove', route: '/containers', act: (page) => tick(page, ['web', 'worker', 'db']).then(() => page.keyboard.press('Delete')) },
  { name: 'containers-empty', route: '/containers', scenario: 'first' },
  { name: 'containers-loading', route: '/containers', scenario: 'loading' },
  { name: 'containers-unreachable', route: '/containers', scenario: 'unreachable' },
  { name: 'containers-none', route: '/containers', scenario: 'none' },
  { name: 'containers-filtered', route: '/containers', act: (page) => page.fill('input[data-search]', 'is:dead ') },
  { name: 'containers-asked', route: '/containers?filter=is:running%20image:nginx' },
  { name: 'containers-many', route: '/containers', scenario: 'many' },
  { name: 'run', route: '/containers', act: (page) => fillRun(page) },
  { name: 'run-line', route: '/containers', act: (page) => pasteRun(page) },
  { name: 'run-line-wrong', route: '/containers', act: (page) => pasteRun(page, '$ docker run -d --name web -p 99999:80 \\\n  -v $PWD:/data --memory "12 potatoes" --pod=shop nginx | tee log') },
  { name: 'run-advanced', route: '/containers', act: (page) => unfoldRun(page, [0, 1]) },
  { name: 'run-limits', route: '/containers', act: (page) => unfoldRun(page, [3, 4, 6]) },
  { name: 'run-problems', route: '/containers', act: (page) => fillRun(page, true) },
  ...IMAGE_SHOTS,
  ...REGISTRY_SHOTS,
  ...BUILD_SHOTS,
  ...LOG_SHOTS,
  ...SAFETY_SHOTS,
  { name: 'log-window', route: '/log-window/native/c1' },
  { name: 'ports', route: '/ports' },
  { name: 'ports-programs', route: '/ports', act: (page) => page.locator('.chips button').nth(1).click() },
  { name: 'ports-conflict', route: '/ports', act: (page) => page.locator('.n-table .row .n-button').first().click() },
  { name: 'ports-untold', route: '/ports', scenario: 'untold' },
  { name: 'ports-empty', route: '/ports', scenario: 'first' },
]
