/** What a person can do to a node, a service, a link or a fault. */
import type { FaultRow, LinkRow, NodeRow, ServiceRow } from '../../core/contract/index.ts'
import type { Action, AskField } from './action.ts'
import { askField as field } from './fields.ts'
import { killActions, LPNS, meshActions } from './localPushActions.ts'

const COUNT = field('fault.count', 'Only the next … times', 'integer', { default: 3, hint: 'empty: until the fault is removed' })
const FOR = field('fault.forMs', 'For', 'duration', { hint: 'for example 30s, 5min; empty: until the fault is removed' })
const PROBABILITY = field('fault.probability', 'Chance per match', 'number', { hint: 'above 0, up to 1; drawn from the seed' })
const HIDDEN = field('fault.hidden', 'Hide it from the class until revealed', 'yes-no', { default: false })

const addFault = (id: string, label: string, fault: Record<string, unknown>, ask: AskField[], group: string, about?: string): Action => ({
  id,
  label,
  command: 'fault.add',
  args: { fault },
  // What a fault did is gone with the fault: the danger colour is kept for what is not taken back so easily.
  destructive: false,
  disabled: false,
  group,
  ask,
  ...(about === undefined ? {} : { about }),
})

const HTTPS_PORT = 443 // NET-01

const removals = (ids: readonly string[], faults: readonly FaultRow[]): Action[] =>
  faults
    .filter((fault) => ids.includes(fault.id))
    .map((fault) => ({
      id: `fault.remove.${fault.id}`,
      label: `Remove: ${fault.title}`,
      command: 'fault.remove',
      args: { fault: fault.id },
      destructive: false,
      disabled: false,
      group: 'Mend',
    }))

/** Start, stop and restart of one service of a node. */
export const serviceActions = (node: NodeRow, service: ServiceRow): Action[] => {
  const args = { node: node.id, service: service.name }
  const away = node.state === 'up' || node.state === 'off network' ? false : `${node.label} is ${node.state}.`
  const base = { args, group: service.short }
  const runs = service.state === 'running' || service.state === 'starting'
  return [
    runs
      ? {
          ...base,
          id: `service.stop.${service.name}`,
          label: `Stop ${service.short}`,
          command: 'service.stop',
          destructive: true,
          disabled: away,
        }
      : {
          ...base,
          id: `service.start.${service.name}`,
          label: `Start ${service.short}`,
          command: 'service.start',
          destructive: false,
          disabled: away,
        },
    {
      ...base,
      id: `service.restart.${service.name}`,
      label: `Restart ${service.short}`,
      command: 'service.restart',
      destructive: false,
      disabled: away || (runs ? false : 'It is not running: start it.'),
    },
  ]
}

const REASONS: Record<number, string> = {
  400: 'Answer 400 (bad request)…',
  410: 'Answer 410 (token gone)…',
  429: 'Answer 429 (too many requests)…',
  500: 'Answer 500 (internal error)…',
  503: 'Answer 503 (unavailable)…',
}

/** The clouds of Apple and Google: reached from Push REST only. */
const PLATFORMS = new Set(['apns', 'fcm'])

const cloudActions = (node: NodeRow): Action[] => {
  const answers = [410, 400, 429, 500, 503].map((status) =>
    addFault(
      `fault.answer.${status}`,
      REASONS[status] ?? `Answer ${status}…`,
      { kind: 'answer', on: node.id, status },
      [COUNT, field('fault.reason', 'Reason phrase', 'text', { hint: 'empty: the usual one' }), FOR, HIDDEN],
      'Answers',
      `${node.label} answers with ${status} instead of its own answer.`,
    ),
  )
  const platform = PLATFORMS.has(node.id)
  return [
    ...answers,
    addFault('fault.refuse', 'Refuse connections…', { kind: 'refuse', on: node.id }, [COUNT, FOR, HIDDEN], 'Connection'),
    addFault('fault.black-hole', 'Be silent (black hole)…', { kind: 'black-hole', on: node.id }, [FOR, HIDDEN], 'Connection'),
    // Only the cluster's own connections go through an inspecting proxy, its DNS and the cloud's block list.
    ...(platform
      ? []
      : [
          addFault('fault.tls-inspect', 'TLS inspection in between…', { kind: 'tls-inspect', on: node.id }, [FOR, HIDDEN], 'Connection'),
          addFault('fault.dns-fail', 'Its name does not resolve…', { kind: 'dns-fail', on: node.id }, [FOR, HIDDEN], 'Connection'),
          addFault(
            'fault.blocked-address',
            'Block the address of the cluster…',
            { kind: 'blocked-address', on: node.id },
            [FOR, HIDDEN],
            'Connection',
          ),
        ]),
  ]
}

