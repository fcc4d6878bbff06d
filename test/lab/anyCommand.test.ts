import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostCommands, labCommands, type LabCommandName } from '../../core/contract/commands.ts'
import { TRACED } from '../../core/contract/admin.ts'
import { CERTIFICATE_ITEMS } from '../../core/contract/oauth.ts'
import { CLOUD_NAMES } from '../../core/contract/clouds.ts'
import { faultSchema, type FaultKind } from '../../core/contract/fault.ts'
import { PUSH_STATES, type LabRow } from '../../core/contract/rows.ts'
import { scenarioSchema, type ScenarioInput } from '../../core/contract/scenario.ts'
import { createLab, type Lab } from '../../core/lab.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'
import { Run } from '../../core/run.ts'

/** A lab with one of everything that a command can name. */
const SCENARIO: ScenarioInput = {
  pushlab: 1,
  title: 'Anything may happen',
  seed: 99,
  cluster: {
    unityConnection: {},
    nodes: [{ id: 'pub' }, { id: 'sub' }],
    groups: [
      { id: 'g1', nodes: ['pub', 'sub'] },
      { id: 'g2', nodes: ['sub'] },
    ],
    pools: [
      { id: 'p1', group: 'g1' },
      { id: 'p2', group: 'g2' },
    ],
    huntPilots: [{ number: '7000', members: ['5001', '5002'], algorithm: 'top-down', ringMs: '3s' }],
  },
  presence: { nodes: [{ id: 'imp' }, { id: 'imp2' }], failoverAfterMs: '2s', fallbackAfterMs: '3s' },
  edge: { expressway: {}, proxy: { fqdn: 'proxy.lab.example', addresses: ['10.0.0.80', '10.0.0.81'], asks: 'Digest' } },
  users: [
    { id: 'ana', number: '5001', contacts: ['ben'], mobilityIdentity: '900', voicemail: {} },
    { id: 'ben', number: '5002', singleNumberReach: { number: '901' } },
    { id: 'rex', number: '5003' },
  ],
  devices: [
    {
      id: 'ana-phone',
      owner: 'ana',
      client: 'jabber',
      app: 'off screen',
      locked: true,
      habits: { answersAfterMs: '2s', hangsUpAfterMs: '4s' },
    },
    { id: 'ana-droid', owner: 'ana', client: 'webex', os: 'android', mra: true, app: 'killed' },
    { id: 'ben-phone', owner: 'ben', client: 'jabber', region: 'mainland-china', app: 'off screen', habits: { tapsAfterMs: '3s' } },
    { id: 'ben-desk', owner: 'ben', client: 'jabber', os: 'desktop' },
    { id: 'rex-desk', owner: 'rex', client: 'deskphone', pool: 'p2' },
  ],
}

const PLACES = [
  'pub~firewall',
  'pub~pub',
  'pub~sub',
  'proxy~firewall',
  'proxy',
  '10.0.0.80',
  'firewall~push-rest',
  'firewall~ci',
  'push-rest~apns',
  'push-rest~fcm',
  'apns~devices',
  'fcm~devices',
  'devices~pub',
  'expressway-e~expressway-c',
  'pub',
  'imp',
  'push-rest',
  'apns',
  'fcm',
  'ci',
  'fos',
  'ana-phone',
  'pub/CPNS',
  'imp/XCP Config Manager',
  'nowhere',
]
const KINDS = faultSchema.options.map((option) => option.shape.kind.value) as FaultKind[]

const one = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const device = one('ana-phone', 'ana-droid', 'ben-phone', 'ben-desk', 'rex-desk', 'ghost')
const node = one('pub', 'sub', 'imp', 'imp2', 'ghost')
const number = one('5001', '5002', '5003', '7000', '900', '404')
const user = one('ana', 'ben', 'rex', 'ghost')
const cloudRoot = one('IdenTrust Commercial Root CA 1', 'Go Daddy Class 2 Certification Authority', 'QuoVadis Root CA 2', 'Root of evil')
const span = fc.oneof(fc.nat(20_000), one<number | string>(0, 1, '13s', '400d', '401d', -1, 0.5))
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined })
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> => fc.oneof(maybe(value), fc.constant(null))
const release = one('14SU3', '12.5(1)SU2', '12.5(1)SU3', '11.5(1)SU4', '10', 'x', 'X12.6', '12.9', '43.6', '13.5', '16.5', '')

