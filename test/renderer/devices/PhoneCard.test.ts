import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import type { Banner, CallScreen, DeviceRow } from '../../../core/contract/index.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import PhoneCard from '../../../renderer/views/devices/PhoneCard.vue'
import { type FakePort, fakePort } from '../fixtures/fakePort.ts'
import { localPush } from '../fixtures/localPush.ts'
import { clock, deviceRow, NOW, snapshot } from '../fixtures/rows.ts'

type Screen = DeviceRow['screen']

const callOf = (over: Partial<CallScreen> = {}): CallScreen => ({
  style: 'CallKit',
  flow: 18,
  direction: 'incoming',
  name: 'Dr. Okafor',
  number: '+1 555 0143',
  video: true,
  state: 'ringing',
  since: NOW - 700,
  canAnswer: true,
  canDecline: true,
  overLockScreen: true,
  ...over,
})
const bannerOf = (over: Partial<Banner> = {}): Banner => ({
  id: 3,
  at: NOW - 3_800,
  app: 'Jabber',
  kind: 'call toast',
  title: 'Jabber',
  text: 'Call from Dr. Okafor',
  deadlineAt: NOW + 9_200,
  flow: 17,
  ...over,
})
const screenOf = (over: Partial<Screen> = {}): Screen => ({
  lit: true,
  locked: false,
  appOnScreen: false,
  statusBar: 'Ward-Wifi',
  call: null,
  banners: [],
  ...over,
})

let port: FakePort
let wrapper: ReturnType<typeof mount> | null = null

beforeEach(async () => {
  setActivePinia(createPinia())
  port = fakePort(null)
  const lab = useLab()
  await lab.connect(port)
  lab.apply(snapshot())
})
afterEach(() => {
  wrapper?.unmount()
  wrapper = null
  useLab().disconnect()
})

const show = (screen: Partial<Screen>, over: Partial<DeviceRow> = {}) => {
  wrapper = mount(PhoneCard, {
    props: { device: deviceRow({ id: 'ana', label: 'Ana · iPhone', ...over, screen: screenOf(screen) }) },
    attachTo: document.body,
  })
  return wrapper
}
const invoked = (name: string) => port.calls.filter((c) => c.name === name)
const named = (name: RegExp) => wrapper!.findAll('button').find((b) => name.test(b.attributes('aria-label') ?? b.text()))

