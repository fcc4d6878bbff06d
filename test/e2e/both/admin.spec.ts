import type { Locator, Page } from '@playwright/test'
import { expect, resize, savedText, test } from '../console.ts'
import { AXE_ELSEWHERE, axe } from '../axe.ts'
import { inspector, ladder, rings } from '../first.ts'

const view = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })

async function show(page: Page, name: string): Promise<Locator> {
  await page.getByRole('tab', { name: new RegExp(`^${name}`) }).click()
  await expect(view(page, name)).toBeVisible()
  return view(page, name)
}

const part = (alarms: Locator, name: string): Locator =>
  alarms.getByRole('group', { name: 'Part of the alarms' }).getByText(name, { exact: true })

const cli = (page: Page): Locator => page.getByRole('textbox', { name: /command line of ucm-sub1/ })
const log = (page: Page): Locator => page.getByRole('log', { name: 'Output of ucm-sub1' })

async function terminal(page: Page): Promise<void> {
  await show(page, 'Terminal')
  await page.getByRole('tablist', { name: 'Nodes' }).getByRole('tab', { name: 'ucm-sub1' }).click()
  await cli(page).focus()
}

test('[TRB-06] a line on the CLI has its output, and its effect in the lab', async ({ lab }) => {
  const { page } = lab
  await terminal(page)
  await page.keyboard.type('utils serv')
  await page.keyboard.press('Tab')
  await expect(cli(page)).toHaveValue('utils service ')
  await page.keyboard.type('?')
  await expect(log(page)).toContainText('utils service restart')
  await expect(cli(page)).toHaveValue('utils service ')
  await page.keyboard.type('stop Cisco Push Notification Service')
  await page.keyboard.press('Enter')
  await expect(log(page)).toContainText('Stopping Cisco Push Notification Service... [STOPPED]')

  // The same node in the rest of the window.
  await page.getByRole('treeitem', { name: /ucm-sub1/ }).click()
  const service = inspector(page).locator('.service', { hasText: 'Cisco Push Notification Service' }).first()
  await expect(service).toContainText('stopped')

  await cli(page).focus()
  await page.keyboard.press('ArrowUp')
  await expect(cli(page)).toHaveValue('utils service stop Cisco Push Notification Service')
  await page.keyboard.press('Control+c')
  await page.keyboard.type('utils service start Cisco Push Notification Service')
  await page.keyboard.press('Enter')
  await expect(log(page)).toContainText('Starting Cisco Push Notification Service... [STARTING]')
  await page.getByRole('button', { name: 'Run', exact: true }).first().click()
  await expect(service).toContainText('running')

  await page.keyboard.press('Escape')
  await cli(page).focus()
  await page.keyboard.type('utils service stp')
  await page.keyboard.press('Enter')
  await expect(log(page)).toContainText('"stp" is not known here')
})

test('[SEC-06] a push leads to its lines in the traces by tracking ID, and a line back to its event', async ({ lab }) => {
  const { page } = lab
  await terminal(page)
  await page.keyboard.type('set trace enable Debug Cisco Push Notification Service')
  await page.keyboard.press('Enter')
  await expect(log(page)).toContainText('set to Debug')
  await page.getByRole('button', { name: /^Call / }).click()
  await page.getByRole('tab', { name: 'Topology' }).click()
  await rings(page)
  await page.getByRole('tab', { name: 'Flow' }).click()
  await ladder(page)
    .getByRole('option', { name: /CPNS to Push REST, HTTPS, POST push/ })
    .click()
  await inspector(page).getByRole('button', { name: 'Show in traces' }).click()
  const traces = view(page, 'Traces')
  const hits = traces.getByRole('grid', { name: /Lines that match/ }).getByRole('row')
  await expect(hits.nth(1)).toContainText('ucm-sub1')
  await traces.getByRole('button', { name: 'Open the file here' }).click()
  await expect(traces.getByText('/var/log/active/cm/trace/ccmpns/log4j/ccmpns00000001.log', { exact: true })).toBeVisible()
  const chosen = traces.getByRole('region', { name: 'The chosen line' })
  await expect(chosen).toContainText(/TRACKING ID:::::::\S+/)
  await chosen.getByRole('button', { name: 'Show the event' }).click()
  await expect(view(page, 'Flow')).toBeVisible()
  await expect(inspector(page).getByRole('heading', { name: 'Why' })).toBeVisible()

  await show(page, 'Traces')
  const bundle = await savedText(lab, () => traces.getByRole('button', { name: 'Export', exact: true }).click())
  expect(bundle).toContain('TRACKING ID:::::::')
  expect(bundle).toContain('ucm-sub1/cm/trace/ccmpns/log4j/ccmpns00000001.log')
})

