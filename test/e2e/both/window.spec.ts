import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from '../console.ts'

test('the window opens and connects', async ({ lab }) => {
  await expect(lab.page).toHaveTitle(/Push Lab/)
  await expect(lab.page.getByRole('main')).toBeVisible()
  // A batch came through the door: the clock shows virtual time.
  await expect(lab.page.getByText(/\d{2}:\d{2}:\d{2}\.\d{3}/).first()).toBeVisible()
  // Less motion is none: a short transition of everything left the event list a frame behind, and blank when the run stopped.
  await lab.page.emulateMedia({ reducedMotion: 'reduce' })
  expect(
    await lab.page
      .locator('.events')
      .first()
      .evaluate((list) => getComputedStyle(list).transitionDuration),
  ).toBe('0s')
})

test('the page is under a strict policy: inline script, eval and markup sinks are refused', async ({ lab }) => {
  const tried = await lab.page.evaluate(async () => {
    const refused: string[] = []
    document.addEventListener('securitypolicyviolation', (event) => refused.push(event.effectiveDirective))
    const script = document.createElement('script')
    let sinks = 'open'
    try {
      script.textContent = 'window.__inline = true'
      document.body.append(script)
      document.body.insertAdjacentHTML('beforeend', '<b></b>')
    } catch {
      sinks = 'closed'
    }
    // In a task of the page's own: the debugger lifts the rule for what it calls directly.
    const evaluates = await new Promise<boolean>((resolve) => {
      setTimeout(() => {
        try {
          resolve(new Function('return true')() === true)
        } catch {
          resolve(false)
        }
      })
    })
    const image = new Image()
    const refusedImage = new Promise<void>((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => effectiveDirective === 'img-src' && resolve())
    })
    image.src = 'https://example.com/x.png'
    await refusedImage
    return { inline: '__inline' in window, evaluates, sinks, refused: refused.toSorted() }
  })
  expect(tried.inline).toBe(false)
  expect(tried.evaluates).toBe(false)
  expect(tried.sinks).toBe('closed')
  expect(tried.refused).toContain('img-src')
  // The window complains at its own pace: of the image last.
  for (const complaint of ['Content Security Policy', 'failed: https://example.com/x.png'])
    await expect.poll(() => lab.complaints.join('\n')).toContain(complaint)
  lab.complaints.splice(0)
})

test('the page is a plain page: no Node, no Electron, and of the preload only two functions', async ({ lab }) => {
  const seen = await lab.page.evaluate(() => ({
    globals: ['require', 'process', 'module', 'Buffer', 'electron', 'ipcRenderer'].filter((name) => name in globalThis),
    bridge: Object.keys((globalThis as { pushLab?: object }).pushLab ?? {}).toSorted(),
  }))
  expect(seen.globals).toEqual([])
  expect(seen.bridge).toEqual(lab.carrier === 'electron' ? ['invoke', 'subscribe'] : [])
})

test('a request that makes no sense is answered with what is wrong, and the lab goes on', async ({ lab }) => {
  test.skip(lab.carrier === 'browser', 'the browser host has unit tests for this')
  const replies = await lab.page.evaluate(async () => {
    const { invoke } = (globalThis as unknown as { pushLab: { invoke: (request: unknown) => Promise<unknown> } }).pushLab
    return [
      await invoke({ name: 'no.such.command', args: {} }),
      await invoke('nonsense'),
      await invoke({ name: 'commands.list', args: {} }),
    ]
  })
  expect(replies[0]).toMatchObject({ ok: false, code: 'unknown-command' })
  expect(replies[1]).toMatchObject({ ok: false })
  expect(replies[2]).toMatchObject({ ok: true })
})

for (const colorScheme of ['dark', 'light'] as const) {
  test(`axe finds nothing, ${colorScheme}`, async ({ lab }) => {
    await lab.page.emulateMedia({ colorScheme })
    await lab.page.evaluate((theme) => document.documentElement.setAttribute('data-theme', theme), colorScheme)
    await expect(lab.page.getByRole('main')).toBeVisible()
    const { violations } = await new AxeBuilder({ page: lab.page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      // Playwright's second page for iframes does not exist in Electron; the window has no frames.
      .setLegacyMode(lab.carrier === 'electron')
      .analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([])
  })
}
