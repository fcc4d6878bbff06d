import { describe, expect, it } from 'vitest'
import { SCENARIO_LIMITS } from '../../core/contract/scenario.ts'
import type { Issue } from '../../core/contract/door.ts'
import { MAX_ISSUES, parseScenario } from '../../core/scenario/parse.ts'
import { readSource, SOURCE_LIMITS } from '../../core/scenario/source.ts'

const GOOD = `pushlab: 1
title: Test
cluster:
  nodes: [{ id: ucm-pub }, { id: ucm-sub1 }]
  groups:
    - { id: CMG, nodes: [ucm-sub1, ucm-pub] }
  pools:
    - { id: DP, group: CMG }
users:
  - { id: ana, number: "5001" }
  - { id: rex, number: "5010" }
devices:
  - { id: rex-desk, owner: rex, client: deskphone, os: desktop }
  - { id: ana-iphone, owner: ana, pool: DP }
`

const issuesOf = (text: string): Issue[] => {
  const parsed = parseScenario(text, 'test.yaml')
  return parsed.ok ? [] : parsed.issues
}

/** The one issue of a text, where exactly one is due. */
const only = (text: string): Issue => {
  const issues = issuesOf(text)
  expect(issues.map(({ message }) => message)).toHaveLength(1)
  return issues[0]!
}

const swap = (from: string, to: string): string => {
  expect(GOOD).toContain(from)
  return GOOD.replace(from, to)
}

describe('a good file', () => {
  it('is read with every default filled in', () => {
    const parsed = parseScenario(GOOD, 'test.yaml')
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
    expect(parsed.scenario.seed).toBe(1)
    expect(parsed.scenario.until).toBe(60_000)
    expect(parsed.scenario.commandsRun).toBe('always')
    expect(parsed.scenario.devices[1]).toMatchObject({ id: 'ana-iphone', os: 'ios', app: 'on screen', wakeMs: 400 })
  })

  it('may be JSON', () => {
    const parsed = parseScenario(GOOD, 'test.yaml')
    if (!parsed.ok) throw new Error('bad')
    expect(parseScenario(JSON.stringify(parsed.scenario), 'test.json')).toEqual(parsed)
  })

  it('may start with a byte order mark and have Windows line ends', () => {
    expect(parseScenario(`\uFEFF${GOOD.replaceAll('\n', '\r\n')}`, 'test.yaml')).toEqual(parseScenario(GOOD, 'test.yaml'))
  })

  it('keeps releases as typed: 43.10 is not 43.1', () => {
    const parsed = parseScenario(swap('pool: DP', 'pool: DP, clientRelease: 43.10, osRelease: 16.50'), 'test.yaml')
    expect(parsed).toMatchObject({ ok: true, scenario: { devices: [{}, { clientRelease: '43.10', osRelease: '16.50' }] } })
  })

  it('may use anchors and aliases', () => {
    const text = swap('pool: DP }', 'pool: DP, habits: &slow { answersAfterMs: 9s } }\n  - { id: second, owner: ana, habits: *slow }')
    const parsed = parseScenario(text, 'test.yaml')
    expect(parsed).toMatchObject({ ok: true, scenario: { devices: [{}, {}, { habits: { answersAfterMs: 9_000 } }] } })
  })

  it('[CALL-05] may have a number on two devices: a shared line', () => {
    expect(issuesOf(`${GOOD}  - { id: ana-desk, owner: ana, client: deskphone, os: desktop }\n`)).toEqual([])
  })
})

