import { defineConfig } from '@playwright/test'
import type { Carrier } from './console.ts'

// One set of tests for both carriers, and a few that belong to one. `npm test` builds first and gives a display.
export default defineConfig<{ carrier: Carrier }>({
  testDir: '.',
  outputDir: '../../test-results',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: process.env['CI'] !== undefined,
  workers: 2,
  reporter: [['list'], ['json', { outputFile: process.env['PUSHLAB_REPORT'] ?? '../../test-results/report.json' }]],
  use: { trace: 'off', screenshot: 'off' },
  projects: [
    { name: 'browser', testMatch: ['both/**/*.spec.ts', 'browser/**/*.spec.ts'], use: { carrier: 'browser' } },
    {
      name: 'electron',
      // The door is tried by the first of these; what only shows another view of the same page is looked at in the browser.
      testMatch: ['both/{firstCall,window,localPush,clouds}.spec.ts', 'electron/**/*.spec.ts'],
      // Two Electrons at once on two cores are slower than one after the other.
      workers: 1,
      use: { carrier: 'electron' },
    },
  ],
})
