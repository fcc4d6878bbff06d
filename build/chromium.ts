import { chromium } from '@playwright/test'
import { existsSync } from 'node:fs'

/** A Chromium that is on the disk, or null; nothing is fetched. */
export function installedChromium(): string | null {
  const candidates = [
    process.env['PUSHLAB_CHROMIUM'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    chromium.executablePath(),
  ]
  return candidates.find((path) => path !== undefined && existsSync(path)) ?? null
}
