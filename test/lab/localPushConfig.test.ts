import { describe, expect, it } from 'vitest'
import type { DeviceRow, SessionRow } from '../../core/contract/rows.ts'
import type { ScenarioInput } from '../../core/contract/scenario.ts'
import type { Device } from '../../core/client/device.ts'
import { configFor, configOf, download, jabberConfigXml } from '../../core/lpns/jabberConfig.ts'
import { readSsidList, SSID_CHARACTERS_MAX } from '../../core/lpns/ssidList.ts'
import { bench, twoPhones, type Bench } from './bench.ts'

const names = (count: number): string => Array.from({ length: count }, (_, i) => `Ward${i + 1}`).join(';')

const problems = (text: string): string[] => {
  const read = readSsidList(text)
  return read.ok ? [] : read.problems.map(({ message }) => message)
}

describe('LocalPushSSIDList', () => {
  it('[LPNS-07] takes ten names', () => {
    expect(readSsidList(names(10))).toEqual({ ok: true, ssids: names(10).split(';') })
  })

  it('[LPNS-07] refuses an eleventh, and says so once', () => {
    expect(problems(names(11))).toEqual(['11 Wi-Fi names: the list takes at most 10'])
  })

  it('[LPNS-07] a name has at most 32 characters', () => {
    const longest = 'a'.repeat(32)
    expect(SSID_CHARACTERS_MAX).toBe(32)
    expect(readSsidList(longest)).toEqual({ ok: true, ssids: [longest] })
    expect(problems(`${longest}a`)).toEqual([`"${longest}a" has 33 characters: a Wi-Fi name has at most 32`])
  })

  it('[LPNS-07] [DEC-28] letters and digits only, and each wrong name is named', () => {
    expect(problems('Ward 3;Ward-4;Ward5;Wärd6;Ward_7')).toEqual(
      ['Ward 3', 'Ward-4', 'Wärd6', 'Ward_7'].map((name) => `"${name}" holds characters that are no letters or digits`),
    )
    expect(readSsidList('AZ09az')).toEqual({ ok: true, ssids: ['AZ09az'] })
  })

  it('[DEC-28] blanks around a name are trimmed', () => {
    expect(readSsidList(' Office ;\tWard3 ')).toEqual({ ok: true, ssids: ['Office', 'Ward3'] })
  })

  it('[LPNS-07] no name at all, and none between two semicolons', () => {
    expect(problems('')).toEqual(['the list is empty'])
    expect(problems('  ')).toEqual(['the list is empty'])
    expect(problems('Office;;Ward3')).toEqual(['entry 2 is empty'])
    expect(problems('Office;')).toEqual(['entry 2 is empty'])
    expect(problems(';Office')).toEqual(['entry 1 is empty'])
  })

  it('[DEC-28] a name twice is flagged, but capitals make another name', () => {
    expect(problems('Office;Ward3;Office')).toEqual(['"Office" stands twice, as entries 1 and 3'])
    expect(readSsidList('Office;office')).toEqual({ ok: true, ssids: ['Office', 'office'] })
  })

  it('[SCN-13] as typed, blanks and hyphens stay and the tenth is the last', () => {
    expect(readSsidList('Office ;Ward-3; Lab', true)).toEqual({ ok: true, ssids: ['Office ', 'Ward-3', ' Lab'] })
    const read = readSsidList(names(11), true)
    expect(read).toEqual({ ok: true, ssids: names(10).split(';') })
    expect(readSsidList('', true)).toEqual({ ok: true, ssids: [] })
  })

  it('every problem says how to mend it', () => {
    const read = readSsidList(`${names(10)};;Ward-3;Ward1;${'x'.repeat(33)}`)
    if (read.ok) throw new Error('accepted')
    expect(read.problems).toHaveLength(5)
    for (const { fix } of read.problems) expect(fix).not.toBe('')
  })
})

const CHAIN: Pick<ScenarioInput, 'cluster'> = {
  cluster: {
    nodes: [{ id: 'ucm-pub' }],
    ucServices: [{ id: 'wifi', localPushSsidList: 'Office; Ward3' }, { id: 'plain' }],
    serviceProfiles: [{ id: 'nurses', mobile: 'wifi' }, { id: 'bare' }],
  },
}