/** Lines that change something, so that the fuzz reaches what lies behind them; test/lab/terminal has the others. */
const cliLine = one(
  'utils service restart Cisco Push Notification Service',
  'utils service stop Cisco Management Agent Service',
  'utils service start Cisco Management Agent Service',
  'utils managementAgent alarms pushfrequency 5',
  'utils managementAgent alarms minpushlevel Warning',
  'utils managementAgent alarms pushnow',
  'set trace enable Debug Cisco Push Notification Service',
  "run sql update machineaccountdetails set refreshtoken='lab-rt-00000000-0000'",
  'run sql select * from machineaccountdetails',
  'show status',
  'nonsense',
)

const fault = fc.record(
  {
    kind: one(...KINDS),
    on: one(...PLACES),
    status: one(200, 400, 401, 404, 410, 500, 99),
    addMs: span,
    jitterMs: maybe(span),
    idleMinutes: one(0, 0.5, 20, 30, 1_441),
    id: maybe(one('f1', 'fault-2', 'f3')),
    count: maybe(fc.integer({ min: 0, max: 3 })),
    probability: maybe(one(0, 0.3, 1, 2)),
    direction: maybe(one('both', 'forward', 'backward', 'up')),
    port: maybe(one(443, 9_966, 5_061, 0)),
    device: maybe(device),
    forMs: maybe(span),
    hidden: maybe(fc.boolean()),
  },
  { requiredKeys: ['kind', 'on'] },
)
/** A fault with just the fields of its kind, so that most of them are accepted. */
const fittingFault = fault.map(({ status, addMs, jitterMs, idleMinutes, ...rest }) => {
  const clean = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  if (rest.kind === 'answer') return { ...clean, status: status ?? 503 }
  if (rest.kind === 'delay') return { ...clean, addMs: addMs ?? 5_000, ...(jitterMs === undefined ? null : { jitterMs }) }
  if (rest.kind === 'idle-cut') return { ...clean, idleMinutes: idleMinutes ?? 20 }
  return clean
})

