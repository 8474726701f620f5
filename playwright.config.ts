import { defineConfig } from '@playwright/test'

/**
 * The same specs on both shells; Electron is the stand-in unless ELECTRON_OVERRIDE_DIST_PATH or NARU_E2E_ELECTRON says otherwise.
 * NARU_E2E_APP: the folder of a packaged app for Electron's specs, or `packaged` for the one of the suite `pack`; without it, out/.
 */
export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.spec.ts',
  globalSetup: './test/e2e/support/packaged-app.ts',
  outputDir: 'test-results',
  fullyParallel: false,
  // Files of specs have engines, states and ports of their own, and wait more than they compute.
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: process.env['NARU_JSON_REPORT']
    ? [['line'], ['json', { outputFile: process.env['NARU_JSON_REPORT'] }]]
    : [['list']],
  // A trace costs a third of the time: it is made on demand.
  use: { colorScheme: null, trace: process.env['NARU_E2E_TRACE'] ? 'retain-on-failure' : 'off', screenshot: 'only-on-failure' },
  // `electron-*` and `web-*` specs are about one shell; all others run on both.
  projects: [
    // First, because its longest file then has others beside it to the end.
    { name: 'web', testIgnore: '**/electron-*.spec.ts' },
    { name: 'electron', testIgnore: '**/web-*.spec.ts' },
  ],
})