/** Ana with the profile `nurses`; Ben has none. */
const chain = (): Bench => {
  const { users: _, ...rest } = twoPhones({}, CHAIN)
  return bench({
    ...rest,
    users: [
      { id: 'okafor', name: 'Dr. Okafor', number: '5010' },
      { id: 'ana', name: 'Ana Ruiz', number: '5001', serviceProfile: 'nurses' },
      { id: 'ben', number: '5002' },
    ],
    devices: [...(rest.devices ?? []), { id: 'tablet', owner: 'ana', client: 'jabber' }, { id: 'ben-phone', owner: 'ben' }],
  })
}

const deviceOf = (b: Bench, id = 'phone'): Device => {
  const found = b.lab.world.devices.get(id)
  if (!found) throw new Error(`no device ${id}`)
  return found
}

const ssids = (b: Bench, id?: string): readonly string[] => configFor(b.lab.world, deviceOf(b, id)).ssids
const broken = (b: Bench, id?: string): string | undefined => configFor(b.lab.world, deviceOf(b, id)).broken?.text

describe('the chain behind jabber-config.xml', () => {
  it('[LPNS-08] end user, service profile, Mobile, UC service: all there gives the list', () => {
    const b = chain()
    expect(ssids(b)).toEqual(['Office', 'Ward3'])
    expect(broken(b)).toBeUndefined()
  })

  it('[LPNS-08] [DEC-31] Jabber gets it as the Webex App does', () => {
    const b = chain()
    expect(ssids(b, 'tablet')).toEqual(ssids(b, 'phone'))
  })

  it('[LPNS-08] a break in any link leaves the client without the list, and is named', () => {
    const b = chain()
    expect([ssids(b, 'ben-phone'), broken(b, 'ben-phone')]).toEqual([[], 'End User ben has no UC Service Profile'])
    b.give('user.set', { user: 'ana', serviceProfile: 'bare' })
    expect([ssids(b), broken(b)]).toEqual([[], 'Service Profile bare has no Mobile entry'])
    b.give('serviceProfile.set', { profile: 'bare', mobile: 'plain' })
    expect([ssids(b), broken(b)]).toEqual([[], 'UC Service plain has no LocalPushSSIDList'])
    b.give('ucService.set', { service: 'plain', localPushSsidList: 'Lab' })
    expect([ssids(b), broken(b)]).toEqual([['Lab'], undefined])
    b.give('ucService.set', { service: 'plain', localPushSsidList: null })
    expect(broken(b)).toBe('UC Service plain has no LocalPushSSIDList')
    b.give('serviceProfile.set', { profile: 'bare', mobile: null })
    expect(broken(b)).toBe('Service Profile bare has no Mobile entry')
    b.give('user.set', { user: 'ana', serviceProfile: null })
    expect(broken(b)).toBe('End User ana has no UC Service Profile')
  })

  it('[LPNS-08] what is no phone has no Mobile entry', () => {
    const b = chain()
    b.give('user.set', { user: 'okafor', serviceProfile: 'nurses' })
    expect([ssids(b, 'desk'), broken(b, 'desk')]).toEqual([[], 'desk is no phone: the Mobile entry is not for it'])
  })

  it('[DEC-31] the fix names the page as the procedure does', () => {
    const b = chain()
    const fix = (): string | undefined => configFor(b.lab.world, deviceOf(b)).broken?.fix
    b.give('user.set', { user: 'ana', serviceProfile: null })
    expect(fix()).toBe('choose one in User Management > End User > Service Settings > UC Service Profile')
    b.give('user.set', { user: 'ana', serviceProfile: 'bare' })
    expect(fix()).toBe(
      'choose a UC service in User Management > User Settings > Service Profile, Jabber Client Configuration (jabber-config.xml) > Mobile',
    )
    b.give('serviceProfile.set', { profile: 'bare', mobile: 'plain' })
    expect(fix()).toBe('add it in User Management > User Settings > UC Service, Section Phone, Parameter LocalPushSSIDList')
  })
})

