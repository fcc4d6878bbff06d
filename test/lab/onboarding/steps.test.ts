import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callsRing, follow, fresh, messagePushed, steps, task, view } from './fresh.ts'

describe('from a fresh cluster to the first push, by the documented steps alone', () => {
  it('[ONB-01][ONB-11][ONB-14][ONB-16][UPG-02] the whole way: status by status, machine account, a call and a message', () => {
    const b = fresh()
    expect(view(b)).toMatchObject({ status: 'Not onboarded', machineAccount: null, voucher: { state: 'none' } })
    expect(callsRing(b)).toMatchObject({ rang: false, why: 'REL-02' })
    const all = steps()
    const upTo = (name: string): string[] => all.slice(all.findIndex((step) => step.name === name)).map((step) => step.name)
    expect(follow(b, all, upTo('Tomcat on the other nodes'))).toEqual({})
    expect(view(b).status).not.toContain('Pending')
    const rest = all.slice(all.findIndex((step) => step.name === 'Tomcat on the other nodes'))
    expect(follow(b, rest.slice(0, 2))).toEqual({})
    expect(view(b).status).toBe('Cisco Cloud Onboarding Pending')
    expect(follow(b, rest.slice(2, 6))).toEqual({})
    expect(view(b).status).toBe('Cloud Onboarding Completed')
    expect(view(b).machineAccount).toMatch(/^[0-9a-f-]{36}$/)
    expect(b.hops({ to: 'fos', message: 'subscription request' }).length).toBe(1)
    expect(b.hops({ from: 'fos', to: 'ci', message: 'create a machine account' }).length).toBe(1)
    expect(callsRing(b)).toMatchObject({ rang: false, why: 'ONB-15' })
    expect(follow(b, rest.slice(6))).toEqual({})
    expect(callsRing(b)).toMatchObject({ rang: true, cause: '' })
    expect(messagePushed(b)).toMatchObject({ pushed: true, cause: '' })
    expect(view(b).restarts).toEqual([])
    expect(task(b, 3)).toMatchObject({ state: 'done' })
  })

  /** What each step left out brings: the status, whether calls and messages are pushed, the rule, and what was refused. */
  type Left = {
    step: string | string[]
    release?: '11.5'
    status: string
    calls: boolean
    messages: boolean
    why?: string
    refused?: Record<string, RegExp>
  }
  const PENDING = 'Cisco Cloud Onboarding Pending'
  const COMPLETED = 'Cloud Onboarding Completed'
  const SAVED = 'Saved: restart Cisco Tomcat on all nodes'
  // Whoever goes on without the first Save does that half late: the second Save counts as the first.
  const LEFT: Left[] = [
    {
      step: 'synchronise licences',
      release: '11.5',
      status: 'Not onboarded',
      calls: false,
      messages: false,
      refused: { voucher: /Synchronize Licenses/, 'first Save': /ONB-03/ },
    },
    {
      step: 'Smart Licensing',
      status: 'Not onboarded',
      calls: false,
      messages: false,
      refused: { voucher: /not registered with Cisco Smart Software Manager/ },
    },
    { step: 'open the page', status: SAVED, calls: false, messages: false, refused: { voucher: /open the Cisco Cloud Onboarding page/ } },
    { step: 'voucher', status: PENDING, calls: false, messages: false },
    { step: 'tick Enable Push Notifications', status: SAVED, calls: false, messages: false },
    {
      step: 'tick the certificate box',
      status: SAVED,
      calls: false,
      messages: false,
      refused: { 'first Save': /valid certificate is not present in trust store/ },
    },
    { step: 'first Save', status: SAVED, calls: false, messages: false },
    { step: 'Tomcat on the publisher', status: SAVED, calls: false, messages: false, refused: { 'second Save': /restart Cisco Tomcat/ } },
    {
      step: 'open the page again',
      status: PENDING,
      calls: false,
      messages: false,
      refused: { 'second Save': /open the Cisco Cloud Onboarding page/ },
    },
    { step: 'tick Enable Push Notifications again', status: PENDING, calls: false, messages: false },
    {
      step: 'tick the certificate box again',
      status: PENDING,
      calls: false,
      messages: false,
      refused: { 'second Save': /valid certificate is not present in trust store/ },
    },
    { step: 'second Save', status: PENDING, calls: false, messages: false },
    { step: 'CPNS on all nodes', status: COMPLETED, calls: false, messages: true, why: 'ONB-15' },
    { step: 'XCP Config Manager', status: COMPLETED, calls: true, messages: false, why: 'ONB-16' },
    { step: 'XCP Router', status: COMPLETED, calls: true, messages: false, why: 'ONB-16' },
    { step: ['XCP Config Manager', 'XCP Router'], status: COMPLETED, calls: true, messages: false, why: 'ONB-16' },
  ]
  it.each(LEFT)(
    '[ONB-01][ONB-03][ONB-04][ONB-07][ONB-10][ONB-11][ONB-12][ONB-15][ONB-16] without "$step" it fails as documented',
    (left) => {
      const release = left.release === undefined ? '14SU3' : '11.5(1)SU8'
      const b = fresh({}, { release })
      const without = typeof left.step === 'string' ? [left.step] : left.step
      const refused = follow(b, steps(left.release ?? 'later'), without)
      expect(view(b).status).toBe(left.status)
      for (const [step, text] of Object.entries(left.refused ?? {})) expect(refused[step], step).toMatch(text)
      const call = callsRing(b)
      const message = messagePushed(b)
      expect(call.rang).toBe(left.calls)
      expect(message.pushed).toBe(left.messages)
      if (left.why !== undefined) expect(call.rang ? message.why : call.why).toBe(left.why)
      if (left.status !== COMPLETED || !left.calls || !left.messages)
        expect(task(b, 3)).toMatchObject({ state: 'open', effect: expect.stringMatching(/./) })
    },
  )

  it('[ONB-11] a node whose Tomcat did not restart lacks the certificates, and only its pushes fail', () => {
    const b = fresh()
    follow(b, steps(), ['Tomcat on the other nodes'])
    expect(view(b).status).toBe('Cloud Onboarding Completed')
    expect(view(b).trust.find((each) => each.node === 'ucm-sub1')).toMatchObject({
      roots: [],
      staged: [expect.any(String), expect.any(String)],
    })
    expect(b.hops({ from: 'ucm-sub1/CPNS', to: 'ci', outcome: 'IdenTrust Commercial Root CA 1 is missing' }).length).toBeGreaterThan(0)
    expect(callsRing(b).rang).toBe(true)
    b.give('service.restart', { node: 'ucm-sub1', service: 'Tomcat' })
    b.runFor(5_000)
    b.give('service.restart', { node: 'ucm-sub1', service: 'CPNS' })
    b.runFor(5_000)
    expect(b.node('ucm-sub1').note).toContain('access token until')
  })

  it('[ONB-12] boxes that stay ticked need no second tick, where the lab says so', () => {
    const b = fresh({ boxesClearAfterRestart: false })
    expect(follow(b, steps(), ['tick Enable Push Notifications again', 'tick the certificate box again'])).toEqual({})
    expect(callsRing(b).rang).toBe(true)
  })

  it('[ONB-16][DEC-29] the router before XCP Config Manager leaves the old settings active, until it restarts once more', () => {
    const b = fresh({}, { nodes: 1 })
    follow(b, steps(), ['XCP Config Manager', 'XCP Router'])
    for (const service of ['XCP Router', 'XCP Config Manager']) {
      b.give('service.restart', { node: 'imp-pub', service })
      b.runFor(5_000)
    }
    expect(messagePushed(b)).toMatchObject({ pushed: false, why: 'ONB-16' })
    expect(view(b).restarts).toEqual([expect.objectContaining({ node: 'imp-pub', service: 'Cisco XCP Router' })])
    b.give('service.restart', { node: 'imp-pub', service: 'XCP Router' })
    b.runFor(5_000)
    expect(messagePushed(b).pushed).toBe(true)
  })

  it(
    '[ONB-01] whatever was done before, in any order and over again: the whole procedure in its order ends in pushes',
    { timeout: 60_000 },
    () => {
      const names = steps().map((step) => step.name)
      const off = {
        name: 'turn push off',
        run: (b: ReturnType<typeof fresh>) => (b.try('onboarding.tick', { push: false }), b.try('onboarding.save', {}), null),
      }
      const acts = [...steps(), off]
      fc.assert(
        fc.property(fc.array(fc.constantFrom(...names, off.name), { maxLength: 25 }), (before) => {
          const b = fresh()
          for (const name of before) acts.find((step) => step.name === name)?.run(b)
          follow(b, steps())
          expect(view(b).status).toBe('Cloud Onboarding Completed')
          expect(callsRing(b)).toMatchObject({ rang: true, cause: '' })
          expect(messagePushed(b)).toMatchObject({ pushed: true, cause: '' })
          expect(view(b).restarts).toEqual([])
        }),
        { numRuns: 150, seed: 6 },
      )
    },
  )
})
