import { expect, test } from '../console.ts'

test('the token leaves the address bar, a reload stays connected, another tab without it is told what to do', async ({ lab }) => {
  await expect(lab.page.getByRole('main')).toBeVisible()
  expect(new URL(lab.page.url()).hash).toBe('')
  await lab.page.reload()
  await expect(lab.page.getByText(/\d{2}:\d{2}:\d{2}\.\d{3}/).first()).toBeVisible()

  const stranger = await lab.page.context().newPage()
  await stranger.goto(lab.page.url())
  await expect(stranger.getByText(/Open the address that the terminal shows/)).toBeVisible()
})

test('the answer carries the strict policy', async ({ lab }) => {
  const answer = await lab.page.request.get(lab.page.url())
  const policy = answer.headers()['content-security-policy'] ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
  expect(answer.headers()['x-content-type-options']).toBe('nosniff')
})