describe('jabber-config.xml', () => {
  it('[LPNS-08] holds the list in the section Phone and EnableVoipSocket in Options', () => {
    const b = chain()
    expect(jabberConfigXml(b.lab.world, deviceOf(b))).toBe(
      [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<config version="1.0">',
        '  <Options>',
        '    <EnableVoipSocket>false</EnableVoipSocket>',
        '  </Options>',
        '  <Phone>',
        '    <LocalPushSSIDList>Office;Ward3</LocalPushSSIDList>',
        '  </Phone>',
        '</config>',
        '',
      ].join('\n'),
    )
    b.give('device.voipSocket', { device: 'phone', enabled: true })
    expect(jabberConfigXml(b.lab.world, deviceOf(b))).toContain('<EnableVoipSocket>true</EnableVoipSocket>')
  })

  it('[LPNS-08] has no section Phone where the chain is broken', () => {
    const b = chain()
    const text = jabberConfigXml(b.lab.world, deviceOf(b, 'ben-phone'))
    expect(text).not.toContain('Phone')
    expect(text).toContain('<EnableVoipSocket>')
  })

  it('[SCN-13] a list as typed keeps its blanks, and nothing typed breaks the file', () => {
    const b = chain()
    b.give('ucService.set', { service: 'wifi', localPushSsidList: 'Office ;<b>&amp;\u0000\r\ud800', asTyped: true })
    expect(ssids(b)).toEqual(['Office ', '<b>&amp;\u0000\r\ud800'].flatMap((each) => each.split(';')))
    expect(jabberConfigXml(b.lab.world, deviceOf(b))).toContain(
      '<LocalPushSSIDList>Office ;&lt;b&gt;&amp;amp;\ufffd&#13;\ufffd</LocalPushSSIDList>',
    )
  })

  it('[LPNS-08] the host is told what the device holds, and what is newer or missing', () => {
    const b = chain()
    const { world } = b.lab
    const phone: Device & { config?: ReturnType<typeof download> | null } = deviceOf(b)
    phone.config = null
    const empty = configOf(world, phone)
    expect(empty).toMatchObject({ name: 'jabber-config.xml', text: null, ssids: [], downloadedAt: null })
    expect(empty.chain.map(({ message }) => message)).toEqual(['not downloaded yet'])
    b.runUntil(5_000)
    phone.config = download(world, phone)
    expect(configOf(world, phone)).toEqual({
      name: 'jabber-config.xml',
      text: jabberConfigXml(world, phone),
      ssids: ['Office', 'Ward3'],
      downloadedAt: 5_000,
      chain: [],
    })
    b.lab.world.cluster.serviceProfiles.set('nurses', { id: 'nurses', mobile: null }) // no client told
    expect(configOf(world, phone)).toMatchObject({
      ssids: ['Office', 'Ward3'],
      chain: [{ message: 'Service Profile nurses has no Mobile entry' }, { message: 'saved settings have changed since this download' }],
    })
  })
})