describe('[SCN-15] a bad file says what, where and how to mend it', () => {
  it.each([
    ['an unknown field', swap('title: Test', 'title: Test\nabuot: x'), 'abuot', 3, 1, 'there is no field "abuot"', 'did you mean "about"?'],
    ['a field in the wrong place', `${GOOD}firewall: {}\n`, 'firewall', 15, 1, 'no field "firewall"', '"firewall" belongs to edge'],
    ['a missing field', swap('owner: ana, ', ''), 'devices[1].owner', 14, 5, '"owner" is missing', 'add "owner: ..."'],
    ['an empty field', swap('title: Test', 'title:'), 'title', 2, 1, '"title" has no value', 'write text'],
    ['a number without quotes', swap('"5001"', '5001'), 'users[0].number', 10, 24, 'must be text', 'double quotes'],
    [
      'a wrong choice',
      swap('client: deskphone', 'client: deskfone'),
      'devices[0].client',
      13,
      41,
      'not one of',
      'did you mean "deskphone"?',
    ],
    ['yes for true', swap('pool: DP', 'pool: DP, locked: yes'), 'devices[1].locked', 14, 53, 'must be true or false', 'true or false'],
    ['a bad duration', swap('pool: DP', 'pool: DP, wakeMs: 13x'), 'devices[1].wakeMs', 14, 53, 'not a duration', '13s'],
    ['a fraction of a millisecond', swap('pool: DP', 'pool: DP, wakeMs: 0.5'), 'devices[1].wakeMs', 14, 53, 'not a duration', '13s'],
    ['a bad name', swap('id: ana,', 'id: "ana b",'), 'users[0].id', 10, 11, 'letters, digits', 'form'],
    [
      'a group where a list belongs',
      swap('users:\n  - { id: ana, number: "5001" }\n  - { id: rex, number: "5010" }', 'users: { id: ana }'),
      'users',
      9,
      8,
      'must be a list',
      '- ',
    ],
    ['an unknown version', swap('pushlab: 1', 'pushlab: 2'), 'pushlab', 1, 10, 'pushlab: 1', ''],
  ])('%s', (_, text, path, line, column, message, fix) => {
    const issue = only(text)
    expect(issue).toMatchObject({ path, line, column })
    expect(issue.message).toContain(message)
    expect(issue.fix).toContain(fix)
  })

  it.each([
    ['two fields of one name', swap('title: Test', 'title: Test\ntitle: Again'), 3, 1, 'stands twice'],
    ['a key that JavaScript would misunderstand', swap('title: Test', '__proto__: { polluted: 1 }\ntitle: Test'), 2, 1, '__proto__'],
    ['a tab', swap('  nodes:', '\tnodes:'), 4, 1, 'tab'],
    ['an open bracket', swap('nodes: [{ id: ucm-pub }, { id: ucm-sub1 }]', 'nodes: [{ id: ucm-pub }'), 5, 3, ''],
    ['a colon in plain text', swap('title: Test', 'title: Test: two'), 2, 8, 'second "key:"'],
    ['a second document', `${GOOD}---\ntitle: x\n`, 15, 1, 'second document'],
    ['a tag', swap('title: Test', 'title: !!js/function "x"'), 2, 8, 'tags'],
    ['an unknown alias', swap('title: Test', 'title: *nobody'), 2, 8, 'nobody'],
    ['a merge key', swap('owner: ana, pool: DP', 'owner: ana, <<: { pool: DP }'), 14, 35, '"<<"'],
    ['no scenario at all', '- one\n- two\n', 1, 1, 'not a scenario'],
    ['nothing', '', 1, 1, 'test.yaml is empty'],
    ['only a comment', '# hello\n', 1, 1, 'empty'],
  ])('%s', (_, text, line, column, message) => {
    const issue = issuesOf(text)[0]
    expect(issue).toMatchObject({ line, column })
    expect(issue?.message).toContain(message)
    expect(issue?.fix).toBeTruthy()
  })

  it('says which fields an expectation may start with', () => {
    const issue = only(`${GOOD}expect:\n  - evnt: { message: x }\n`)
    expect(issue).toMatchObject({ path: 'expect[0]', line: 16, fix: 'did you mean "event"?' })
  })

  it('judges the kind of expectation that was meant, not all of them', () => {
    const issue = only(`${GOOD}expect:\n  - event: { status: bad }\n    before: 5s\n`)
    expect(issue.path).toBe('expect[0].event.status')
  })

  it('judges the kind of fault that was meant', () => {
    const issue = only(`${GOOD}faults:\n  - fault: { kind: answer, on: apns, status: 410, reson: Unregistered }\n`)
    expect(issue).toMatchObject({ path: 'faults[0].fault.reson', fix: 'did you mean "reason"?' })
  })
})

