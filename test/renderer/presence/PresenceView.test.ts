import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failure, ok, type Row } from '../../../core/contract/index.ts'
import { useActions } from '../../../renderer/state/actions.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { type PresenceSection, usePresence } from '../../../renderer/state/presence.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import PresenceView from '../../../renderer/views/presence/PresenceView.vue'
import { type FakePort, fakePort } from '../fixtures/fakePort.ts'
import { client, imp, relogin, silent, takeover } from '../fixtures/presence.ts'
import { events, imNodeRow, labRow, snapshot } from '../fixtures/rows.ts'

let port: FakePort
let view: VueWrapper | null = null
/** Time goes on: the list is drawn with every batch. */
const batch = async (): Promise<void> => {
  const { clock } = useLab()
  useLab().apply({ ...snapshot({ upsert: [], events: [], marks: [] }), reset: false, clock: { ...clock, tasks: clock.tasks + 1 } })
  await flushPromises()
}
const begin = async (section: PresenceSection, rows: Row[] = takeover(), prepare: (port: FakePort) => void = () => undefined) => {
  port = fakePort(null)
  port.answer('presence.relogin', ok(relogin()))
  prepare(port)
  await useLab().connect(port)
  useLab().apply(snapshot({ upsert: [labRow(), ...rows], events: [], marks: [] }))
  usePresence().section = section
  view = mount(PresenceView, { attachTo: document.body })
  await flushPromises()
  await batch()
  return view
}
// Without a canvas there is no chart; its data has tests of its own.
vi.mock('../../../renderer/views/presence/DepthPlot.vue', () => ({ default: { template: '<figure />' } }))

beforeEach(() => {
  setActivePinia(createPinia())
  // Nothing is laid out here: the list is as high as this.
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900)
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(300)
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(900)
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(300)
})
afterEach(() => {
  view?.unmount()
  view = null
  useLab().disconnect()
  document.body.innerHTML = ''
  vi.restoreAllMocks()
})
const sent = (name: string) => port.calls.filter((call) => call.name === name).map((call) => call.args)
const card = (node: string) => view!.find(`[data-node="${node}"]`)
const button = (name: string, within: { findAll: VueWrapper['findAll'] } = view!) =>
  within.findAll('button').find((one) => one.text().startsWith(name))!

describe('the nodes', () => {
  it('[HA-08] a takeover shows its progress, what waits for it, and that logins come too fast', async () => {
    await begin('nodes')
    expect(card('imp-pub').text()).toContain('crashed, failed over')
    expect(card('imp-sub').text()).toContain('sessions rebuilt 1,234 of 5,994')
    expect(card('imp-sub').text()).toContain('about 10 min left')
    expect(card('imp-sub').text()).toContain('7 messages wait for it')
    expect(card('imp-sub').find('progress').attributes('aria-label')).toContain('imp-sub')
    expect(card('imp-sub').text()).toContain('5.00 users a second')
    expect(card('imp-sub').text()).toContain('more than 4 is not supported')
    expect(view!.text()).toContain('4 messages = delivered 4')
  })

  it('[HA-03] [HA-04] [HA-05] [HA-06] the four ways to lose a node are buttons; what makes no sense says why', async () => {
    await begin('nodes')
    await button('Crash XCP Router', card('imp-sub')).trigger('click')
    await button('Restart XCP Router', card('imp-sub')).trigger('click')
    await button('Shut down', card('imp-sub')).trigger('click')
    await button('Start', card('imp-pub')).trigger('click')
    await flushPromises()
    expect(sent('service.kill')).toEqual([{ node: 'imp-sub', service: 'Cisco XCP Router' }])
    expect(sent('service.restart')).toEqual([{ node: 'imp-sub', service: 'Cisco XCP Router' }])
    expect(sent('node.shutDown')).toEqual([{ node: 'imp-sub' }])
    expect(sent('node.start')).toEqual([{ node: 'imp-pub' }])
    expect(button('Crash', card('imp-pub')).attributes('aria-disabled')).toBe('true')
    expect(button('Crash', card('imp-pub')).text()).toContain('imp-pub is crashed')
    expect(button('Fall back now', card('imp-sub')).text()).toContain('nobody is to return')
  })

  it('[HA-07] users return when an administrator says so', async () => {
    await begin('nodes', [imp('imp-pub'), imNodeRow({ id: 'imp-pub', state: 'failed over' })])
    await button('Fall back now').trigger('click')
    await flushPromises()
    expect(sent('presence.fallback')).toEqual([{ node: 'imp-pub' }])
  })

  it('[ONB-19] saves Push HA, and offers the restart that puts it in force', async () => {
    const pending = { saved: false, inForce: true, restartPending: true }
    await begin('nodes', [imp('imp-pub'), imNodeRow({ id: 'imp-pub', highAvailability: pending })])
    await button('Enable Push Notifications High Availability').trigger('click')
    await flushPromises()
    expect(sent('presence.parameters')).toEqual([{ pushHighAvailability: true }])
    const restarts = view!.findAll('.high button')
    expect(restarts).toHaveLength(1)
    await restarts[0]!.trigger('click')
    await flushPromises()
    expect(sent('service.restart')).toEqual([{ node: 'imp-pub', service: 'Cisco XCP Router' }])
  })

  it('a refusal stands on the page, and not on the next one', async () => {
    await begin('nodes', takeover(), (one) => one.answer('presence.parameters', failure('refused', 'not while it falls back')))
    await button('Disable Push Notifications High Availability').trigger('click')
    await flushPromises()
    expect(view!.find('[role=alert]').text()).toContain('not while it falls back')
    usePresence().section = 'reach'
    await flushPromises()
    expect(view!.find('[role=alert]').exists()).toBe(false)
  })

  it('a lab without IM and Presence says how to get one; the calculator is there all the same', async () => {
    await begin('nodes', [])
    expect(view!.text()).toContain('This lab has no IM and Presence Service')
    await button('Open “15,000 users”').trigger('click')
    expect(sent('lab.open')).toEqual([{ file: 'large-im-failover.yaml' }])
    usePresence().section = 'relogin'
    await flushPromises()
    expect(view!.text()).toContain('users a second')
    expect(button('Set these limits').text()).toContain('no IM and Presence Service')
  })
})

