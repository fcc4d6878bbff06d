/** Small labs in which anything may happen, as scenario files: what is drawn is what the file says. */
import fc from 'fast-check'
import type { LabCommandName } from '../../../core/contract/commands.ts'
import type { ScenarioInput } from '../../../core/contract/scenario.ts'

const one = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const device = one('ana-phone', 'ana-droid', 'ana-pc', 'ben-phone', 'ben-webex', 'rex-desk', 'rex-pc')
const phone = one('ana-phone', 'ana-droid', 'ben-phone', 'ben-webex')
const user = one('ana', 'ben', 'rex')
const imNode = one('imp-pub', 'imp-sub', 'imp-third')
const node = one('pub', 'sub', 'imp-pub', 'imp-sub')
const ssid = one<string | null>('Office', null)

type Command = { do: string; with: Record<string, unknown> }
const command = <N extends LabCommandName>(name: N, args: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<Command> =>
  args.map((values) => ({ do: name, with: values }))

const FAULT_PLACES = [
  'push-rest',
  'apns',
  'fcm',
  'ci',
  'pub~firewall',
  'imp-pub~firewall',
  'devices~imp-pub',
  'devices~imp-sub',
  'imp-pub~imp-sub',
  'devices~pub',
  'apns~devices',
  'firewall~push-rest',
]
const fault = fc.oneof(
  fc.record({
    on: one(...FAULT_PLACES),
    kind: one('drop', 'black-hole', 'reset', 'refuse'),
    forMs: one(500, 5_000, 60_000),
    probability: one(0.3, 1),
  }),
  fc.record({ on: one(...FAULT_PLACES), kind: fc.constant('delay'), addMs: one(500, 5_000, 20_000), forMs: one(5_000, 60_000) }),
  fc.record({ on: one('push-rest', 'apns', 'fcm'), kind: fc.constant('answer'), status: one(400, 401, 410, 500, 503), count: one(1, 3) }),
)

/** What brings messages and pushes into being, what carries them, and what takes the ground from under them. */
const commands: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: command('message.send', fc.record({ from: user, to: user, text: one('hi', 'a longer message') })) },
  { weight: 2, arbitrary: command('room.invite', fc.record({ from: user, to: user, room: fc.constant('ward') })) },
  { weight: 2, arbitrary: command('stanza.send', fc.record({ from: user, to: user })) },
  { weight: 2, arbitrary: command('user.presence', fc.record({ user, status: one('Available', 'Away', 'Do not disturb') })) },
  { weight: 1, arbitrary: command('device.activity', fc.record({ device })) },
  { weight: 2, arbitrary: command('presence.fallback', fc.record({ node: imNode })) },
  {
    weight: 1,
    arbitrary: command(
      'presence.parameters',
      fc.record(
        {
          instantMessaging: fc.boolean(),
          multipleDeviceMessaging: fc.boolean(),
          pushHighAvailability: fc.boolean(),
          streamManagement: fc.boolean(),
          failoverAfterMs: one(0, 5_000, 90_000),
          criticalServiceDownMs: one(0, 5_000, 90_000),
          fallbackAfterMs: one(0, 5_000, 600_000),
          fallback: one('automatic', 'manual'),
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { weight: 5, arbitrary: command('call.place', fc.record({ from: fc.constant('rex-desk'), to: one('5001', '5002', '7000') })) },
  { weight: 3, arbitrary: command('device.background', fc.record({ device: phone })) },
  { weight: 3, arbitrary: command('device.foreground', fc.record({ device: phone })) },
  { weight: 2, arbitrary: command('device.tap', fc.record({ device: phone })) },
  { weight: 1, arbitrary: command('device.answer', fc.record({ device })) },
  { weight: 1, arbitrary: command('device.decline', fc.record({ device })) },
  { weight: 1, arbitrary: command('device.hangUp', fc.record({ device })) },
  { weight: 2, arbitrary: command('device.kill', fc.record({ device: phone })) },
  { weight: 1, arbitrary: command('device.reboot', fc.record({ device: phone })) },
  { weight: 2, arbitrary: command('device.signOut', fc.record({ device })) },
  { weight: 2, arbitrary: command('device.signIn', fc.record({ device })) },
  {
    weight: 2,
    arbitrary: command('device.network', fc.record({ device: phone, wifi: ssid, cellular: fc.boolean(), internet: fc.boolean() })),
  },
  { weight: 1, arbitrary: command('device.expireToken', fc.record({ device: phone })) },
  { weight: 1, arbitrary: command('device.rotateToken', fc.record({ device: phone })) },
  { weight: 1, arbitrary: command('device.delete', fc.record({ device: one('ana-phone', 'ana-droid', 'ben-phone') })) },
  { weight: 1, arbitrary: command('user.delete', fc.record({ user: one('ana', 'ben') })) },
  { weight: 3, arbitrary: command('node.crash', fc.record({ node })) },
  { weight: 2, arbitrary: command('node.shutDown', fc.record({ node })) },
  { weight: 1, arbitrary: command('node.isolate', fc.record({ node })) },
  { weight: 4, arbitrary: command('node.start', fc.record({ node })) },
  { weight: 3, arbitrary: command('service.stop', fc.record({ node: imNode, service: one('XCP Router', 'XCP Config Manager') })) },
  { weight: 3, arbitrary: command('service.start', fc.record({ node: imNode, service: one('XCP Router', 'XCP Config Manager') })) },
  { weight: 2, arbitrary: command('service.restart', fc.record({ node: imNode, service: fc.constant('XCP Router') })) },
  { weight: 2, arbitrary: command('service.kill', fc.record({ node: imNode, service: fc.constant('XCP Router') })) },
  { weight: 1, arbitrary: command('service.stop', fc.record({ node: one('pub', 'sub'), service: one('CPNS', 'CallManager', 'LPNS') })) },
  { weight: 1, arbitrary: command('service.start', fc.record({ node: one('pub', 'sub'), service: one('CPNS', 'CallManager', 'LPNS') })) },
  { weight: 3, arbitrary: command('fault.add', fc.record({ fault })) },
  { weight: 1, arbitrary: command('fault.clear', fc.constant({})) },
  { weight: 1, arbitrary: command('storm.background', fc.record({ overMs: one(0, 2_000) })) },
  { weight: 1, arbitrary: command('storm.register', fc.record({ overMs: one(0, 2_000) })) },
  { weight: 1, arbitrary: command('storm.page', fc.record({ overMs: one(0, 2_000) })) },
  { weight: 1, arbitrary: command('cluster.offboard', fc.constant({})) },
  { weight: 1, arbitrary: command('cluster.onboard', fc.constant({})) },
)

const step = fc.record({ waitMs: fc.oneof(fc.nat(500), fc.nat(5_000), one(0, 60_000, 20 * 60_000)), command: commands })

export type RandomLab = ScenarioInput

export const randomLab: fc.Arbitrary<RandomLab> = fc
  .record({
    seed: fc.integer({ min: 0, max: 4_294_967_295 }),
    app: one<'on screen' | 'off screen' | 'killed'>('on screen', 'off screen', 'killed'),
    imNodes: one(1, 2, 3),
    answers: fc.boolean(),
    release: one('14SU3', '12.5(1)SU2'),
    // The size asks for long runs too; short ones are where shrinking ends.
    steps: fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }),
  })
  .map(({ seed, app, imNodes, answers, release, steps }) => {
    let at = 1_000
    const list = steps.map(({ waitMs, command: each }) => ({ at: (at += waitMs), ...each }))
    const habits = answers ? { answersAfterMs: 2_000, hangsUpAfterMs: 3_000, tapsAfterMs: 4_000 } : {}
    return {
      pushlab: 1,
      title: 'A short run that broke the books',
      seed,
      until: at + QUIET_MS,
      cluster: {
        release,
        nodes: [{ id: 'pub' }, { id: 'sub' }],
        groups: [{ id: 'g', nodes: ['sub', 'pub'] }],
        pools: [{ id: 'p', group: 'g' }],
        huntPilots: [{ number: '7000', members: ['5001', '5002'] }],
      },
      // Three nodes are a pair and one that has no backup, whose clients write to those of the pair.
      presence: { nodes: [{ id: 'imp-pub' }, { id: 'imp-sub' }, { id: 'imp-third' }].slice(0, imNodes) },
      users: [
        { id: 'ana', number: '5001' },
        { id: 'ben', number: '5002' },
        { id: 'rex', number: '5003' },
      ],
      devices: [
        { id: 'ana-phone', owner: 'ana', client: 'jabber', app, habits },
        { id: 'ana-droid', owner: 'ana', client: 'jabber', os: 'android', app },
        { id: 'ana-pc', owner: 'ana', client: 'jabber', os: 'desktop', signedIn: false },
        { id: 'ben-phone', owner: 'ben', client: 'jabber', app: 'off screen', locked: true, habits },
        { id: 'ben-webex', owner: 'ben', client: 'webex', app },
        { id: 'rex-desk', owner: 'rex', client: 'deskphone', os: 'desktop' },
        { id: 'rex-pc', owner: 'rex', client: 'jabber', os: 'desktop' },
      ],
      // With one node of IM and Presence the commands on the other are refused, as they would be.
      commands: list,
    }
  })

/** After the last command everything that is under way comes to its end. */
export const QUIET_MS = 120_000
