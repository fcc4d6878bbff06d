import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, startConsole, test } from '../console.ts'

test('the window has the origin of the app and runs sandboxed, isolated, without Node', async ({ lab }) => {
  expect(await lab.page.evaluate(() => location.href)).toBe('lab://app/')
  expect(await lab.page.evaluate(() => window.isSecureContext)).toBe(true)
  const settings = await lab.app!.evaluate(({ webContents }) => {
    const [page] = webContents.getAllWebContents()
    const settings = (page as unknown as { getLastWebPreferences(): Electron.WebPreferences }).getLastWebPreferences()
    return {
      sandbox: settings.sandbox,
      contextIsolation: settings.contextIsolation,
      nodeIntegration: settings.nodeIntegration,
      webviewTag: settings.webviewTag,
    }
  })
  expect(settings).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false })
})

test('every file of the app comes with the policy, and nothing outside the app comes at all', async ({ lab }) => {
  const answers = await lab.page.evaluate(async () => {
    const get = async (url: string): Promise<{ status: number; policy: string | null; text: string }> => {
      const answer = await fetch(url)
      return { status: answer.status, policy: answer.headers.get('content-security-policy'), text: await answer.text() }
    }
    return { page: await get('/'), preload: await get('/../preload/preload.cjs'), encoded: await get('/%2e%2e/main/main.js') }
  })
  expect(answers.page.status).toBe(200)
  expect(answers.page.policy).toContain("default-src 'none'")
  expect(answers.page.policy).not.toContain('unsafe')
  expect(answers.preload.status).toBe(404)
  expect(answers.encoded.status).toBe(404)
  // The window complains at its own pace.
  await expect.poll(() => lab.complaints).toEqual(Array(2).fill(expect.stringContaining('404')))
  lab.complaints.splice(0)
})

test('the window cannot be led away, and opens no other', async ({ lab }) => {
  await lab.page.evaluate(() => {
    location.href = 'https://example.com/'
  })
  await lab.page.evaluate(() => {
    location.assign('file:///etc/passwd')
  })
  const opened = await lab.page.evaluate(() => window.open('https://example.com/') === null)
  expect(opened).toBe(true)
  expect(await lab.page.evaluate(() => location.href)).toBe('lab://app/')
  expect(lab.app!.windows()).toHaveLength(1)
  await expect.poll(() => lab.complaints).toEqual([expect.stringContaining('Not allowed to load local resource')])
  lab.complaints.splice(0)
})

test('permissions are denied by default, and writing to the clipboard is allowed', async ({ lab }) => {
  const seen = await lab.page.evaluate(async () => {
    const state = async (name: string): Promise<string> => (await navigator.permissions.query({ name: name as PermissionName })).state
    return {
      geolocation: await state('geolocation'),
      camera: await state('camera'),
      notifications: Notification.permission,
      write: await state('clipboard-write'),
    }
  })
  expect(seen).toEqual({ geolocation: 'denied', camera: 'denied', notifications: 'denied', write: 'granted' })
})

test('a page that dies comes back and says so; the lab goes on', async ({ lab }) => {
  const crashed = lab.page.waitForEvent('crash')
  await lab.app!.evaluate(({ webContents }) => webContents.getAllWebContents()[0]!.forcefullyCrashRenderer())
  await crashed
  // The test's own handle on the page died with it, so the main process is asked.
  const text = (): Promise<string> =>
    lab.app!.evaluate(async ({ webContents }) => {
      const page = webContents.getAllWebContents()[0]!
      const ready = !page.isCrashed() && !page.isLoading()
      // It may be on its way to another document still: then it is asked again.
      return ready ? String(await page.executeJavaScript('document.body?.innerText').catch(() => '')) : ''
    })
  await expect.poll(text).toContain('The window failed and was loaded again.')
  await expect.poll(text).toMatch(/\d{2}:\d{2}:\d{2}\.\d{3}/)
  await expect.poll(() => lab.complaints).toEqual(['the page crashed'])
  lab.complaints.splice(0)
})

test('size and place are remembered, and quitting is clean', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'push-lab-'))
  try {
    const first = await startConsole('electron', { dataDir })
    await first.app!.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]!.setBounds({ x: 40, y: 30, width: 1100, height: 700 }),
    )
    const process = first.app!.process()
    await first.close()
    expect(process.exitCode).toBe(0)

    const second = await startConsole('electron', { dataDir })
    const bounds = await second.app!.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getBounds())
    expect(bounds).toMatchObject({ width: 1100, height: 700 })
    await second.close()
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})
