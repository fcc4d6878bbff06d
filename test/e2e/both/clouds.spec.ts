import type { Locator, Page } from '@playwright/test'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, resize, savedText, test } from '../console.ts'
import { AXE_ELSEWHERE, axe } from '../axe.ts'
import { ANA, inspector, phone } from '../first.ts'

const run = promisify(execFile)

const view = (page: Page): Locator => page.getByRole('region', { name: 'Clouds', exact: true })
const badge = (page: Page): Locator => page.getByRole('banner').getByRole('button', { name: /^Wire: / })
const status = (page: Page): Locator => page.getByRole('contentinfo')

async function section(page: Page, name: 'Real sockets' | 'Proxy' | 'Wire log'): Promise<void> {
  await page.getByRole('tab', { name: 'Clouds' }).click()
  await view(page).getByRole('group', { name: 'Part of the clouds' }).getByText(name, { exact: true }).click()
}

/** A lesson goes by its symptom: the title tells the cause. */
const PROXY_TROUBLE = /Push has been strange all day/

async function openLab(page: Page, title: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: /Open another lab$/ }).click()
  await page.getByRole('menuitem', { name: title, exact: true }).click()
  await expect(page).toHaveTitle(new RegExp(title))
}

/** On loopback, at free ports. */
async function openClouds(page: Page): Promise<void> {
  await section(page, 'Real sockets')
  await view(page).getByRole('button', { name: 'Open', exact: true }).click()
  await expect(view(page).getByText('listening on 127.0.0.1 only')).toBeVisible()
}

const way = (page: Page, name: string): Locator => view(page).getByRole('switch', { name: new RegExp(`^${name}:`) })
async function makeReal(page: Page, ...names: string[]): Promise<void> {
  for (const name of names) {
    await way(page, name).click()
    await expect(way(page, name)).toHaveAttribute('aria-checked', 'true')
  }
}