const ARGS: Record<LabCommandName, fc.Arbitrary<unknown>> = {
  'call.place': fc.record({ from: maybe(device), to: number, video: maybe(fc.boolean()) }),
  'call.hangUp': fc.record({ flow: fc.integer({ min: 0, max: 30 }) }),
  'device.answer': fc.record({ device }),
  'device.decline': fc.record({ device }),
  'device.hangUp': fc.record({ device }),
  'message.send': fc.record({ from: user, to: user, text: fc.string({ maxLength: 30 }) }),
  'room.invite': fc.record({ from: user, to: user, room: fc.string({ maxLength: 62 }) }),
  'stanza.send': fc.record({ from: user, to: user, what: maybe(one('contact list change', 'typing notification', 'x')) }),
  'user.presence': fc.record({ user, status: one('Available', 'Away', 'Do not disturb', 'Elsewhere') }),
  'device.activity': fc.record({ device }),
  'presence.parameters': fc.record({
    instantMessaging: maybe(fc.boolean()),
    multipleDeviceMessaging: maybe(fc.boolean()),
    streamManagement: maybe(fc.boolean()),
    pushHighAvailability: maybe(fc.boolean()),
    reloginLowerSeconds: maybe(one(0, 1, 5, 200, -1)),
    reloginUpperSeconds: orNull(one(0, 1, 5, 10, 86_401)),
    rebuildPerSecond: maybe(one(6.25, 8.33, 12.5, 6, 13)),
    fallback: maybe(one('automatic', 'manual', 'never')),
    failoverAfterMs: maybe(span),
    criticalServiceDownMs: maybe(span),
    fallbackAfterMs: maybe(span),
  }),
  'presence.fallback': fc.record({ node }),
  'expressway.presenceRelease': fc.record({ cluster: one('east', 'west', 'nobody'), release: one('11.5(1)SU8', '14SU3', 'x') }),
  'expressway.refresh': fc.constant({}),
  'expressway.restart': fc.record({ server: one('C', 'E', 'D') }),
  'device.tap': fc.record({ device, banner: maybe(fc.nat(5)) }),
  'device.foreground': fc.record({ device }),
  'device.background': fc.record({ device }),
  'device.lock': fc.record({ device }),
  'device.unlock': fc.record({ device }),
  'device.screen': fc.record({ device, lit: fc.boolean() }),
  'device.kill': fc.record({ device }),
  'device.signIn': fc.record({ device }),
  'device.signOut': fc.record({ device }),
  'device.network': fc.record({
    device,
    wifi: orNull(fc.string({ maxLength: 33 })),
    wifiIsMainRoute: maybe(fc.boolean()),
    cellular: maybe(fc.boolean()),
    internet: maybe(fc.boolean()),
  }),
  'device.permission': fc.record({ device, allowed: fc.boolean() }),
  'device.region': fc.record({ device, region: one('mainland-china', 'elsewhere', 'mars') }),
  'device.rotateKey': fc.record({ device }),
  'device.rotateToken': fc.record({ device }),
  'device.expireToken': fc.record({ device }),
  'device.pool': fc.record({ device, pool: one('p1', 'p2', 'p3') }),
  'device.voipSocket': fc.record({ device, enabled: fc.boolean() }),
  'device.upgrade': fc.record({
    device,
    clientRelease: maybe(release),
    osRelease: maybe(release),
    targetApiLevel: maybe(fc.integer({ min: 20, max: 41 })),
  }),
  'device.keepalive': fc.record({ device, survives: fc.boolean() }),
  'device.habits': fc.record({
    device,
    answersAfterMs: orNull(span),
    declinesAfterMs: orNull(span),
    tapsAfterMs: orNull(span),
    hangsUpAfterMs: orNull(span),
    wakeMs: maybe(span),
  }),
  'node.crash': fc.record({ node }),
  'node.shutDown': fc.record({ node }),
  'node.isolate': fc.record({ node }),
  'node.start': fc.record({ node }),
  'node.dns': fc.record({ node, configured: fc.boolean() }),
  'service.start': fc.record({ node, service: one('CPNS', 'CallManager', 'XCP Router', 'XCP Config Manager', 'LPNS', 'ghost') }),
  'service.stop': fc.record({ node, service: one('CPNS', 'CallManager', 'XCP Router', 'XCP Config Manager', 'LPNS', 'ghost') }),
  'service.restart': fc.record({ node, service: one('CPNS', 'CallManager', 'XCP Router', 'XCP Config Manager', 'LPNS', 'ghost') }),
  'fault.add': fc.record({ fault: fc.oneof({ weight: 4, arbitrary: fittingFault }, { weight: 1, arbitrary: fault }) }),
  'fault.remove': fc.record({ fault: one('f1', 'f3', 'fault-1', 'fault-2', 'ghost') }),
  'fault.clear': fc.constant({}),
  'fault.reveal': fc.constant({}),
  'link.set': fc.record({ link: one(...PLACES), latencyMs: maybe(span), jitterMs: maybe(span) }),
  'group.set': fc.record({ group: one('g1', 'g2', 'g3'), nodes: fc.array(node, { maxLength: 4 }) }),
  'cluster.release': fc.record({ component: one('Unified CM', 'IM and Presence', 'Expressway', 'Jabber'), release }),
  'cluster.onboard': fc.constant({}),
  'cluster.offboard': fc.constant({}),
  'user.set': fc.record({
    user,
    externalPresentation: orNull(fc.constant({ name: 'Clinic', number: '4000' })),
    voicemailNoAnswerRingMs: orNull(span),
    singleNumberReachWaitMs: orNull(span),
    mobilityIdentity: orNull(number),
    serviceProfile: orNull(one('clinic', 'ghost')),
  }),
  'device.reboot': fc.record({ device }),
  'device.expireAccessToken': fc.record({ device, refresh: maybe(fc.boolean()) }),
  'device.trust': fc.record({ device, trusted: fc.boolean() }),
  'device.delete': fc.record({ device }),
  'user.delete': fc.record({ user }),
  'node.certificate': fc.record({
    node,
    issuer: maybe(one('public CA', 'private CA', 'self-signed', 'forged')),
    validDays: maybe(one(0, 1, 396, 397, 8_000)),
    ageDays: maybe(one(0, 10, 400)),
    names: maybe(fc.array(one('ucm-pub', 'n1', ''), { maxLength: 3 })),
  }),
  'service.kill': fc.record({ node, service: one('CPNS', 'CallManager', 'LPNS', 'XCP Router', 'ghost') }),
  'ucService.set': fc.record({
    service: one('wifi', 'ghost'),
    localPushSsidList: orNull(fc.oneof(one('Office', 'Office;Ward3', ';', 'a b'), fc.string({ maxLength: 40 }))),
    asTyped: maybe(fc.boolean()),
  }),
  'serviceProfile.set': fc.record({ profile: one('clinic', 'ghost'), mobile: orNull(one('wifi', 'ghost')) }),
  'cluster.oauth': fc.record({
    refreshLogins: maybe(fc.boolean()),
    accessTokenMinutes: maybe(one(0, 1, 60, 1_440, 1_441)),
    refreshTokenDays: maybe(one(0, 1, 365, 366)),
  }),
  'client.reset': fc.record({ devices: maybe(fc.array(device, { maxLength: 3 })) }),
  'device.login': fc.record({ device }),
  'device.voicemail': fc.record({ device }),
  'expressway.oauth': fc.record({ refresh: fc.boolean() }),
  'authz.regenerate': fc.constant({}),
  'unity.set': fc.record({ refreshLogin: maybe(fc.boolean()), authzServer: maybe(fc.boolean()) }),
  'repair.install': fc.record({ release: maybe(release) }),
  'repair.license': fc.constant({}),
  'repair.certificates': fc.constant({}),
  'repair.onboard': fc.constant({}),
  'repair.paste': fc.constant({}),
  'mra.layout': fc.record({ layout: one('same CA', 'different CAs', 'self-signed', 'none') }),
  'mra.certificate': fc.record({ item: one(...CERTIFICATE_ITEMS), present: fc.boolean() }),
  'cluster.localPush': fc.record({ graceMs: maybe(one(0, 30_000, 60_000, 60_001)), responseMs: maybe(one(499, 500, 2_000, 5_000, 5_001)) }),
  'mesh.split': fc.record({ nodes: fc.array(node, { maxLength: 3 }) }),
  'mesh.heal': fc.constant({}),
  'wire.tokenIssued': fc.record({ id: one('t1', 't2'), device, minutes: one(0, 1, 60) }),
  'wire.endpoint': fc.record({ open: fc.boolean(), address: fc.constant('127.0.0.1') }),
  'wire.connected': fc.record({ session: fc.nat(4), node, device, token: orNull(one('t1', 't2')), address: fc.constant('127.0.0.1') }),
  'wire.received': fc.record({
    session: fc.nat(4),
    text: fc.oneof(
      one('{"v":1,"type":"keepalive","seq":1}', '{"v":1,"type":"keepalive","seq":2,"token":"t2"}', '{"v":2}', '['),
      fc.string({ maxLength: 40 }),
    ),
  }),
  'wire.clouds': fc.record({ open: fc.boolean(), address: fc.constant('127.0.0.1'), real: fc.subarray([...CLOUD_NAMES]) }),
  'wire.told': fc.record({
    ask: fc.nat(20),
    told: fc.oneof(
      fc.constant({ is: 'line' }),
      fc.constant({ is: 'secured' }),
      fc.record({ is: fc.constant('addresses'), addresses: fc.array(one('127.0.0.1', '127.0.0.2'), { maxLength: 3 }) }),
      fc.record({
        is: fc.constant('tunnel'),
        status: one(200, 407, 502),
        text: fc.constant(''),
        challenges: fc.subarray(['Basic realm="x"', 'Digest realm="x", nonce="y"', 'nonsense']),
        closes: fc.boolean(),
      }),
      fc.record({ is: fc.constant('answer'), status: one(200, 400, 410, 503), text: one('OK', 'Unregistered') }),
      fc.record({ is: fc.constant('failed'), stage: one('dns', 'connect', 'tls', 'proxy', 'send', 'timeout'), text: fc.constant('x') }),
    ),
  }),
  'wire.request': fc.record({
    exchange: fc.nat(20),
    cloud: one('fos', 'ci', 'push-rest'),
    from: fc.constant('127.0.0.1'),
    tracking: fc.constantFrom(null, 'CPNS_00000000-0000-4000-8000-000000000000'),
    asked: fc.oneof(
      fc.record({
        what: fc.constant('push'),
        token: fc.constantFrom(null, 't1'),
        service: one('APNS', 'FCM', 'APNS:dev'),
        type: one('voip', 'alert'),
        target: one('0'.repeat(64), 'x'.repeat(20)),
        payload: fc.constantFrom(null, 'sealed', '{}'),
      }),
      fc.record({
        what: fc.constant('token'),
        grant: one('refresh_token', 'password'),
        account: fc.constantFrom(null, 'a1'),
        refresh: fc.constantFrom(null, 'r1'),
      }),
      fc.record({ what: fc.constant('subscribe'), cluster: one('StandAloneCluster'), voucher: fc.constantFrom(null, 'v1') }),
    ),
  }),
  'wire.push': fc.record({
    exchange: fc.nat(20),
    platform: one('apns', 'fcm'),
    from: fc.constant('127.0.0.1'),
    id: one('a', 'b'),
    target: one('0'.repeat(64), 'x'.repeat(20)),
    kind: one('voip', 'alert', 'background'),
    topic: one('com.cisco.jabberIM.voip'),
    collapse: fc.constantFrom(null, 'c'),
    keepMs: fc.constantFrom(null, 0, 60_000),
    bytes: fc.nat(5_000),
    payload: fc.constantFrom(null, '{}'),
    answer: fc.record({ status: one(200, 400, 410), reason: fc.constantFrom(null, 'Unregistered') }),
  }),
  'wire.closed': fc.record({ session: fc.nat(4), code: one(999, 1_000, 1_006, 4_401), reason: fc.constant('') }),
  'storm.background': fc.record({ overMs: maybe(one<number | string>(0, 1, 999, '1h', '2h')) }),
  'storm.register': fc.record({ overMs: maybe(one<number | string>(0, 1, 999, '1h', '2h')) }),
  'storm.page': fc.record({ from: maybe(device), overMs: maybe(one(0, 1, 20_000)) }),
  'check.reachability': fc.constant({}),
  'license.synchronize': fc.constant({}),
  'license.register': fc.record({ registered: maybe(fc.boolean()) }),
  'license.reservation': fc.record({ enabled: fc.boolean() }),
  'onboarding.open': fc.record({ node: maybe(node) }),
  'onboarding.voucher': fc.constant({}),
  'onboarding.tick': fc.record({ push: maybe(fc.boolean()), manageCertificates: maybe(fc.boolean()), encryptPii: maybe(fc.boolean()) }),
  'onboarding.save': fc.constant({}),
  'trust.upload': fc.record({ root: cloudRoot, nodes: maybe(fc.array(node, { maxLength: 3 })) }),
  'trust.remove': fc.record({ root: cloudRoot, nodes: maybe(fc.array(node, { maxLength: 3 })) }),
  'cloud.move': fc.constant({}),
  'firewall.rule': fc.record({ by: one('host names', 'addresses', 'luck') }),
  'cloud.certificate': fc.record({ root: cloudRoot, hosts: maybe(fc.array(one('ci', 'push-rest', 'fos', 'x'), { maxLength: 3 })) }),
  'machineAccount.break': fc.record({
    how: maybe(one('refresh token expired', 'account deleted', 'token limit reached', 'refresh token lost', 'stolen')),
  }),
  'machineAccount.mend': fc.constant({}),
  'device.callKit': fc.record({ device, reports: fc.boolean(), failuresAllowed: maybe(one(0, 1, 3)) }),
  'cli.run': fc.record({ node, line: cliLine }),
  'trace.level': fc.record({ node, service: one(...TRACED), level: one('Debug', 'Info', 'Error', 'Loud') }),
  'agent.options': fc.record({ send: maybe(fc.boolean()), encryptPii: maybe(fc.boolean()) }),
  'proxy.set': fc.record({
    enabled: maybe(fc.boolean()),
    server: maybe(one('proxy.lab.example', 'ghost.lab.example', '10.0.0.81', '10.0.0.256', 'ghost')),
    port: maybe(one(0, 3_128, 8_080)),
    kind: maybe(one('HTTP', 'HTTPS')),
    authentication: maybe(one('none', 'Basic', 'Digest', 'NTLM')),
    secret: maybe(one('proxy-secret', 'wrong')),
  }),
  'proxy.login': fc.record({
    asks: maybe(one('none', 'Basic', 'Digest', 'Negotiate')),
    algorithm: maybe(one('MD5', 'SHA-256', 'SHA-1')),
    secret: maybe(one('proxy-secret', 'new')),
  }),
  'proxy.address': fc.record({
    addresses: fc.array(one('10.0.0.80', '10.0.0.81', '10.0.0.82', '1.2.3'), { maxLength: 3 }),
    virtualAddress: orNull(one('10.0.0.80', '10.0.0.90')),
  }),
  'proxy.flush': fc.record({ node: maybe(node) }),
  'proxy.upstream': fc.record({ works: maybe(fc.boolean()), failoverMs: maybe(span) }),
}

