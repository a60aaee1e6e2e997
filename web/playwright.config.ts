import { defineConfig } from '@playwright/test'
import process from 'node:process'

/** tests/browser/test_page.py says where the database, Redis and Chromium are; see tests/service.ts. */
export default defineConfig({
  testDir: 'tests',
  outputDir: process.env['PLAYWRIGHT_OUTPUT'] ?? 'test-results',
  // The machine is shared with other tests: one browser at a time.
  workers: 1,
  forbidOnly: true,
  // However busy the machine is: whoever waits longer has met what never comes.
  timeout: 600_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  use: {
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    colorScheme: 'light',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
