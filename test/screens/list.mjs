/**
 * Every picture `npm run screens` takes: name, route, scenario, and what is done before the shutter (a Playwright page).
 * @typedef {{ name: string, route: string, scenario?: string, act?: (page: import('playwright-core').Page) => Promise<void> }} Shot
 */

/** @type {readonly Shot[]} */
export const SHOTS = [
  { name: 'overview', route: '/overview' },
  { name: 'overview-first', route: '/overview', scenario: 'first' },
  { name: 'overview-loading', route: '/overview', scenario: 'loading' },
  { name: 'overview-starting', route: '/overview', scenario: 'starting' },
  { name: 'overview-unreachable', route: '/overview', scenario: 'unreachable' },
  { name: 'overview-stopped', route: '/overview', scenario: 'stopped' },
  { name: 'overview-none', route: '/overview', scenario: 'none' },
  { name: 'engines', route: '/engines' },
  { name: 'engines-failed', route: '/engines', scenario: 'failed' },
  { name: 'engines-starting', route: '/engines', scenario: 'starting' },
  { name: 'engines-stop', route: '/engines', act: (page) => page.click('[data-act=stop]') },
  { name: 'engines-add', route: '/engines', act: (page) => page.click('[data-act=add]') },
  { name: 'settings', route: '/settings' },
  { name: 'activity', route: '/activity' },
  { name: 'activity-events', route: '/activity', act: (page) => page.click('[role=tab]:nth-of-type(2)') },
  { name: 'activity-error', route: '/activity', act: (page) => page.click('[data-key=op-3]') },
  { name: 'activity-progress', route: '/activity', act: (page) => page.click('[data-key=op-2]') },
  { name: 'activity-empty', route: '/activity', scenario: 'first' },
  { name: 'palette', route: '/overview', act: (page) => page.keyboard.press('Control+k') },
  { name: 'containers', route: '/containers' },
  { name: 'images', route: '/images' },
  { name: 'hub', route: '/hub' },
  { name: 'logs', route: '/logs' },
  { name: 'logs-search', route: '/logs', act: (page) => page.fill('.log-pane input[data-search]', 'GET') },
  { name: 'logs-menu', route: '/logs', act: (page) => page.click('.log-pane [aria-haspopup=menu]:last-of-type') },
  { name: 'logs-empty', route: '/logs', scenario: 'first' },
  { name: 'log-window', route: '/log-window/native/c1' },
  { name: 'ports', route: '/ports' },
]
