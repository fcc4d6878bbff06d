/** What an argument could be, from the rows of this lab: offered while typing. */
import type { AskField } from './action.ts'
import { labelOf } from './fields.ts'
import { knownSsids } from './localPushActions.ts'
import { useLab } from './lab.ts'

type Suggestion = { value: string; label: string }
/** A list of thousands helps nobody; a person types a few letters of the name instead. */
const OFFERED = 200

const take = <T>(items: Iterable<T>, make: (item: T) => Suggestion | null): Suggestion[] => {
  const found = new Map<string, Suggestion>()
  for (const item of items) {
    const one = make(item)
    if (one && !found.has(one.value)) found.set(one.value, one)
    if (found.size >= OFFERED) break
  }
  return [...found.values()]
}

const known = (ids: readonly string[] | undefined, what: string): Suggestion[] => take(ids ?? [], (id) => ({ value: id, label: what }))

/** Suggestions for the argument `name` of `command`; undefined where nothing is known. */
export const suggestionsFor = (command: string, name: string): Suggestion[] | undefined => {
  const lab = useLab()
  const devices = (): Suggestion[] => take(lab.devices.values(), (row) => ({ value: row.id, label: row.label }))
  const users = (): Suggestion[] => take(lab.devices.values(), (row) => ({ value: row.owner, label: row.ownerName }))
  const nodes = (): Suggestion[] => take(lab.nodes.values(), (row) => ({ value: row.id, label: row.label }))
  const links = (): Suggestion[] =>
    take(lab.links.values(), (row) => ({ value: row.id, label: `${lab.placeLabel(row.a)} to ${lab.placeLabel(row.b)}` }))
  switch (name) {
    case 'device':
      return devices()
    case 'user':
      return users()
    case 'node':
    case 'nodes':
      return nodes()
    case 'link':
      return links()
    case 'fault':
      return command === 'fault.remove' ? take(lab.faults.values(), (row) => ({ value: row.id, label: row.title })) : undefined
    case 'flow':
    case 'flowEnds':
      return take([...lab.flows.values()].toReversed(), (row) => ({ value: String(row.flow), label: row.title }))
    case 'service':
      // A UC service is another thing.
      if (command === 'ucService.set') return known(lab.lab?.ucServices, 'UC service')
      return take(
        [...lab.nodes.values()].flatMap((row) => row.services),
        (row) => ({ value: row.name, label: row.name }),
      )
    case 'profile':
    case 'serviceProfile':
      return known(lab.lab?.serviceProfiles, 'service profile')
    case 'mobile':
      return known(lab.lab?.ucServices, 'UC service')
    case 'pool':
      return take(lab.devices.values(), (row) => (row.pool === '' ? null : { value: row.pool, label: row.pool }))
    case 'wifi':
      return knownSsids([...lab.devices.values()]).map((ssid) => ({ value: ssid, label: 'known Wi-Fi' }))
    case 'on':
      return [...nodes(), ...links()]
    case 'from':
      return command === 'call.place' ? devices() : users()
    case 'to':
      return command === 'call.place'
        ? take(lab.devices.values(), (row) => (row.lines[0] === undefined ? null : { value: row.lines[0], label: row.label }))
        : users()
    case 'seq':
      return take(lab.events.slice(-OFFERED).toReversed(), (event) => ({
        value: String(event.seq),
        label: `${event.message}: ${event.outcome}`,
      }))
    case 'id':
      return command === 'search.tracking'
        ? take(lab.pushes.values(), (row) => ({ value: row.id, label: `${row.purpose}, ${row.state}` }))
        : undefined
    default:
      return undefined
  }
}

const plain = (name: string, type: AskField['type'], rest: Partial<AskField> = {}): AskField => ({
  name,
  label: labelOf(name),
  type,
  required: false,
  choices: [],
  default: undefined,
  ...rest,
})

/** `fault.add` takes one of ten shapes: one form for all of them; the lab says which field a kind does not have. */
export const faultFields = (): AskField[] => [
  plain('fault.kind', 'choice', {
    required: true,
    default: 'drop',
    choices: [
      'answer',
      'drop',
      'delay',
      'reset',
      'black-hole',
      'refuse',
      'idle-cut',
      'tls-inspect',
      'dns-fail',
      'blocked-address',
      'start-fails',
      'unsealed',
    ],
  }),
  plain('fault.on', 'text', {
    required: true,
    hint: 'a link, a cloud, a node or a sender',
    suggestions: suggestionsFor('fault.add', 'on') ?? [],
  }),
  plain('fault.status', 'integer', { hint: 'kind answer only, for example 410' }),
  plain('fault.addMs', 'duration', { hint: 'kind delay only, for example 500ms' }),
  plain('fault.jitterMs', 'duration', { hint: 'kind delay only' }),
  plain('fault.idleMinutes', 'number', { hint: 'kind idle-cut only' }),
  plain('fault.count', 'integer', { label: 'Only the next … times' }),
  plain('fault.probability', 'number', { label: 'Chance per match', hint: 'above 0, up to 1; drawn from the seed' }),
  plain('fault.direction', 'choice', { choices: ['both', 'forward', 'backward'] }),
  plain('fault.port', 'integer', { label: 'TCP port' }),
  plain('fault.device', 'text', { label: 'Only traffic of this device', suggestions: suggestionsFor('', 'device') ?? [] }),
  plain('fault.forMs', 'duration', { label: 'For', hint: 'empty: until it is removed' }),
  plain('fault.hidden', 'yes-no', { label: 'Hide it from the class until revealed', default: false }),
]