describe('saving settings of User Management', () => {
  /** Devices that are told of each save. */
  const saves = (b: Bench): string[] => {
    const told: string[] = []
    b.lab.world.receivers.configSaved = (device) => void told.push(device.id)
    return told
  }

  it('[LPNS-07] a UC service: its list is saved, noted, and the devices that carry it are told', () => {
    const b = chain()
    const told = saves(b)
    b.give('ucService.set', { service: 'wifi', localPushSsidList: ' Office;Lab ' })
    expect(ssids(b)).toEqual(['Office', 'Lab'])
    expect(told).toEqual(['phone', 'tablet'])
    expect(b.hop({ carrier: 'admin', why: 'LPNS-07' })).toMatchObject({
      from: 'ucm-pub',
      message: 'User Management > User Settings > UC Service, Section Phone, Parameter LocalPushSSIDList: wifi',
      outcome: 'LocalPushSSIDList = Office;Lab',
    })
    b.give('ucService.set', { service: 'plain', localPushSsidList: 'Nowhere' })
    expect(told).toEqual(['phone', 'tablet'])
  })

  it('[LPNS-07] [DEC-28] a bad list is refused as a whole, each problem with its fix', () => {
    const b = chain()
    const told = saves(b)
    const reply = b.try('ucService.set', { service: 'wifi', localPushSsidList: `${names(10)};Ward-11` })
    expect(reply).toMatchObject({
      ok: false,
      code: 'bad-request',
      issues: [
        { path: 'localPushSsidList', message: '11 Wi-Fi names: the list takes at most 10', fix: 'keep 10 of them' },
        {
          path: 'localPushSsidList',
          message: '"Ward-11" holds characters that are no letters or digits',
          fix: expect.stringContaining('A-Z'),
        },
      ],
    })
    expect(ssids(b)).toEqual(['Office', 'Ward3'])
    expect([told, b.hops({ carrier: 'admin' })]).toEqual([[], []])
    b.give('ucService.set', { service: 'wifi', localPushSsidList: 'Ward-11 ', asTyped: true })
    expect(ssids(b)).toEqual(['Ward-11 '])
    expect(b.hop({ why: 'LPNS-07' }).outcome).toBe('LocalPushSSIDList = Ward-11  (as typed)')
  })

  it('[LPNS-08] a service profile and an end user: noted, and just their devices are told', () => {
    const b = chain()
    const told = saves(b)
    b.give('serviceProfile.set', { profile: 'nurses', mobile: null })
    expect(told.splice(0)).toEqual(['phone', 'tablet'])
    b.give('user.set', { user: 'ben', serviceProfile: 'nurses' })
    expect(told.splice(0)).toEqual(['ben-phone'])
    b.give('user.set', { user: 'ana', serviceProfile: null })
    expect(told.splice(0)).toEqual(['phone', 'tablet'])
    expect(b.hops({ carrier: 'admin', why: 'LPNS-08' }).map(({ message, outcome }) => [message, outcome])).toEqual([
      ['User Management > User Settings > Service Profile, Jabber Client Configuration (jabber-config.xml) > Mobile: nurses', '< None >'],
      ['User Management > End User > Service Settings > UC Service Profile: ben', 'nurses'],
      ['User Management > End User > Service Settings > UC Service Profile: ana', '< None >'],
    ])
  })

  it('[LPNS-08] user.set keeps the profile when it changes something else, and changes both at once', () => {
    const b = chain()
    b.give('user.set', { user: 'ana', mobilityIdentity: '900' })
    expect(ssids(b)).toEqual(['Office', 'Ward3'])
    b.give('user.set', { user: 'ana', mobilityIdentity: null, serviceProfile: 'bare' })
    expect(b.lab.world.directory.users.get('ana')).toMatchObject({ serviceProfile: 'bare' })
    expect(b.lab.world.directory.users.get('ana')).not.toHaveProperty('mobilityIdentity')
    expect(b.hops({ message: 'end user ana changed' })).toHaveLength(2)
  })

  it.each([
    ['ucService.set', { service: 'wify', localPushSsidList: 'A' }, 'there is no UC service "wify"', 'use one of: wifi, plain'],
    ['serviceProfile.set', { profile: 'nurse', mobile: 'wifi' }, 'there is no service profile "nurse"', 'use one of: nurses, bare'],
    ['serviceProfile.set', { profile: 'nurses', mobile: 'wify' }, 'there is no UC service "wify"', 'use one of: wifi, plain'],
    ['user.set', { user: 'ana', serviceProfile: 'nurse' }, 'there is no service profile "nurse"', 'use one of: nurses, bare'],
    ['user.set', { user: 'anna', serviceProfile: 'nurses' }, 'there is no user "anna"', 'use one of: okafor, ana, ben'],
  ])('[LPNS-08] %s with an unknown name is not found: %j', (name, args, message, fix) => {
    const b = chain()
    expect(b.try(name, args)).toMatchObject({ ok: false, code: 'not-found', message, issues: [{ fix }] })
    expect(b.hops({ carrier: 'admin' })).toEqual([])
  })

  it('[LPNS-08] is part of the run: a replay has the same list', () => {
    const b = chain()
    b.give('ucService.set', { service: 'wifi', localPushSsidList: 'Lab' })
    const again = bench(b.lab.scenario as ScenarioInput)
    for (const input of b.lab.inputs) again.lab.replay(input)
    expect(ssids(again)).toEqual(['Lab'])
    expect(b.rows<DeviceRow>('device')).toEqual(again.rows<DeviceRow>('device'))
  })
})

