/** What this machine has to show a window with. */
import { chromium } from '@playwright/test'
import { existsSync } from 'node:fs'
import { installedElectron } from '../../build/electronRuntime.mjs'

/** A Chromium that is on the disk, or null; nothing is fetched. */
export function chromiumPath(): string | null {
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

export const electronPath = installedElectron

/** Chromium's sandbox does not run as root; tests do, in containers. */
export const rootArguments = (): string[] => (process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [])