/** Without its undefined fields, as JSON carries it: half of the time, so that both forms come. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const NAMES = Object.keys(labCommands) as LabCommandName[]
const fitting = one(...NAMES).chain((name) => ARGS[name].map((args) => ({ name: name as string, args: plain(args) })))
const wild = fc.record({
  name: fc.oneof(
    one<string>(...NAMES, ...Object.keys(hostCommands), '__proto__', 'constructor', 'toString', ''),
    fc.string({ maxLength: 80 }),
  ),
  args: fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true, withTypedArray: true }),
})
const act = fc.record({
  /** Single steps after the wait: a command may come between two tasks of one instant. */
  steps: fc.nat(3),
  waitMs: fc.oneof(fc.nat(3_000), fc.nat(60_000), one(0, 20 * 60_000)),
  command: fc.oneof({ weight: 9, arbitrary: fitting }, { weight: 1, arbitrary: wild }),
})
const acts = fc.array(act, { minLength: 1, maxLength: 60 })

function expectBalanced(lab: Lab): void {
  const row = lab.rows('lab')[0] as LabRow
  const sum = PUSH_STATES.reduce((total, state) => total + row.pushStates[state], 0)
  expect(sum, 'sum over the states').toBe(row.pushesCreated)
  expect(Math.min(...PUSH_STATES.map((state) => row.pushStates[state]))).toBeGreaterThanOrEqual(0)
}