describe('the file that a phone holds', () => {
  const held = (b: Bench, id = 'phone') => configOf(b.lab.world, deviceOf(b, id))
  const client = (b: Bench, id = 'phone') => b.rows<SessionRow>('session').find((row) => row.id === id)?.client ?? 'off'

  it('[LPNS-08] came with its registration, before the lab began', () => {
    expect(held(chain())).toMatchObject({ ssids: ['Office', 'Ward3'], downloadedAt: 0, chain: [] })
  })

  it('[LPNS-08] comes at once after a save while the client is connected: over SIP, or by its local push session', () => {
    const b = chain()
    expect([b.device('tablet').sip, b.device('phone').sip, client(b)]).toEqual(['connected', 'suspended', 'open'])
    b.runUntil(5_000)
    b.give('ucService.set', { service: 'wifi', localPushSsidList: 'Office;Lab' })
    for (const id of ['phone', 'tablet']) expect(held(b, id)).toMatchObject({ ssids: ['Office', 'Lab'], downloadedAt: 5_000, chain: [] })
  })

  it('[LPNS-08] comes with the next REGISTER while it is not connected', () => {
    const b = chain()
    b.give('device.network', { device: 'phone', wifi: 'Home' })
    b.runUntil(5_000)
    expect([b.device('phone').sip, client(b)]).toEqual(['suspended', 'off'])
    b.give('ucService.set', { service: 'wifi', localPushSsidList: 'Home' })
    b.runUntil(60_000)
    expect(held(b)).toMatchObject({
      ssids: ['Office', 'Ward3'],
      downloadedAt: 0,
      chain: [{ message: 'saved settings have changed since this download', fix: 'the next REGISTER brings it: open the app' }],
    })
    expect(client(b)).toBe('off')
    b.give('device.foreground', { device: 'phone' })
    b.runUntil(61_000)
    expect(held(b)).toMatchObject({ ssids: ['Home'], downloadedAt: 60_020, chain: [] })
    expect(client(b)).toBe('open')
  })

  it('[LPNS-08] is not fetched by a client that is logged out; its sign-in brings it', () => {
    const b = chain()
    b.give('device.signOut', { device: 'phone' })
    b.give('ucService.set', { service: 'wifi', localPushSsidList: 'Office;Lab' })
    expect(held(b)).toMatchObject({ ssids: ['Office', 'Ward3'], chain: [{ fix: 'sign in' }] })
    b.give('device.signIn', { device: 'phone' })
    b.runUntil(5_000)
    expect(held(b)).toMatchObject({ ssids: ['Office', 'Lab'], chain: [] })
  })

  it.each<[string, (b: Bench) => unknown]>([
    ['end user', (b) => b.give('user.set', { user: 'ana', serviceProfile: null })],
    ['service profile', (b) => b.give('serviceProfile.set', { profile: 'nurses', mobile: null })],
    ['UC service', (b) => b.give('ucService.set', { service: 'wifi', localPushSsidList: null })],
  ])('[LPNS-08] a break at the %s ends the session; mended, it opens again', (_, breakIt) => {
    const b = chain()
    b.runUntil(5_000)
    breakIt(b)
    b.runFor(1_000)
    expect([client(b), held(b).ssids]).toEqual(['off', []])
    b.give('device.foreground', { device: 'phone' })
    b.give('user.set', { user: 'ana', serviceProfile: 'nurses' })
    b.give('serviceProfile.set', { profile: 'nurses', mobile: 'wifi' })
    b.give('ucService.set', { service: 'wifi', localPushSsidList: 'Office' })
    b.runFor(1_000)
    expect([client(b), held(b).ssids]).toEqual(['open', ['Office']])
  })

  it('[SCN-13] [DEC-28] a trailing blank in the list: local push stops, the call comes by APNs; the name mended, it is local again', () => {
    const b = chain()
    const path = (): string[] => b.pushes({ device: 'phone', purpose: 'incoming call' }).map((push) => push.path)
    b.give('device.habits', { device: 'phone', answersAfterMs: 500, hangsUpAfterMs: 1_000 })
    b.runUntil(5_000)
    b.give('ucService.set', { service: 'wifi', localPushSsidList: 'Office ', asTyped: true })
    b.runFor(1_000)
    expect(client(b)).toBe('off')
    b.call('5001', 'desk')
    b.runFor(10_000)
    expect(path()).toEqual(['cloud'])
    b.give('ucService.set', { service: 'wifi', localPushSsidList: 'Office' })
    b.give('device.foreground', { device: 'phone' })
    b.runFor(1_000)
    b.give('device.lock', { device: 'phone' })
    b.call('5001', 'desk')
    b.runFor(10_000)
    expect(path()).toEqual(['cloud', 'local'])
    expect(b.pushes({ device: 'phone', purpose: 'incoming call' }).map(({ state }) => state)).toEqual(['used', 'used'])
  })

  it('[LPNS-01] is of no use to Android', () => {
    const b = chain()
    deviceOf(b, 'tablet').os = 'android'
    expect(held(b, 'tablet').chain).toMatchObject([{ message: 'tablet makes no use of the list' }])
  })
})