describe('phone card', () => {
  it('shows a dark screen, and says so, while the screen is off', () => {
    const card = show({ lit: false, locked: true })
    expect(card.text()).toContain('screen off')
    expect(card.find('.status').exists()).toBe(false)
  })

  it('shows a lock screen with the time of the lab', () => {
    const card = show({ locked: true })
    expect(card.find('.lock-clock').text()).toBe('00:03')
    expect(card.find('.network').text()).toBe('Ward-Wifi')
  })

  it('[LPNS-09] says under the phone where its session is, or that there is none', () => {
    const network = { wifi: 'Ward', wifiIsMainRoute: true, cellular: true, internet: true, connected: true }
    expect(show({}, { network, localPush: localPush() }).find('.session-line').text()).toBe('Ward · LPNS ucm-sub1')
    expect(named(/^Ana/)!.attributes('aria-label')).toContain('Wi-Fi Ward · local push ucm-sub1')
    wrapper!.unmount()
    const off = localPush({ state: 'off', node: null })
    expect(show({}, { network, localPush: off }).find('.session-line').text()).toBe('Ward · LPNS off')
    wrapper!.unmount()
    expect(
      show({}, { network, localPush: { ...off, ssids: [], why: 'LPNS-08' } })
        .find('.session-line')
        .exists(),
    ).toBe(false)
  })

  it('[CALL-09] calls an audio call on CallKit a Video Call, and an Android call a Call', () => {
    expect(show({ locked: true, call: callOf() }).find('.label').text()).toBe('Webex · Video Call')
    wrapper!.unmount()
    expect(
      show({ call: callOf({ style: 'call screen', video: false }) }, { os: 'android' })
        .find('.label')
        .text(),
    ).toBe('Webex · Call')
  })

  it('[CALL-10] fills the locked screen with CallKit, whose buttons answer and decline without unlocking', async () => {
    const card = show({ locked: true, call: callOf() })
    expect(card.find('.call.full').exists()).toBe(true)
    expect(card.text()).toContain('CallKit, locked')
    expect(card.find('.who').text()).toBe('Dr. Okafor')
    expect(card.find('.number').text()).toBe('+1 555 0143')
    await named(/^Answer Dr\. Okafor/)!.trigger('click')
    await named(/^Decline Dr\. Okafor/)!.trigger('click')
    expect(invoked('device.answer').map((c) => c.args)).toEqual([{ device: 'ana' }])
    expect(invoked('device.decline').map((c) => c.args)).toEqual([{ device: 'ana' }])
  })

  it('[CALL-10] shows CallKit as a notification while the phone is unlocked', () => {
    const card = show({ call: callOf({ overLockScreen: false }) })
    expect(card.find('.call.full').exists()).toBe(false)
    expect(card.find('.call-note').text()).toContain('Dr. Okafor')
    expect(named(/^Answer/)).toBeDefined()
  })

  it('[CALL-11] rings inside the app on Jabber 12.8 and older, without CallKit', () => {
    const card = show({ appOnScreen: true, call: callOf({ style: 'in-app' }) }, { client: 'jabber', clientRelease: '12.8' })
    expect(card.find('.call.in-app').exists()).toBe(true)
    expect(card.text()).toContain('rings inside the app')
    expect(card.text()).not.toContain('CallKit')
  })

  it('[AND-02] shows the call screen of the app on Android', () => {
    const card = show({ call: callOf({ style: 'call screen', video: false }) }, { os: 'android' })
    expect(card.text()).toContain('call screen of the app')
    expect(card.text()).not.toContain('CallKit')
  })

  it('[CALL-07] says that there is no caller ID when the release sends none', () => {
    expect(
      show({ locked: true, call: callOf({ name: '', number: '' }) })
        .find('.who')
        .text(),
    ).toBe('No caller ID')
  })

  it('[CALL-07] waits for SIP after the answer: no answer button any more, but one to hang up', async () => {
    const card = show({ call: callOf({ state: 'waiting for SIP', canAnswer: false, canDecline: false }) })
    expect(card.text()).toContain('waiting for the call over SIP')
    expect(named(/^Answer/)).toBeUndefined()
    await named(/^Hang up/)!.trigger('click')
    expect(invoked('device.hangUp')).toHaveLength(1)
  })

  it('[CN-02] counts down on a China toast, up to the clock and not beyond, and taps it', async () => {
    const card = show({ banners: [bannerOf()] }, { region: 'mainland-china', client: 'jabber' })
    expect(card.find('.deadline').text()).toBe('tap within 9.2 s')
    expect(card.find('.call').exists()).toBe(false)
    useLab().apply({ ...snapshot({ reset: false, upsert: [], events: [], marks: [] }), seq: 2, clock: clock({ now: NOW + 4_000 }) })
    await nextTick()
    expect(card.find('.deadline').text()).toBe('tap within 5.2 s')
    await card.find('button.note').trigger('click')
    expect(invoked('device.tap').map((c) => c.args)).toEqual([{ device: 'ana', banner: 3 }])
  })

  it('[CN-02] offers no tap once the 13 s are over', async () => {
    const at = (now: number) =>
      useLab().apply({ ...snapshot({ reset: false, upsert: [], events: [], marks: [] }), seq: 2, clock: clock({ now }) })
    const card = show({ banners: [bannerOf({ deadlineAt: NOW + 13_000 })] })
    at(NOW + 12_900)
    await nextTick()
    expect(card.find('.deadline').text()).toBe('tap within 0.1 s')
    expect(card.find('button.note').exists()).toBe(true)
    at(NOW + 13_000)
    await nextTick()
    expect(card.find('.deadline').text()).toContain('too late')
    expect(card.find('button.note').exists()).toBe(false)
  })

  it('[CALL-04] [CALL-05] tells a missed call from one answered elsewhere', () => {
    const missed = show({ locked: true, banners: [bannerOf({ kind: 'missed call', title: '', deadlineAt: null, text: 'Dr. Okafor' })] })
    expect(missed.find('.note-head').text()).toBe('Missed call')
    wrapper!.unmount()
    const elsewhere = show({ locked: true, banners: [bannerOf({ kind: 'answered elsewhere', title: '', text: '', deadlineAt: null })] })
    expect(elsewhere.find('.note-head').text()).toBe('Answered elsewhere')
    expect(elsewhere.text()).not.toContain('Missed')
  })

  it('[CH-08] lets a message banner be tapped', async () => {
    const card = show({ locked: true, banners: [bannerOf({ id: 8, kind: 'message', deadlineAt: null, text: 'Are you there?' })] })
    await card.find('button.note').trigger('click')
    expect(invoked('device.tap').map((c) => c.args)).toEqual([{ device: 'ana', banner: 8 }])
  })

  it('shows the newest two notifications and counts the rest', () => {
    const banners = [1, 2, 3, 4].map((id) => bannerOf({ id, at: id, kind: 'message', title: `note ${id}`, deadlineAt: null }))
    const card = show({ locked: true, banners })
    expect(card.findAll('.note-head').map((n) => n.text())).toEqual(['note 4', 'note 3'])
    expect(card.text()).toContain('and 2 more')
  })

  it('on a small glass one notification stands with words of what is hidden, or two alone; one with a deadline alone', () => {
    const heads = (banners: Banner[]) => {
      wrapper?.unmount()
      wrapper = mount(PhoneCard, {
        props: { device: deviceRow({ id: 'ana', screen: screenOf({ locked: true, banners }) }), compact: true },
      })
      return [wrapper.findAll('.note-head').map((n) => n.text()), wrapper.find('.more').exists() ? wrapper.find('.more').text() : '']
    }
    const note = (id: number) => bannerOf({ id, at: id, kind: 'message', title: `note ${id}`, deadlineAt: null })
    expect(heads([note(1), note(2)])).toEqual([['note 2', 'note 1'], ''])
    expect(heads([note(1), note(2), note(3)])).toEqual([['note 3'], 'and 2 more'])
    expect(heads([note(1), bannerOf({ id: 2, at: 2, title: 'note 2' })])).toEqual([['note 2'], 'and 1 more'])
  })

  it('on a small glass the time of an active call stands where its kind stood: nothing runs under the button', () => {
    const small = (call: Partial<CallScreen>) => {
      wrapper?.unmount()
      const device = deviceRow({ id: 'ana', state: 'in call', screen: screenOf({ appOnScreen: true, call: callOf(call) }) })
      wrapper = mount(PhoneCard, { props: { device, compact: true } })
      return [wrapper.find('.call .label').text(), wrapper.find('.call-status').exists(), wrapper.find('.badge').text()]
    }
    expect(small({ state: 'active', since: NOW - 65_400, canAnswer: false, canDecline: false })).toEqual([
      'In call · 1:05',
      false,
      'in call',
    ])
    expect(small({})[0]).toContain('Video Call')
  })

  it('runs the time of an active call with the clock', async () => {
    const card = show({ appOnScreen: true, call: callOf({ state: 'active', since: NOW - 65_400, canAnswer: false, canDecline: false }) })
    expect(card.find('.call-status').text()).toBe('In call · 1:05')
    useLab().apply({ ...snapshot({ reset: false, upsert: [], events: [], marks: [] }), seq: 2, clock: clock({ now: NOW + 600 }) })
    await nextTick()
    expect(card.find('.call-status').text()).toBe('In call · 1:06')
  })

  it('draws a desk phone with its display', () => {
    const desk = { client: 'deskphone', os: 'desktop', lines: ['5020'] } as const
    expect(
      show(
        {
          call: callOf({
            style: 'desk phone',
            direction: 'outgoing',
            state: 'ring-back',
            name: 'Ana',
            number: '5012',
            video: false,
            canAnswer: false,
            canDecline: false,
          }),
        },
        { ...desk, lines: ['5020'] },
      )
        .find('.display')
        .text(),
    ).toContain('Off hook · ring-back tone')
    expect(wrapper!.text()).not.toContain('Video Call')
    wrapper!.unmount()
    expect(
      show({}, { ...desk, lines: ['5020'] })
        .find('.display')
        .text(),
    ).toContain('on hook')
    wrapper!.unmount()
    expect(
      show({}, { ...desk, lines: ['5020'], registeredTo: null })
        .find('.display')
        .text(),
    ).toContain('not registered')
  })

  it('[CH-02] flips the badge for each condition alone and for every combination', () => {
    for (let bits = 0; bits < 8; bits++) {
      const because = ['app off screen', 'device locked', 'screen off'].filter((_, i) => (bits >> i) & 1)
      const card = show(
        { lit: (bits & 4) === 0, locked: (bits & 2) !== 0, appOnScreen: (bits & 1) === 0 },
        { suspended: bits > 0, suspendedBecause: because },
      )
      expect(card.find('.badge').text()).toBe(bits === 0 ? 'foreground' : `suspended: ${because.join(', ')}`)
      card.unmount()
    }
    wrapper = null
  })

  it('says with shape and word whether a call would reach it', async () => {
    const card = show({})
    const mark = () => card.findAll('.caption .state-mark').at(-1)!
    expect([mark().classes(), mark().text()]).toEqual([expect.arrayContaining(['up']), 'reachable by SIP'])
    await card.setProps({ device: deviceRow({ id: 'ana', reach: { verdict: 'no', path: '', text: 'No.', why: '' } }) })
    expect([mark().classes(), mark().text()]).toEqual([expect.arrayContaining(['down']), 'unreachable'])
    await card.setProps({ device: deviceRow({ id: 'ana', reach: { verdict: 'unknown', path: '', text: '?', why: '' } }) })
    expect([mark().classes(), mark().text()]).toEqual([expect.arrayContaining(['idle']), 'unknown'])
  })

  it('reads well', () => {
    const card = show({ locked: true, call: callOf() }, { suspended: true, suspendedBecause: ['locked'] })
    expect(card.find('.caption').attributes('aria-label')).toBe(
      'Ana · iPhone, Webex 43.6, iPhone, suspended: locked, incoming call, CallKit, locked, Dr. Okafor +1 555 0143, a call would reach it by SIP',
    )
  })

  it('selects on click and opens the ladder of its call on double click, but not from its buttons', async () => {
    const card = show({ locked: true, call: callOf() })
    await card.find('.body').trigger('click')
    await card.find('.body').trigger('dblclick')
    expect(card.emitted('select')).toHaveLength(1)
    expect(card.emitted('openFlow')).toEqual([[18]])
    await named(/^Answer/)!.trigger('dblclick')
    expect(card.emitted('openFlow')).toHaveLength(1)
  })
})
