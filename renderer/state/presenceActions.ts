/** What a person can do around instant messages: to an IM and Presence node, to a client, to everybody at once. */
import type { CommandName, DeviceRow, ImNodeRow, NodeRow } from '../../core/contract/index.ts'
import type { Action } from './action.ts'
import { askField } from './fields.ts'
import { XCP_ROUTER } from './localPushActions.ts'

/** The four ways to lose a node, with what is kept and what is lost of it (HA-03 to HA-06). */
export type Way = {
  id: 'failure' | 'shutdown' | 'router-crash' | 'router-restart'
  label: string
  does: string
  command: CommandName
  service: boolean
  destructive: boolean
  sessions: string
  queue: string
  why: string
}

export const WAYS: readonly Way[] = [
  {
    id: 'failure',
    label: 'Crash',
    does: 'Node failure',
    command: 'node.crash',
    service: false,
    destructive: true,
    sessions: 'the backup takes over by itself',
    queue: 'lost for good',
    why: 'HA-03',
  },
  {
    id: 'shutdown',
    label: 'Shut down',
    does: 'Node shutdown',
    command: 'node.shutDown',
    service: false,
    destructive: true,
    sessions: 'the backup takes over',
    queue: 'out of reach until the users have fallen back, then delivered',
    why: 'HA-04',
  },
  {
    id: 'router-crash',
    label: 'Crash XCP Router',
    does: 'XCP Router crash',
    command: 'service.kill',
    service: true,
    destructive: true,
    sessions: 'stay, once it is up again',
    queue: 'lost for good',
    why: 'HA-05',
  },
  {
    id: 'router-restart',
    label: 'Restart XCP Router',
    does: 'XCP Router restart',
    command: 'service.restart',
    service: true,
    destructive: false,
    sessions: 'stay',
    queue: 'kept, sent at the next login',
    why: 'HA-06',
  },
]

const routerOf = (node: NodeRow) => node.services.find((service) => service.name === XCP_ROUTER)

/** The four ways, then the ways back; one that makes no sense now says why. */
export function wayActions(node: NodeRow, im: ImNodeRow): Action[] {
  const router = routerOf(node)
  const away = node.state === 'up' ? false : `${node.label} is ${node.state}.`
  const routerAway = away || (router?.state === 'running' ? false : `Its XCP Router is ${router?.state ?? 'not there'}.`)
  const ways = WAYS.map((way): Action => ({
    id: `im.${way.id}`,
    label: way.label,
    command: way.command,
    args: { node: node.id, ...(way.service ? { service: XCP_ROUTER } : {}) },
    destructive: way.destructive,
    disabled: way.service ? routerAway : away,
    group: 'Go away',
  }))
  const router2 = router !== undefined && node.state === 'up' && router.state !== 'running' && router.state !== 'starting'
  const start: Action = router2
    ? {
        id: 'im.start-router',
        label: 'Start XCP Router',
        command: 'service.start',
        args: { node: node.id, service: XCP_ROUTER },
        destructive: false,
        disabled: false,
        group: 'Come back',
      }
    : {
        id: 'im.start',
        label: node.state === 'off network' ? 'Reconnect' : 'Start',
        command: 'node.start',
        args: { node: node.id },
        destructive: false,
        disabled: node.state === 'up' ? 'It is up already.' : false,
        group: 'Come back',
      }
  return [...ways, start, ...fallbackActions(node, im)]
}

/** Nothing for what is no IM and Presence node. */
export function fallbackActions(node: NodeRow, im: ImNodeRow | undefined): Action[] {
  if (!im) return []
  const disabled =
    im.backup === null
      ? 'It has no backup that its users could return from.'
      : node.state !== 'up'
        ? `${node.label} is ${node.state}: start it first.`
        : im.fallbackAt === null && im.state !== 'failed over'
          ? 'It has its own sessions: nobody is to return.'
          : false
  return [
    {
      id: 'presence.fallback',
      label: 'Fall back now',
      command: 'presence.fallback',
      args: { node: node.id },
      destructive: false,
      disabled,
      group: 'Come back',
    },
  ]
}

/** A hand on the client, and what others see of its user (MSG-02 to MSG-04). */
export function imDeviceActions(device: DeviceRow, writers: readonly { id: string; name: string }[]): Action[] {
  if (device.im === 'not used' || device.client !== 'jabber') return []
  const off = device.signedIn ? false : 'It is signed out.'
  const [writer] = writers
  const from = askField('from', 'From', 'text', {
    required: true,
    default: writer?.id ?? '',
    suggestions: writers.map(({ id, name }) => ({ value: id, label: name })),
  })
  const nobody = writer === undefined ? 'Nobody else is in this lab.' : false
  return [
    {
      id: 'room.invite',
      label: 'Invite to a chat room…',
      command: 'room.invite',
      args: { to: device.owner },
      destructive: false,
      disabled: nobody,
      group: 'Messages',
      ask: [from, askField('room', 'Chat room', 'text', { required: true, default: 'Ward 3' })],
    },
    {
      id: 'device.activity',
      label: 'Use the client (mouse, keys, touch)',
      command: 'device.activity',
      args: { device: device.id },
      destructive: false,
      disabled: off || (device.os !== 'desktop' && device.suspended ? 'It is suspended: open its app first.' : false),
      group: 'Messages',
    },
    {
      id: 'user.presence',
      label: 'Set the presence of its user…',
      command: 'user.presence',
      args: { user: device.owner },
      destructive: false,
      disabled: off,
      group: 'Messages',
      ask: [
        askField('status', 'Status', 'choice', {
          required: true,
          choices: ['Available', 'Away', 'Do not disturb'],
          default: device.status,
        }),
      ],
    },
  ]
}

const spread = (standard: string) =>
  askField('overMs', 'Spread evenly over', 'duration', { default: standard, hint: 'for example 0, 10s, 1min; an hour at most' })

/** What everybody does at once; the spread is asked. */
export function stormActions(devices: number): Action[] {
  const nobody = devices === 0 ? 'This lab has no devices.' : false
  const storm = (id: CommandName, label: string, about: string, over: string): Action => ({
    id,
    label,
    command: id,
    args: {},
    destructive: false,
    disabled: nobody,
    group: 'Storm',
    ask: [spread(over)],
    about,
  })
  return [
    storm(
      'storm.background',
      'Everyone leaves the app…',
      'All phones send their app to the background: their sessions are suspended, and from then on they are pushed.',
      '10s',
    ),
    storm(
      'storm.register',
      'Everyone opens the app and registers…',
      'All clients register with their nodes at about the same time.',
      '1min',
    ),
    storm('storm.page', 'Page all phones in one call…', 'One call to every phone: each one that sleeps gets a push.', '0'),
  ]
}