test('[TRB-05][TRB-08] pushed alarms are readable in the cloud with the support token only', async ({ lab }) => {
  const { page } = lab
  const alarms = await show(page, 'Alarms')
  await part(alarms, 'Management agent').click()
  const agent = view(page, 'Management agent')
  await expect(agent.getByText('sends to the Cisco cloud')).toBeVisible()
  const pii = agent.getByRole('checkbox', { name: /encrypted PII/ })
  await pii.check()
  await expect(pii).toBeChecked()
  // Something to report: the push service of one node goes.
  await terminal(page)
  await page.keyboard.type('utils service stop Cisco Push Notification Service')
  await page.keyboard.press('Enter')
  await expect(log(page)).toContainText('[STOPPED]')
  await page.getByRole('button', { name: /^Call / }).click()
  await show(page, 'Alarms')
  await part(alarms, 'Alarms').click()
  await expect(alarms.getByRole('treegrid')).toBeVisible()
  await part(alarms, 'Management agent').click()
  await agent.getByRole('button', { name: 'Push now' }).click()
  await expect(agent.getByRole('table').first()).toContainText(/sent/)
  await agent.getByRole('button', { name: 'Told the ID' }).click()
  await expect(agent.getByText('personal data is sealed', { exact: false })).toBeVisible()
  await agent.getByRole('button', { name: 'Told both' }).click()
  await expect(agent.getByText(/NodeID=ucm-/).first()).toBeVisible()
})

test('[REL-01] an older release is put together, looked at and applied to the lab', async ({ lab }) => {
  const { page } = lab
  const releases = await show(page, 'Releases')
  const unifiedCm = releases.getByRole('combobox', { name: 'Unified CM' })
  await expect(unifiedCm).toHaveValue('14SU3')
  await unifiedCm.fill('11.5(1)SU4')
  await unifiedCm.press('Enter')
  await expect(releases.getByText('in the lab: 14SU3').first()).toBeVisible()
  const callkit = releases.getByRole('row', { name: /^no CallKit / })
  await expect(callkit).toContainText('REL-A3 Unified CM')
  await expect(callkit).toContainText('11.5(1)SU8 and 12.5(1)SU3 and 14')
  await releases.getByRole('button', { name: 'Apply to the lab' }).click()
  await expect(page.getByRole('treeitem', { name: /Unified CM cluster/ })).toContainText('11.5(1)SU4')
  await releases
    .getByRole('button', { name: /^Take Unified CM/ })
    .first()
    .click()
  await releases.getByRole('button', { name: 'Apply to the lab' }).click()
  await expect(page.getByRole('treeitem', { name: /Unified CM cluster/ })).not.toContainText('11.5(1)SU4')
})

for (const colorScheme of ['dark', 'light'] as const) {
  test(`axe finds nothing in the tools of the administrator, ${colorScheme}, in a small window`, async ({ lab }) => {
    test.skip(lab.carrier === 'electron', AXE_ELSEWHERE)
    // Eight pages are looked at.
    test.setTimeout(120_000)
    const { page } = lab
    await resize(lab, 1280, 720)
    await page.emulateMedia({ colorScheme })
    await page.evaluate((theme) => document.documentElement.setAttribute('data-theme', theme), colorScheme)
    await terminal(page)
    await page.keyboard.type('run sql select * from device')
    await page.keyboard.press('Enter')
    await page.keyboard.type('u')
    await page.keyboard.press('Control+u')
    await page.keyboard.press('Tab')
    await expect(page.getByText(/\d+ possibilities/)).toBeVisible()
    expect(await axe(lab), 'Terminal').toEqual([])
    await page.getByRole('button', { name: /^Call / }).click()
    const traces = await show(page, 'Traces')
    const lines = traces.getByRole('listbox', { name: /^Lines of / })
    await expect(lines.getByRole('option').first()).toBeVisible()
    await lines.getByRole('option').first().click()
    expect(await axe(lab), 'Traces').toEqual([])
    await traces.getByRole('searchbox').fill('TRACKING')
    await expect(traces.getByRole('grid')).toBeVisible()
    expect(await axe(lab), 'Hits').toEqual([])
    const alarms = await show(page, 'Alarms')
    expect(await axe(lab), 'Alarms').toEqual([])
    await part(alarms, 'Management agent').click()
    await expect(view(page, 'Management agent').getByText('What was sent')).toBeVisible()
    expect(await axe(lab), 'Management agent').toEqual([])
    await show(page, 'Counters')
    expect(await axe(lab), 'Counters').toEqual([])
    await show(page, 'Releases')
    await expect(page.getByText('Deciding cell')).toBeVisible()
    expect(await axe(lab), 'Releases').toEqual([])
    const onboarding = await show(page, 'Onboarding')
    await onboarding.getByText('Logins', { exact: true }).click()
    await onboarding.getByRole('button', { name: 'Disable' }).click()
    await expect(onboarding.getByText(/\d+ clients to reset/)).toBeVisible()
    expect(await axe(lab), 'Logins').toEqual([])
  })
}