describe('[SCN-15] every name names something', () => {
  it.each([
    [
      'a node of a CM group',
      swap('nodes: [ucm-sub1, ucm-pub]', 'nodes: [ucm-sbu1, ucm-pub]'),
      'cluster.groups[0].nodes[0]',
      'did you mean "ucm-sub1"?',
    ],
    ['the CM group of a pool', swap('group: CMG', 'group: CMH'), 'cluster.pools[0].group', 'did you mean "CMG"?'],
    ['the pool of a device', swap('pool: DP', 'pool: DQ'), 'devices[1].pool', 'did you mean "DP"?'],
    [
      'a fault on a link',
      `${GOOD}faults: [{ fault: { kind: drop, on: ucm-pub~firewal } }]\n`,
      'faults[0].fault.on',
      'did you mean "ucm-pub~firewall"?',
    ],
    [
      'a fault on a link by its other name',
      `${GOOD}faults: [{ fault: { kind: drop, on: firewall~ucm-pub } }]\n`,
      'faults[0].fault.on',
      'write "ucm-pub~firewall"',
    ],
    [
      'a fault on the link of one device',
      `${GOOD}faults: [{ fault: { kind: drop, on: ana-iphone~apns } }]\n`,
      'faults[0].fault.on',
      'write "apns~devices"; in a fault add "device: ana-iphone"',
    ],
    [
      'a fault on a service of a node',
      `${GOOD}faults: [{ fault: { kind: unsealed, on: ucm-pub/CPN } }]\n`,
      'faults[0].fault.on',
      'did you mean "CPNS"?',
    ],
    [
      'a fault for a device',
      `${GOOD}faults: [{ fault: { kind: drop, on: apns, device: ana-ipone } }]\n`,
      'faults[0].fault.device',
      '"ana-iphone"',
    ],
    ['a command', `${GOOD}commands: [{ at: 1s, do: call.plase, with: { to: "5001" } }]\n`, 'commands[0].do', 'did you mean "call.place"?'],
    [
      'an argument',
      `${GOOD}commands: [{ at: 1s, do: call.place, with: { to: "5001", form: rex-desk } }]\n`,
      'commands[0].with.form',
      'did you mean "from"?',
    ],
    [
      'a caller',
      `${GOOD}commands: [{ at: 1s, do: call.place, with: { to: "5001", from: rex-des } }]\n`,
      'commands[0].with.from',
      '"rex-desk"',
    ],
    ['a called number', `${GOOD}commands: [{ at: 1s, do: call.place, with: { to: "5002" } }]\n`, 'commands[0].with.to', '"5001"'],
    [
      'a service',
      `${GOOD}commands: [{ at: 1s, do: service.stop, with: { node: ucm-pub, service: CPNZ } }]\n`,
      'commands[0].with.service',
      'CPNS',
    ],
    [
      'a fault to remove',
      `${GOOD}faults: [{ fault: { id: rule-43, kind: drop, on: apns } }]\ncommands: [{ at: 1s, do: fault.remove, with: { fault: rule-34 } }]\n`,
      'commands[0].with.fault',
      'did you mean "rule-43"?',
    ],
    [
      'a device of an expectation',
      `${GOOD}expect: [{ state: { device: anna-iphone }, has: { state: idle } }]\n`,
      'expect[0].state.device',
      '"ana-iphone"',
    ],
    ['a push state', `${GOOD}expect: [{ pushes: { usde: 1 } }]\n`, 'expect[0].pushes.usde', 'did you mean "used"?'],
    [
      'a stopped service',
      swap('{ id: ucm-pub }', '{ id: ucm-pub, stopped: [Cisco Tomcatt] }'),
      'cluster.nodes[0].stopped[0]',
      '"Cisco Tomcat"',
    ],
  ])('%s', (_, text, path, fix) => {
    const issue = only(text)
    expect(issue.path).toBe(path)
    expect(issue.fix).toContain(fix)
  })

  it('[FO-01] refuses a CM group of four nodes and takes one of three', () => {
    const four = swap('nodes: [ucm-sub1, ucm-pub]', 'nodes: [ucm-sub1, ucm-pub, ucm-sub1, ucm-pub]')
    expect(only(four).message).toContain('at most three nodes')
    const three = swap('{ id: ucm-sub1 }]', '{ id: ucm-sub1 }, { id: c }]').replace('[ucm-sub1, ucm-pub]', '[ucm-sub1, ucm-pub, c]')
    expect(issuesOf(three)).toEqual([])
  })

  it('[FO-01] refuses a node that stands twice in a CM group', () => {
    expect(only(swap('[ucm-sub1, ucm-pub]', '[ucm-pub, ucm-pub]')).message).toContain('twice')
  })

  it('[REL-01] refuses a release that cannot be read, with the expected form', () => {
    const issue = only(swap('cluster:\n', 'cluster:\n  release: 14SUx\n'))
    expect(issue).toMatchObject({ path: 'cluster.release', line: 4, column: 12 })
    expect(issue.fix).toContain('14SU3')
  })

  it('[CH-01] refuses an MRA device in a lab without Expressway', () => {
    expect(only(swap('pool: DP', 'pool: DP, mra: true')).fix).toContain('expressway')
    expect(issuesOf(`${swap('pool: DP', 'pool: DP, mra: true')}edge: { expressway: {} }\n`)).toEqual([])
  })

  it('[AND-06] refuses a subscriber service of the other platform', () => {
    expect(only(swap('pool: DP', 'pool: DP, subscriberService: FCM')).path).toBe('devices[1].subscriberService')
  })

  it('refuses two things of one name, and names of hosts that every lab has', () => {
    expect(only(swap('id: ucm-sub1 }]', 'id: ucm-pub }]').replace('[ucm-sub1, ucm-pub]', '[ucm-pub]')).message).toContain('used twice')
    expect(only(swap('id: ana-iphone', 'id: apns')).message).toContain('every lab has')
  })

  it('refuses a user whose number is on no device', () => {
    expect(only(swap('number: "5010" }', 'number: "5010" }\n  - { id: bo, number: "5002" }')).path).toBe('users[2].number')
  })

  it('refuses what comes after the end of the run, at both sides of it', () => {
    const command = (at: string) => `${GOOD}until: 10s\ncommands: [{ at: ${at}, do: fault.clear }]\n`
    expect(issuesOf(command('10s'))).toEqual([])
    expect(only(command('10001ms')).path).toBe('commands[0].at')
  })

  it('refuses a span in which nothing lies', () => {
    expect(only(`${GOOD}expect: [{ event: { message: x }, after: 5s, before: 5s }]\n`).message).toContain('nothing lies')
  })
})