test('[NET-01] a call whose way is real wakes the phone, and the ladder shows the exchange of each real hop', async ({ lab }) => {
  const { page } = lab
  await expect(badge(page)).toContainText('Wire: off')
  await openClouds(page)
  await expect(badge(page)).toHaveText(/Wire: clouds on 127\.0\.0\.1/)
  await expect(status(page).getByText(/clouds: 127\.0\.0\.1 ports? [\d–, ]+, DNS \d+/)).toBeVisible()
  await makeReal(page, 'Servers → Push REST', 'Push REST → APNs')
  await expect(status(page).getByText(/real: Push REST, APNs/)).toBeVisible()

  // Time follows the wall clock now, and says so where it would be moved.
  await expect(page.getByRole('button', { name: 'Step', exact: true })).toHaveAttribute('aria-disabled', 'true')

  await page.getByRole('tab', { name: 'Topology' }).click()
  await expect(
    page.getByRole('button', { name: /^Link Push REST to APNs.*over real sockets: APNs on 127\.0\.0\.1 port \d+/ }),
  ).toBeAttached()
  await page.keyboard.press('c')
  await expect(phone(page, ANA).getByText('Dr. Okafor')).toBeVisible()
  await page.keyboard.press('a')

  await page.getByRole('tab', { name: 'Flow' }).click()
  const flow = page.getByRole('region', { name: 'Flow' })
  const toPushRest = flow.getByRole('option', { name: /CPNS to Push REST, HTTPS, POST .*over a real socket$/ })
  await expect(toPushRest).toBeVisible()
  await expect(flow.getByRole('option', { name: /Push REST to APNs, APNs, .*over a real socket$/ }).first()).toBeAttached()
  await expect(flow.getByText(/over a real socket: select it/)).toBeVisible()
  await toPushRest.click()
  const exchange = inspector(page)
    .getByRole('article', { name: /^Exchange / })
    .first()
  await expect(exchange).toContainText(/POST \S+ HTTP\/1\.1/)
  // No token goes into the window as it is: only its first characters.
  await expect(exchange).toContainText(/authorization: Bearer \S{1,16}…/i)

  await section(page, 'Wire log')
  await view(page).getByRole('button', { name: 'APNs', exact: true }).click()
  await expect(
    view(page)
      .getByRole('row', { name: /POST \/3\/device\// })
      .first(),
  ).toBeVisible()
  await expect(view(page).getByRole('article')).toContainText('HTTP/2')

  await view(page).getByRole('button', { name: 'Close', exact: true }).click()
  await expect(badge(page)).toContainText('Wire: off')
  await expect(page.getByRole('button', { name: 'Step', exact: true })).not.toHaveAttribute('aria-disabled', 'true')
  // What went over the wire can still be read.
  await expect(
    view(page)
      .getByRole('row', { name: /POST \/3\/device\// })
      .first(),
  ).toBeVisible()
})

test('[SCN-15] a broken real socket is refused as set, so many times, and mended', async ({ lab }) => {
  const { page } = lab
  await openClouds(page)
  await makeReal(page, 'Servers → Push REST')
  await view(page).getByRole('combobox', { name: 'Fault', exact: true }).selectOption({ label: 'Answer with a status' })
  await view(page).getByLabel('Next … times').fill('5')
  await view(page).getByRole('button', { name: 'Break it' }).click()
  const faults = view(page).getByRole('list', { name: 'Faults on real sockets' })
  await expect(faults).toContainText(/Push REST: .*503.*5 requests more/)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^Call / }).click()
  await expect(faults).toContainText(/[1-4] requests? more/)
  await section(page, 'Wire log')
  // Both ends are the lab's own, and each is in the log.
  await expect(
    view(page)
      .getByRole('row', { name: /Push REST is asked .* 503/ })
      .first(),
  ).toBeVisible()
  await view(page)
    .getByRole('row', { name: /Push REST answers .* 503/ })
    .first()
    .click()
  await expect(view(page).getByRole('article')).toContainText('a fault was at work')
  await section(page, 'Real sockets')
  await faults.getByRole('button', { name: 'Mend Push REST' }).click()
  await expect(faults).toHaveCount(0)
})

test('[APNS-01] the provider kit is all that a stranger needs to push', async ({ lab }) => {
  const { page } = lab
  await openClouds(page)
  await view(page).getByRole('button', { name: 'Make the kit' }).click()
  const files = new Map<string, string>()
  for (const name of ['push-lab-ca.pem', 'AuthKey.p8'])
    files.set(name, await savedText(lab, () => view(page).getByRole('button', { name, exact: true }).click()))
  expect(files.get('push-lab-ca.pem')).toMatch(/^-----BEGIN CERTIFICATE-----/)
  expect(files.get('AuthKey.p8')).toMatch(/^-----BEGIN PRIVATE KEY-----/)
  await expect(view(page).getByText(/^export HOST=/)).toBeVisible()
  const exports = await view(page)
    .getByText(/^export HOST=/)
    .innerText()
  const example = await view(page).locator('.kit code').last().innerText()
  const folder = mkdtempSync(join(tmpdir(), 'push-lab-kit-'))
  try {
    for (const [name, text] of files) writeFileSync(join(folder, name), text, { mode: 0o600 })
    await run('sh', ['-c', `${exports}\n${example}`], { cwd: folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  await section(page, 'Wire log')
  await expect(
    view(page)
      .getByRole('row', { name: /POST \/3\/device\// })
      .first(),
  ).toBeVisible()
})

test('[PROXY-02][ONB-15] the proxy is set on its page, and used from the restart of CPNS on', async ({ lab }) => {
  const { page } = lab
  await openLab(page, PROXY_TROUBLE)
  // The nodes have fetched their tokens through the proxy as it was set.
  await page.getByRole('button', { name: 'Step', exact: true }).click()
  await section(page, 'Proxy')
  const proxy = view(page).getByRole('region', { name: 'Proxy', exact: true })
  await expect(proxy.getByLabel('Server')).toHaveValue('proxy.clinic.example')
  await proxy.getByLabel('Authentication').selectOption('Basic')
  await proxy.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(proxy.getByText('Older settings are still in use.')).toBeVisible()
  await expect(proxy.getByRole('list', { name: 'Findings about the proxy' })).toContainText('Use Digest authentication, as advised.')
  await proxy.getByRole('button', { name: 'CPNS on ucm-pub' }).click()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(proxy.getByText('Older settings are still in use.')).toHaveCount(0)
})

test('[PROXY-08] the calculator starts from the lab, and counts beside it what the lab has sent', async ({ lab }) => {
  const { page } = lab
  await section(page, 'Proxy')
  const capacity = view(page).getByRole('region', { name: 'Can it carry the load?' })
  await expect(view(page).getByText('This lab has no proxy')).toBeVisible()
  await expect(capacity.getByText('Uc·C·(1+m)')).toBeVisible()
  await capacity.getByLabel('Uc users whose calls are pushed').fill('5000')
  await expect(capacity.getByRole('row', { name: /^Pushes for calls 26,000/ })).toBeVisible()
  await capacity.getByLabel('F minutes between alarm uploads').fill('4')
  await expect(capacity.getByText(/5 to 90 minutes/)).toBeVisible()
  await capacity.getByLabel('F minutes between alarm uploads').fill('30')
  await capacity.getByRole('button', { name: 'Take the figures of this lab' }).click()
  await expect(capacity.getByLabel('Uc users whose calls are pushed')).not.toHaveValue('5000')
  await page.getByRole('button', { name: /^Call / }).click()
  await expect(capacity.getByRole('row', { name: /^Pushes for calls [\d.,]+ 1$/ })).toBeVisible()
})

for (const colorScheme of ['dark', 'light'] as const) {
  test(`axe finds nothing in any section, closed and open, ${colorScheme}`, async ({ lab }) => {
    test.skip(lab.carrier === 'electron', AXE_ELSEWHERE)
    test.slow()
    const { page } = lab
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
    await section(page, 'Real sockets')
    expect(await axe(lab)).toEqual([])
    await section(page, 'Wire log')
    expect(await axe(lab)).toEqual([])
    await openClouds(page)
    await makeReal(page, 'Servers → Push REST', 'Push REST → APNs')
    await view(page).getByRole('button', { name: 'Make the kit' }).click()
    await expect(view(page).getByText(/^export HOST=/)).toBeVisible()
    await view(page).getByRole('button', { name: 'Break it' }).click()
    await expect(view(page).getByRole('list', { name: 'Faults on real sockets' })).toBeVisible()
    expect(await axe(lab)).toEqual([])
    await view(page).getByRole('button', { name: 'Mend Push REST' }).click()
    await page.getByRole('button', { name: /^Call / }).click()
    await section(page, 'Wire log')
    await expect(view(page).getByRole('row', { name: /POST/ }).first()).toBeVisible()
    expect(await axe(lab)).toEqual([])
    await page.getByRole('tab', { name: 'Topology' }).click()
    await expect(page.getByRole('tabpanel', { name: 'Topology' }).getByText('real', { exact: true }).first()).toBeVisible()
    expect(await axe(lab)).toEqual([])
    await page.getByRole('tab', { name: 'Flow' }).click()
    await expect(page.getByRole('region', { name: 'Flow' }).getByText(/over a real socket: select it/)).toBeVisible()
    expect(await axe(lab)).toEqual([])
    await section(page, 'Real sockets')
    await view(page).getByRole('button', { name: 'Close', exact: true }).click()
    await openLab(page, PROXY_TROUBLE)
    await section(page, 'Proxy')
    await expect(view(page).getByLabel('Server', { exact: true })).toBeVisible()
    expect(await axe(lab)).toEqual([])
  })
}

test('at 1280 by 720 each section is in the window, and all of it can be reached with the keyboard alone', async ({ lab }) => {
  const { page } = lab
  await openLab(page, PROXY_TROUBLE)
  await resize(lab, 1_280, 720)
  await openClouds(page)
  for (const name of ['Real sockets', 'Proxy', 'Wire log'] as const) {
    await section(page, name)
    const box = (await view(page).boundingBox())!
    const inside = await view(page).evaluate((root) =>
      [...root.querySelectorAll('button, input, select, [role="row"]')]
        .map((one) => ({ what: one.textContent?.trim() ?? '', ...one.getBoundingClientRect().toJSON() }))
        .filter(({ width, height }) => width > 0 && height > 0),
    )
    expect(inside.length, name).toBeGreaterThan(8)
    for (const one of inside) {
      expect(one.left, `${name}: ${one.what}`).toBeGreaterThanOrEqual(box.x)
      expect(one.right, `${name}: ${one.what}`).toBeLessThanOrEqual(box.x + box.width + 1)
    }
  }
  // From the top to a way that is real, without a mouse.
  await section(page, 'Real sockets')
  await view(page).getByRole('button', { name: 'Close', exact: true }).focus()
  const switchOf = way(page, 'Servers → Push REST')
  for (let presses = 0; presses < 30 && !(await switchOf.evaluate((one) => one === document.activeElement)); presses++)
    await page.keyboard.press('Tab')
  await expect(switchOf).toBeFocused()
  await page.keyboard.press('Space')
  await expect(switchOf).toHaveAttribute('aria-checked', 'true')
})
