/** utils managementAgent alarms: three commands of the publisher (TRB-06, TRB-07, TRB-08), one of them with two names (DEC-03). */
import { frequencyFits, setFrequency, setLevel, uploadNow } from '../agent.ts'
import { PUSH_FREQUENCY, PUSH_LEVELS } from '../state.ts'
import { CHANGES, refused, said, type CliAnswer, type CliCommand, type CliContext, type CliHost } from './command.ts'
import { whole } from './offers.ts'

const PUBLISHER: readonly CliHost[] = ['publisher']

function pushFrequency({ world }: CliContext, rest: string): CliAnswer {
  const text = rest.trim()
  if (text === '') return said(`Alarm push frequency: ${world.admin.agent.frequencyMinutes} minutes`)
  const minutes = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (!frequencyFits(minutes)) {
    const { min, max } = PUSH_FREQUENCY
    return refused(
      `"${text}" is not a whole number of minutes from ${min} to ${max}`,
      'Right form: utils managementAgent alarms pushfrequency 30',
    )
  }
  setFrequency(world, minutes)
  return said(`Alarm push frequency set to ${minutes} minutes`)
}

function minPushLevel({ world }: CliContext, rest: string): CliAnswer {
  const text = rest.trim()
  if (text === '') return said(`Minimum alarm push level: ${world.admin.agent.minPushLevel}`)
  const level = PUSH_LEVELS.find((each) => each.toLowerCase() === text.toLowerCase())
  if (level === undefined) {
    const alert = text.toLowerCase() === 'alert' ? 'Alert is always sent and is no value of this setting' : `"${text}" is no alarm level`
    return refused(alert, `Levels, most severe first: ${PUSH_LEVELS.join(', ')}`)
  }
  setLevel(world, level)
  return said(`Minimum alarm push level set to ${level}`)
}

function pushNow({ world }: CliContext): CliAnswer {
  const refusal = uploadNow(world)
  if (refusal !== null) return refused(refusal)
  const sending = world.admin.agent.underWay
  return said(`Pushing ${sending?.alarms ?? 0} alarms to the Cisco cloud, tracking ID ${sending?.tracking ?? ''}`)
}

const level = (word: 'minpushlevel' | 'pushlevel'): CliCommand => ({
  words: ['utils', 'managementAgent', 'alarms', word],
  takes: '[<alarm_level>]',
  help: 'lowest severity that is pushed to the cloud; without a level it is shown',
  on: PUBLISHER,
  changes: (rest) => rest.trim() !== '',
  offers: whole(() => PUSH_LEVELS.map((word) => ({ word, help: word === 'Error' ? 'default' : '' }))),
  run: minPushLevel,
})

export const AGENT_COMMANDS: readonly CliCommand[] = [
  {
    words: ['utils', 'managementAgent', 'alarms', 'pushfrequency'],
    takes: '[<minutes>]',
    help: 'minutes between two pushes of alarms to the cloud, 5 to 90; without a number they are shown',
    on: PUBLISHER,
    changes: (rest) => rest.trim() !== '',
    run: pushFrequency,
  },
  level('minpushlevel'),
  { ...level('pushlevel'), hidden: true },
  {
    words: ['utils', 'managementAgent', 'alarms', 'pushnow'],
    takes: '',
    help: 'push the alarms that wait now; the interval stays as it is',
    on: PUBLISHER,
    changes: CHANGES,
    run: pushNow,
  },
]