/** The good file with a chain of local push. */
const CHAIN = swap(
  'groups:',
  `ucServices: [{ id: wifi, localPushSsidList: "Office;Ward3" }]
  serviceProfiles: [{ id: nurses, mobile: wifi }]
  groups:`,
).replace('id: ana,', 'id: ana, serviceProfile: nurses,')

const inChain = (from: string, to: string): string => {
  expect(CHAIN).toContain(from)
  return CHAIN.replace(from, to)
}

const command = (name: string, args: string): string => `${CHAIN}commands: [{ at: 1s, do: ${name}, with: ${args} }]\n`

describe('the configuration of local push', () => {
  it('[LPNS-07] [LPNS-08] is read when every link of the chain names the next', () => {
    expect(issuesOf(CHAIN)).toEqual([])
    expect(issuesOf(inChain('mobile: wifi', 'mobile: null'))).toEqual([])
    expect(issuesOf(inChain(', localPushSsidList: "Office;Ward3"', ''))).toEqual([])
  })

  it.each([
    [
      'the profile of a user',
      inChain('serviceProfile: nurses', 'serviceProfile: nurse'),
      'users[0].serviceProfile',
      'did you mean "nurses"?',
    ],
    ['Mobile of a profile', inChain('mobile: wifi', 'mobile: wify'), 'cluster.serviceProfiles[0].mobile', 'did you mean "wifi"?'],
    [
      'a profile where there is none',
      inChain('serviceProfiles: [{ id: nurses, mobile: wifi }]', ''),
      'users[0].serviceProfile',
      'define a service profile first',
    ],
    [
      'two UC services of one name',
      inChain('"Office;Ward3" }]', '"Office;Ward3" }, { id: wifi }]'),
      'cluster.ucServices[1].id',
      'give each a name of its own',
    ],
    [
      'two service profiles of one name',
      inChain('mobile: wifi }]', 'mobile: wifi }, { id: nurses }]'),
      'cluster.serviceProfiles[1].id',
      'give each a name of its own',
    ],
    ['a list', inChain('Ward3', 'Ward-3'), 'cluster.ucServices[0].localPushSsidList', 'A-Z, a-z and 0-9'],
    [
      'the service of ucService.set',
      command('ucService.set', '{ service: wify, localPushSsidList: A }'),
      'commands[0].with.service',
      '"wifi"',
    ],
    [
      'the list of ucService.set',
      command('ucService.set', '{ service: wifi, localPushSsidList: "A;;B" }'),
      'commands[0].with.localPushSsidList',
      'one semicolon',
    ],
    [
      'the profile of serviceProfile.set',
      command('serviceProfile.set', '{ profile: nurse, mobile: wifi }'),
      'commands[0].with.profile',
      '"nurses"',
    ],
    [
      'Mobile of serviceProfile.set',
      command('serviceProfile.set', '{ profile: nurses, mobile: wfi }'),
      'commands[0].with.mobile',
      '"wifi"',
    ],
    ['the profile of user.set', command('user.set', '{ user: ana, serviceProfile: nurse }'), 'commands[0].with.serviceProfile', '"nurses"'],
    ['the user of user.delete', command('user.delete', '{ user: anna }'), 'commands[0].with.user', '"ana"'],
    ['the device of device.delete', command('device.delete', '{ device: ana-iphon }'), 'commands[0].with.device', '"ana-iphone"'],
    ['a node of mesh.split', command('mesh.split', '{ nodes: [ucm-pub, ucm-sbu1] }'), 'commands[0].with.nodes[1]', '"ucm-sub1"'],
    ['a service that is killed', command('service.kill', '{ node: ucm-pub, service: LPNZ }'), 'commands[0].with.service', '"LPNS"'],
  ])('[SCN-15] %s that is wrong is an error with its place', (_, text, path, fix) => {
    const issue = only(text)
    expect(issue.path).toBe(path)
    expect(issue.fix).toContain(fix)
  })

  it('[SCN-15] takes those commands when their names name something', () => {
    for (const text of [
      command('ucService.set', '{ service: wifi, localPushSsidList: null }'),
      command('ucService.set', '{ service: wifi, localPushSsidList: "Ward-3 ", asTyped: true }'),
      command('serviceProfile.set', '{ profile: nurses, mobile: null }'),
      command('user.set', '{ user: rex, serviceProfile: nurses }'),
      command('user.set', '{ user: ana, serviceProfile: null }'),
      command('user.delete', '{ user: ana }'),
      command('device.delete', '{ device: ana-iphone }'),
      command('mesh.split', '{ nodes: [ucm-pub] }'),
      command('service.kill', '{ node: ucm-pub, service: lpns }'),
    ])
      expect(issuesOf(text)).toEqual([])
  })

  it('[LPNS-07] ten names and no more; eleven as typed', () => {
    const names = (count: number): string => Array.from({ length: count }, (_, i) => `W${i}`).join(';')
    expect(issuesOf(inChain('Office;Ward3', names(10)))).toEqual([])
    expect(only(inChain('Office;Ward3', names(11)))).toMatchObject({ fix: 'keep 10 of them' })
    expect(issuesOf(inChain('"Office;Ward3"', `"${names(11)}", asTyped: true`))).toEqual([])
  })

  it('[SCN-13] [DEC-28] a name with a blank is refused, and taken as typed', () => {
    expect(only(inChain('Ward3', 'Ward 3')).message).toContain('"Ward 3"')
    expect(issuesOf(inChain('"Office;Ward3"', '"Office ;Ward 3", asTyped: true'))).toEqual([])
  })

  it('a list of 1000 characters is read as typed, and one of 1001 is not', () => {
    const typed = (length: number): string => inChain('"Office;Ward3"', `"${'x'.repeat(length)}", asTyped: true`)
    expect(issuesOf(typed(1_000))).toEqual([])
    expect(only(typed(1_001)).message).toBe('"localPushSsidList" holds at most ten Wi-Fi names of 32 characters')
  })

  it.each(['ucm-pub/LPNS', 'ucm-pub/CPNS', 'ucm-sub1/CallManager', 'ucm-pub/Tomcat'])('[ALM-16] %s may fail to start', (place) => {
    expect(issuesOf(`${GOOD}faults: [{ fault: { kind: start-fails, on: ${place} } }]\n`)).toEqual([])
    expect(issuesOf(`${GOOD}commands: [{ at: 1s, do: fault.add, with: { fault: { kind: start-fails, on: ${place} } } }]\n`)).toEqual([])
  })

  it.each([
    ['ucm-pub', 'ucm-pub/LPNS'],
    ['push-rest', 'ucm-pub/LPNS'],
    ['ucm-pub~firewall', 'ucm-pub/LPNS'],
    ['ucm-pub/LPN', 'did you mean "LPNS"?'],
    ['ucm-pub/XCP Router', 'use one of CallManager, CPNS, LPNS, CMAS, Tomcat'],
    ['ucm-pbu/LPNS', 'did you mean "ucm-pub"?'],
  ])('[ALM-16] %s cannot fail to start: only a service of a node can', (place, fix) => {
    const issue = only(`${GOOD}faults: [{ fault: { kind: start-fails, on: "${place}" } }]\n`)
    expect(issue.path).toBe('faults[0].fault.on')
    expect(issue.fix).toContain(fix)
  })

  it('[ALM-16] no other kind of fault sits on LPNS', () => {
    expect(only(`${GOOD}faults: [{ fault: { kind: unsealed, on: ucm-pub/LPNS } }]\n`).fix).toContain('CPNS')
  })
})