describe('who is reached', () => {
  const many = (): Row[] => [
    ...takeover(),
    ...Array.from({ length: 15_000 }, (_, i) =>
      i < 6_000 ? silent(i) : client(i, i === 14_999 ? { unread: 3, unreadDepth: [{ at: 1_000, n: 3 }] } : {}),
    ),
  ]

  it('[HA-08] 15,000 clients, the reason once with its count, and few of them in the document', async () => {
    await begin('reach', many())
    expect(view!.find('[role=grid]').attributes('aria-rowcount')).toBe('15001')
    expect(view!.findAll('[data-client]').length).toBeLessThan(60)
    expect(view!.find('.reasons').text()).toContain('6,000')
    expect(view!.find('.reasons').text()).toContain('Not before 00:13:17')
    await view!.find('.reason').trigger('click')
    expect(view!.find('[role=status].muted').text()).toBe('6,000 of 15,000 clients')
    await button('Clear').trigger('click')
    await view!
      .findAll('.filter-chip')
      .find((chip) => chip.text().startsWith('something waits'))!
      .trigger('click')
    await batch()
    expect(view!.find('[data-client]').text()).toContain('Nurse 14999')
    expect(view!.find('[data-client] .sparkline').attributes('aria-label')).toBe('since 00:01.000, at most 3')
  })

  it('[HA-01] says on which node a session is that has its home elsewhere; keys move and select', async () => {
    await begin('reach', [...takeover(), client(2), silent(1)])
    const rows = view!.findAll('[data-client]')
    expect(rows[0]!.text()).toContain('imp-sub, not imp-pub')
    const grid = view!.find('[role=grid]')
    await grid.trigger('keydown', { key: 'ArrowDown' })
    await grid.trigger('keydown', { key: 'Enter' })
    expect(useSelection().current).toEqual({ kind: 'device', id: 'c2' })
    await view!.find('input').setValue('nobody of this name')
    expect(view!.text()).toContain('No client matches. Clear the filter to see all 2.')
  })

  it('the sessions of a node lead to its clients', async () => {
    await begin('nodes', [...takeover(), client(2), silent(1)])
    await card('imp-sub').find('.facts .link').trigger('click')
    expect(usePresence().section).toBe('reach')
    expect(
      view!
        .findAll('.filter-chip')
        .find((chip) => chip.text().startsWith('imp-sub'))!
        .attributes('aria-pressed'),
    ).toBe('true')
  })
})

