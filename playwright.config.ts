import { defineConfig } from '@playwright/test'

/** The same specs on both shells; Electron is the stand-in unless ELECTRON_OVERRIDE_DIST_PATH or NARU_E2E_ELECTRON says otherwise. */
export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  fullyParallel: false,
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: process.env['NARU_JSON_REPORT']
    ? [['line'], ['json', { outputFile: process.env['NARU_JSON_REPORT'] }]]
    : [['list']],
  // A trace costs a third of the time: it is made on demand.
  use: { colorScheme: null, trace: process.env['NARU_E2E_TRACE'] ? 'retain-on-failure' : 'off', screenshot: 'only-on-failure' },
  // `electron-*` and `web-*` specs are about one shell; all others run on both.
  projects: [
    { name: 'electron', testIgnore: '**/web-*.spec.ts' },
    { name: 'web', testIgnore: '**/electron-*.spec.ts' },
  ],
})