describe('limits', () => {
  it('reports 50 faults and how many more there are', () => {
    const devices = Array.from({ length: 60 }, (_, i) => `  - { id: d${i}, owner: nobody${i} }\n`).join('')
    const issues = issuesOf(GOOD + devices)
    expect(issues).toHaveLength(MAX_ISSUES + 1)
    expect(issues.at(-1)?.message).toBe('and 10 more problems from here on')
  })

  it('takes a file of 8 MiB and refuses one byte more', () => {
    const padded = `${GOOD}# `
    const full = padded + 'x'.repeat(SCENARIO_LIMITS.fileBytes - padded.length)
    expect(issuesOf(full)).toEqual([])
    expect(only(`${full}x`).message).toContain('8388609 bytes')
  })

  it('counts bytes, not characters', () => {
    const padded = `${GOOD}# `
    const room = SCENARIO_LIMITS.fileBytes - padded.length
    const text = padded + '\u20ac'.repeat(Math.floor(room / 3)) + 'x'.repeat(room % 3)
    expect(issuesOf(text)).toEqual([])
    expect(only(`${text}\u00e9`).message).toContain('8388610 bytes')
  })

  it('refuses deep nesting instead of running out of stack', { timeout: 60_000 }, () => {
    expect(only('['.repeat(100_000)).message).toContain('deep')
    expect(only('{a: '.repeat(100_000)).message).toContain('deep')
    expect(issuesOf(`${'- '.repeat(100_000)}x`)[0]?.message).toContain('deep')
  })

  it('refuses aliases that multiply, and ones that contain themselves', () => {
    const layers = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array.from({ length: 9 }, () => `*l${i}`).join(', ')}]`)
    expect(issuesOf(`l0: &l0 [x, x, x]\n${layers.join('\n')}\n`)[0]?.message).toContain('aliases')
    expect(issuesOf('a: &a [*a, *a]\n')[0]?.message).toContain('contain themselves')
  })

  it('leaves a file of nothing but signs before it fills the memory', () => {
    const list = (items: number) => `[${'1,'.repeat(items)}]`
    const limits = { words: 1_000, otherWords: 1_000 }
    // Each item is three words for the lexer: its mark for plain text, the text, the comma.
    expect(readSource(list(331), limits).syntax).toEqual([])
    expect(readSource(list(334), limits).syntax).toMatchObject([{ message: 'the file has more than 1000 words and signs' }])
    // The parser stumbles over all of them; the first is the fault.
    expect(issuesOf('}'.repeat(100_000))).toMatchObject([{ line: 1, column: 1, message: 'this does not belong here' }])
  })

  it.each([
    ['as lines', (pairs: string[]) => `a:\n${pairs.map((pair) => `  ${pair}\n`).join('')}b: 1\n`],
    ['as lines at the end', (pairs: string[]) => `a:\n${pairs.map((pair) => `  ${pair}\n`).join('')}`],
    ['in braces', (pairs: string[]) => `a: { ${pairs.join(', ')} }\n`],
    ['as a file', (pairs: string[]) => `${pairs.join('\n')}\n`],
  ])('reads a group of a thousand fields, and leaves a larger one at its thousand and first, %s', (_, written) => {
    const pairs = (count: number) => Array.from({ length: count }, (__, i) => `k${i}: 1`)
    expect(readSource(written(pairs(SOURCE_LIMITS.fields))).syntax).toEqual([])
    const [fault, ...others] = readSource(written(pairs(8 * SOURCE_LIMITS.fields))).syntax
    expect(fault).toMatchObject({ message: 'this group has more than 1000 fields' })
    expect(others).toEqual([])
    expect(written(pairs(8 * SOURCE_LIMITS.fields)).indexOf('k1000:')).toBeLessThanOrEqual(fault!.offset)
    expect(written(pairs(8 * SOURCE_LIMITS.fields)).indexOf('k1002:')).toBeGreaterThan(fault!.offset)
  })

  it('has room for many users and devices, and for less beside them', () => {
    const limits = { words: 1_000, otherWords: 100 }
    const list = (name: string, items: number) => `${name}: [${'1,'.repeat(items)}]\n`
    const json = (name: string, items: number) => `{ "pushlab": 1, "${name}": [${'1,'.repeat(items)}1] }`
    for (const name of ['users', 'devices']) {
      expect(readSource(list(name, 300), limits).syntax).toEqual([])
      expect(readSource(json(name, 300), limits).syntax).toEqual([])
    }
    for (const written of [list, json]) {
      expect(readSource(written('expect', 20), limits).syntax).toEqual([])
      expect(readSource(written('expect', 40), limits).syntax).toMatchObject([
        { message: 'the file has more than 100 words and signs beside its users and devices' },
      ])
    }
    // Together, wherever they stand.
    expect(readSource(list('faults', 20) + list('users', 200) + list('expect', 20), limits).syntax).toHaveLength(1)
  })

  it('[SCN-15] judges fifty fields of a state, and says so of a fifty-first', () => {
    const expecting = (fields: number) =>
      `${GOOD}expect:\n  - state: { device: ana-iphone }\n    has:\n${Array.from({ length: fields }, (_, i) => `      f${i}: 1\n`).join('')}`
    expect(issuesOf(expecting(50))).toEqual([])
    expect(only(expecting(51))).toMatchObject({ path: 'expect[0].has', message: expect.stringContaining('51 fields') })
  })
})

describe('what only real clients give', () => {
  it('[DEC-35] is refused as a command of a file, and the journal is named as its place', () => {
    const issue = only(`${GOOD}commands:\n  - { at: 1s, do: wire.closed, with: { session: 1, code: 1000, reason: "" } }\n`)
    expect(issue).toMatchObject({ path: 'commands[0].do', line: 16, fix: expect.stringContaining('journal') })
  })
})

describe('[SCN-15] what trainers stumble over', () => {
  it.each([
    ['a node without braces', GOOD.replace(/nodes: .*/, 'nodes: [ucm-pub]'), 'write { id: ucm-pub }'],
    ['a fault without its "fault:"', `${GOOD}faults:\n  - { kind: drop, on: apns }\n`, '"kind" belongs to faults[].fault'],
    ['an order of one', `${GOOD}expect:\n  - order: ["a -> b"]\n`, 'add one'],
  ])('%s', (_which, text, fix) => {
    expect(issuesOf(text).map((issue) => issue.fix)).toContain(fix)
  })

  it('a number that is too large is called so', () => {
    expect(issuesOf(`${GOOD}seed: 1e999\n`)[0]?.message).toBe('"seed" must be a number, but is a number that is too large')
  })

  it.each([
    ['an exported run', '{"journal":1,"seed":7}\n{"seq":0}\n', 1, 'this is an exported run, not a scenario'],
    ['a run without its first line', '{"seq":0,"at":1}\n{"seq":1}\n', 1, 'these are lines of an exported run without its first line'],
    ['bytes', 'a: \u0000\n', 1, 'this is no text in UTF-8: it is a binary file, or was saved as UTF-16'],
    ['another encoding', 'pushlab: 1\ntitle: M\uFFFDller\n', 2, 'here stands a character that is not UTF-8'],
    ['an open quote', 'title: "Ward\n', 2, 'the closing double quote is missing'],
    ['an open bracket', 'a: [1, 2\nb: 3\n', 2, 'the list that starts with [ is not closed'],
    ['a forgotten colon', 'pushlab: 1\ntitle\n', 2, 'this line has no colon where a "key: value" was expected'],
  ])('%s', (_which, text, line, message) => {
    expect(issuesOf(text)).toContainEqual(expect.objectContaining({ line, message }))
  })
})