describe('losses', () => {
  const loss = {
    ...events[0]!,
    seq: 40,
    at: 10_000,
    carrier: 'XMPP' as const,
    from: 'imp-pub/XCP Router',
    message: 'queue of Ana Ruiz on ana-iphone',
    outcome: '3 lost: 2 messages, 1 chat room invitation; imp-pub crashed',
    why: 'HA-03',
  }

  it('[HA-03] lists whose, how many and why, and leads to the event', async () => {
    await begin('losses', takeover(), (one) => one.answer('events.query', ok({ events: [loss], more: false, oldestKept: 0 })))
    expect(sent('events.query')).toEqual([{ filter: { carrier: 'XMPP', status: 'lost' }, limit: 200 }])
    expect(view!.find('tbody').text()).toContain('Ana Ruiz on ana-iphone')
    expect(view!.find('tbody').text()).toContain('1 chat room invitation; imp-pub crashed')
    await view!.find('tbody .link').trigger('click')
    expect(useSelection().current).toEqual({ kind: 'event', id: '40' })
  })

  it('says when there is none, and how to make one; asks for older ones', async () => {
    await begin('losses', takeover(), (one) => one.answer('events.query', ok({ events: [], more: false, oldestKept: 0 })))
    expect(view!.text()).toContain('Nothing was lost')
    view!.unmount()
    setActivePinia(createPinia())
    await begin('losses', takeover(), (one) => one.answer('events.query', ok({ events: [loss], more: true, oldestKept: 0 })))
    await button('Older ones').trigger('click')
    expect(sent('events.query').at(-1)).toMatchObject({ before: 40 })
  })

  it('a lab that cannot tell says so', async () => {
    await begin('losses', takeover(), (one) => one.answer('events.query', failure('io', 'the lab is gone')))
    expect(view!.find('[role=alert]').text()).toBe('the lab is gone')
  })
})

describe('the re-login rate', () => {
  const field = (label: string) =>
    view!
      .findAll('.input')
      .find((one) => one.text().startsWith(label))!
      .find('input')

  it('[HA-10] shows the worked example and takes it', async () => {
    await begin('relogin')
    expect(view!.text()).toContain('7,500 ÷ (2,075 − 200) = 4 users a second')
    await button('Worked example').trigger('click')
    await flushPromises()
    expect(sent('presence.relogin').at(-1)).toEqual({ users: 7_500, lowerSeconds: 200, upperSeconds: 2_075, release: '11.5' })
    expect(view!.text()).toContain('pass: not more than 4')
    expect(view!.find('tbody').text()).toContain('too fast')
  })

  it('[HA-10] warns, proposes the upper limit, and sets it in the lab', async () => {
    const bad = relogin({
      figures: { users: 7_500, lowerSeconds: 200, upperSeconds: 2_074 },
      shown: '4.00',
      perSecond: 4.002,
      pass: false,
      notes: ['Valid for 11.5.'],
    })
    await begin('relogin', takeover(), (one) => one.answer('presence.relogin', ok(bad)))
    expect(view!.text()).toContain('fail: more than 4')
    expect(view!.text()).toContain('Valid for 11.5.')
    await button('Take 2,075 s').trigger('click')
    await flushPromises()
    expect(sent('presence.relogin').at(-1)).toMatchObject({ upperSeconds: 2_075 })
    await button('Set these limits').trigger('click')
    await flushPromises()
    expect(sent('presence.parameters')).toEqual([{ reloginLowerSeconds: 200, reloginUpperSeconds: 2_074 }])
  })

  it('what is no number, and what the lab refuses, stands at its input', async () => {
    await begin('relogin')
    await field('Users').setValue('many')
    expect(view!.find('.issue').text()).toBe('is not a number')
    port.answer(
      'presence.relogin',
      failure('bad-request', 'no', [{ path: 'upperSeconds', message: 'not above the lower one', fix: 'more than 200 s' }]),
    )
    await field('Users').setValue('7500')
    await flushPromises()
    expect(view!.find('.issue').text()).toBe('not above the lower one: more than 200 s')
    expect(field('Upper').attributes('aria-invalid')).toBe('true')
  })
})

describe('menus', () => {
  it('[MSG-02] [MSG-04] a client can be invited, used, and have its presence set', async () => {
    await begin('reach', [...takeover(), client(1), client(2, { im: 'connected', suspended: false })])
    const { actionsFor } = useActions()
    const of = (id: string) => new Map(actionsFor({ kind: 'device', id }).map((action) => [action.id, action]))
    expect(of('c1').get('room.invite')).toMatchObject({ args: { to: 'nurse-1' }, disabled: false })
    expect(of('c2').get('device.activity')).toMatchObject({ args: { device: 'c2' }, disabled: false })
    expect(of('c1').get('user.presence')).toMatchObject({ args: { user: 'nurse-1' } })
    expect(actionsFor({ kind: 'node', id: 'imp-sub' }).map(({ id }) => id)).toContain('presence.fallback')
  })
})