const powerActions = (node: NodeRow): Action[] => {
  const args = { node: node.id }
  const base = { args, group: 'Node' }
  const away = node.state === 'up' ? false : `It is ${node.state} already.`
  return [
    {
      ...base,
      id: 'node.crash',
      label: 'Crash',
      command: 'node.crash',
      destructive: true,
      disabled: node.state === 'crashed' ? away : false,
    },
    {
      ...base,
      id: 'node.shutDown',
      label: 'Shut down',
      command: 'node.shutDown',
      destructive: true,
      disabled: node.state === 'shut down' || node.state === 'crashed' ? away : false,
    },
    { ...base, id: 'node.isolate', label: 'Cut off the network', command: 'node.isolate', destructive: true, disabled: away },
    {
      ...base,
      id: 'node.start',
      label: node.state === 'off network' ? 'Reconnect the network' : 'Start',
      command: 'node.start',
      destructive: false,
      disabled: node.state === 'up' ? 'It is up already.' : false,
    },
  ]
}

/** What the sender of pushes on this node can do wrong, and the node's own name service. */
const nodeFaults = (node: NodeRow): Action[] => {
  const sender = node.family === 'imp' ? 'XCP Config Manager' : 'CPNS'
  return [
    {
      id: 'node.dns',
      label: 'Configure or remove DNS…',
      command: 'node.dns',
      args: { node: node.id },
      destructive: false,
      disabled: false,
      group: 'Break',
      ask: [field('configured', 'DNS is configured', 'yes-no', { required: true, default: false })],
    },
    addFault('fault.unsealed', 'Forget to seal payloads…', { kind: 'unsealed', on: `${node.id}/${sender}` }, [COUNT, HIDDEN], 'Break'),
    addFault(
      'fault.black-hole',
      'Swallow what it receives…',
      { kind: 'black-hole', on: node.id },
      [field('fault.port', 'TCP port', 'integer', { hint: 'empty: all ports' }), FOR, HIDDEN],
      'Break',
    ),
    ...(node.services.some((service) => service.name === LPNS)
      ? [
          addFault(
            'fault.start-fails',
            'LPNS cannot start…',
            { kind: 'start-fails', on: `${node.id}/LPNS` },
            [COUNT, FOR, HIDDEN],
            'Break',
            'From the next start on: an internal fault that only an alarm tells of.',
          ),
        ]
      : []),
  ]
}

/** Proxy, firewall and Expressway only pass things on: what breaks is a link of theirs. */
const edgeActions = (node: NodeRow, links: readonly LinkRow[], label: (place: string) => string): Action[] =>
  links
    .filter((link) => link.a === node.id || link.b === node.id)
    .flatMap((link) => {
      const far = label(link.a === node.id ? link.b : link.a)
      return linkActions(link, [], label)
        .filter((action) => action.id === 'fault.block.cloud' || action.id === 'fault.idle-cut' || action.id === 'fault.tls-inspect')
        .map((action) => ({
          ...action,
          id: `${action.id}.${link.id}`,
          label: `${far}: ${/^[A-Z][a-z]/.test(action.label) ? action.label.charAt(0).toLowerCase() + action.label.slice(1) : action.label}`,
          group: far,
        }))
    })

/** `faults` and `links` are those of the lab. */
export const nodeActions = (
  node: NodeRow,
  faults: readonly FaultRow[],
  links: readonly LinkRow[] = [],
  label: (place: string) => string = String,
): Action[] => {
  const mend = removals(node.faults, faults)
  switch (node.family) {
    case 'cloud':
      return [...mend, ...cloudActions(node)]
    case 'ucm':
    case 'imp':
      return [
        ...mend,
        ...powerActions(node),
        ...meshActions(node),
        ...node.services.flatMap((service) => [...serviceActions(node, service), ...killActions(node, service)]),
        ...nodeFaults(node),
      ]
    case 'edge':
      return [...mend, ...edgeActions(node, links, label)]
  }
}