/** Gives all commands, and leaves the lab a minute to end what is under way. */
function play(plan: readonly { waitMs: number; steps: number; command: { name: string; args: unknown } }[]): {
  lab: Lab
  journal: string[]
  accepted: number
} {
  const journal: string[] = []
  const lab = createLab(scenarioSchema.parse(SCENARIO), { sealer: nodeSealer, journal: (line) => void journal.push(line) })
  lab.onEvent = () => {
    if (!lab.world.pushes.balanced()) throw new Error('pushes out of balance')
    if (!lab.world.messages.balanced()) throw new Error('messages out of balance')
  }
  let accepted = 0
  for (const { waitMs, steps, command } of plan) {
    lab.runUntil(lab.now + waitMs)
    for (let i = 0; i < steps; i++) lab.step()
    const reply = lab.command(command.name, command.args)
    if (reply.ok) accepted++
    else {
      expect(reply.message.length, JSON.stringify(command.name)).toBeGreaterThan(5)
      expect(reply.code).not.toBe('internal')
      expect(Array.isArray(reply.issues)).toBe(true)
    }
    expectBalanced(lab)
  }
  lab.runUntil(lab.now + 60_000)
  expectBalanced(lab)
  return { lab, journal, accepted }
}

describe('any commands, in any order, at any moment', () => {
  it('the list above leaves no command out', () => {
    expect(Object.keys(ARGS).toSorted()).toEqual([...NAMES].toSorted())
  })

  it('[DEC-33][DEC-35] never throw, always get a reply, keep the pushes in balance, and replay byte for byte', { timeout: 30_000 }, () => {
    let accepted = 0
    let given = 0
    fc.assert(
      fc.property(acts, (plan) => {
        const first = play(plan)
        accepted += first.accepted
        given += plan.length
        const journal: string[] = []
        const again = new Run(
          scenarioSchema.parse(SCENARIO),
          { sealer: nodeSealer, journal: (line) => void journal.push(line) },
          first.lab.inputs,
        )
        while (again.stepOnce(first.lab.now));
        again.advance(first.lab.now)
        expect(again.refused).toBeNull()
        expect(journal).toEqual(first.journal)
        expect(again.now).toBe(first.lab.now)
        expect(again.lab.tasks).toBe(first.lab.tasks)
      }),
      { numRuns: 150 },
    )
    // A property over refusals alone would prove little.
    expect(accepted / given).toBeGreaterThan(0.3)
  })

  it('[DEC-35] a seek to any moment shows the lab as it was then, with the later commands still ahead', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(acts, fc.nat(1_000), (plan, permille) => {
        const { lab } = play(plan)
        const at = Math.floor((lab.now * permille) / 1_000)
        const run = new Run(scenarioSchema.parse(SCENARIO), { sealer: nodeSealer }, lab.inputs)
        while (run.stepOnce(lab.now));
        run.advance(lab.now)
        const whole = run.lab.rows('device')
        const seeking = run.seek(at)
        while (!seeking.stepSome(() => true));
        seeking.finish()
        expect(run.now).toBe(at)
        expect(run.inputs()).toEqual(lab.inputs)
        while (run.stepOnce(lab.now));
        run.advance(lab.now)
        expect(run.lab.rows('device')).toEqual(whole)
      }),
      { numRuns: 40 },
    )
  })
})