export const linkActions = (link: LinkRow, faults: readonly FaultRow[], label: (place: string) => string): Action[] => {
  const direction = field('fault.direction', 'Direction', 'choice', {
    choices: ['both', 'forward', 'backward'],
    default: 'both',
    hint: `forward: ${label(link.a)} to ${label(link.b)}`,
  })
  const port = (value: number | undefined): AskField =>
    field('fault.port', 'TCP port', 'integer', value === undefined ? { hint: 'empty: all ports' } : { default: value, required: true })
  const on = { on: link.id }
  const cut = (id: string, text: string, fault: Record<string, unknown>, ask: AskField[], about?: string): Action =>
    addFault(id, text, { ...fault, ...on }, ask, 'Break', about)
  return [
    ...removals(link.faults, faults),
    {
      id: 'link.set',
      label: 'Set latency and jitter…',
      command: 'link.set',
      args: { link: link.id },
      destructive: false,
      disabled: false,
      group: 'Link',
      ask: [
        field('latencyMs', 'Latency, one way', 'duration', { default: link.latencyMs, hint: 'milliseconds or with a unit: 250ms, 2s' }),
        field('jitterMs', 'Jitter', 'duration', { default: link.jitterMs, hint: 'milliseconds or with a unit' }),
      ],
    },
    cut('fault.delay', 'Add delay and jitter…', { kind: 'delay' }, [
      field('fault.addMs', 'Added latency', 'duration', { required: true, default: '500ms' }),
      field('fault.jitterMs', 'Jitter', 'duration', { default: '100ms' }),
      direction,
      port(undefined),
      FOR,
      HIDDEN,
    ]),
    cut('fault.drop', 'Drop packets…', { kind: 'drop' }, [COUNT, PROBABILITY, direction, port(undefined), FOR, HIDDEN]),
    cut(
      'fault.black-hole',
      'Black hole…',
      { kind: 'black-hole' },
      [direction, port(undefined), FOR, HIDDEN],
      'Nothing gets through and nothing says so.',
    ),
    cut('fault.reset', 'Reset connections…', { kind: 'reset' }, [COUNT, PROBABILITY, direction, port(undefined), FOR, HIDDEN]),
    cut(
      'fault.block.cloud',
      `Block port ${link.cloudPort}…`,
      { kind: 'black-hole' },
      [port(link.cloudPort), FOR, HIDDEN],
      link.cloudPort === HTTPS_PORT
        ? 'A firewall that drops: the sender sees silence.'
        : 'The port of the proxy: what goes to the cloud crosses this link there, not on 443. The sender sees silence.',
    ),
    cut(
      'fault.block.9966',
      'Block port 9966…',
      { kind: 'black-hole' },
      [port(9966), FOR, HIDDEN],
      'The port on which CallManager reaches CPNS.',
    ),
    cut(
      'fault.block.9560',
      'Block port 9560…',
      { kind: 'black-hole' },
      [port(9560), FOR, HIDDEN],
      'Local push: the sessions of the clients and the mesh of the nodes.',
    ),
    cut('fault.refuse', 'Refuse connections…', { kind: 'refuse' }, [COUNT, port(undefined), FOR, HIDDEN]),
    cut('fault.idle-cut', 'Forget idle connections…', { kind: 'idle-cut' }, [
      field('fault.idleMinutes', 'Idle limit (minutes)', 'number', { required: true, default: 20 }),
      FOR,
      HIDDEN,
    ]),
    cut('fault.tls-inspect', 'TLS inspection in between…', { kind: 'tls-inspect' }, [FOR, HIDDEN]),
  ]
}

export const faultActions = (fault: FaultRow): Action[] => [
  {
    id: `fault.remove.${fault.id}`,
    label: 'Remove the fault',
    command: 'fault.remove',
    args: { fault: fault.id },
    destructive: false,
    disabled: false,
    group: 'Fault',
  },
  { id: 'fault.clear', label: 'Remove all faults', command: 'fault.clear', args: {}, destructive: true, disabled: false, group: 'Fault' },
]
