/**
 * Cisco Management Agent Service: sends alarms to the Cisco cloud at intervals, or at once when told to (TRB-01 to TRB-08). The
 * publisher's sends for the whole cluster, as the interval counts once per cluster (DEC-27). No source names the host that takes
 * alarms: here it is Fusion Onboarding, the one of the three documented hosts that only the publisher talks to (modelled).
 */
import { HOST_NAME } from '../cloud/connection.ts'
import { createHttpsClient, type HttpsClient } from '../cloud/httpsClient.ts'
import type { Carried } from '../cloud/carried.ts'
import { virtualWay } from '../cloud/virtualWay.ts'
import type { AgentUpload } from '../contract/admin.ts'
import type { Severity } from '../contract/rows.ts'
import { CMAS, isRunning } from '../cluster/nodes.ts'
import { ALARMS, SEVERITIES, type Raise } from '../serviceability/alarms.ts'
import { note, tell, type World } from '../world.ts'
import { PUSH_FREQUENCY, type FiledAlarm, type PushLevel } from './state.ts'
import { file } from './support.ts'

/** Alarms in one upload; the rest goes with the next. Modelled. */
export const ALARMS_PER_UPLOAD = 1_000

/** Uploads that are remembered. */
const UPLOADS_KEPT = 200

/** Details of an alarm that name nobody; everything else may name a person, a host or a device (TRB-04). */
const NAMES_NOBODY: ReadonlySet<string> = new Set(['ErrorCode'])

export const agentPlace = (world: World): string => `${world.cluster.publisher.id}/CMAS`

/** Push notifications were turned on, and with them the sending of troubleshooting data (TRB-02). */
export function pushEnabled(world: World): void {
  world.admin.agent.send = true
  startInterval(world)
}

export function pushDisabled(world: World): void {
  stopInterval(world)
}

/** The two boxes on the Cloud Onboarding page (ONB-13). */
export function setOptions(world: World, options: { send?: boolean | undefined; encryptPii?: boolean | undefined }): string | null {
  const { agent } = world.admin
  if (options.encryptPii === undefined && options.send === undefined) return 'nothing to set: name send, encryptPii, or both'
  if (options.encryptPii !== undefined) agent.encryptPii = options.encryptPii
  if (options.send !== undefined && options.send !== agent.send) {
    agent.send = options.send
    // What was raised while nothing was sent stays at home.
    if (options.send) agent.handled = world.alarms.raises
    if (options.send && world.cluster.onboarded) startInterval(world)
    else stopInterval(world)
  }
  const words = `sending ${agent.send ? 'on' : 'off'}, PII ${agent.encryptPii ? 'encrypted' : 'not sent'}`
  note(world, { flow: 0, place: agentPlace(world), carrier: 'admin' }, 'troubleshooting options saved', words, 'info', 'TRB-02')
  return null
}

export function setFrequency(world: World, minutes: number): void {
  world.admin.agent.frequencyMinutes = minutes
  const text = `every ${minutes} min`
  note(world, { flow: 0, place: agentPlace(world), carrier: 'admin' }, 'alarm push frequency', text, 'info', 'TRB-06')
  if (world.admin.agent.timer) startInterval(world)
}

export function setLevel(world: World, level: PushLevel): void {
  world.admin.agent.minPushLevel = level
  note(world, { flow: 0, place: agentPlace(world), carrier: 'admin' }, 'minimum alarm push level', level, 'info', 'TRB-07')
}

export const frequencyFits = (minutes: number): boolean =>
  Number.isInteger(minutes) && minutes >= PUSH_FREQUENCY.min && minutes <= PUSH_FREQUENCY.max

/** The interval begins anew. */
export function startInterval(world: World): void {
  const { agent } = world.admin
  stopInterval(world)
  if (!agent.send || !world.cluster.onboarded) return
  identify(world)
  agent.timer = world.clock.schedule(
    agent.frequencyMinutes * 60_000,
    () => {
      startInterval(world)
      upload(world, false)
    },
    'alarms go to the Cisco cloud',
  )
}

function stopInterval(world: World): void {
  world.admin.agent.timer?.cancel()
  world.admin.agent.timer = null
}

/** Cluster ID and support token are made once, in the customer's own cluster (TRB-03, TRB-05). */
function identify(world: World): void {
  const { agent } = world.admin
  if (agent.clusterId !== null) return
  agent.clusterId = world.random('customer cluster ID').uuid()
  agent.key = world.random('support token').bytes(32)
  agent.supportToken = [...agent.key].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Sends what waits; the schedule stays as it is. Answers with why nothing was sent, or null (TRB-08). */
export function uploadNow(world: World): string | null {
  const { agent } = world.admin
  if (!world.cluster.onboarded) return 'the cluster is not onboarded: push notifications are off'
  if (!agent.send) return 'Send Troubleshooting Information to the Cisco Cloud is not checked on the Cloud Onboarding page'
  const obstacle = cannotUpload(world)
  if (obstacle !== null) return obstacle
  upload(world, true)
  return null
}

function cannotUpload(world: World): string | null {
  const { publisher } = world.cluster
  if (publisher.state !== 'up') return `${publisher.id} is ${publisher.state}`
  if (!isRunning(publisher, CMAS)) return `${CMAS} does not run on ${publisher.id}: alarms stay local`
  return world.admin.agent.underWay ? 'an upload is under way' : null
}

/** Whether an alarm of this severity is uploaded at this level: Alert always is (DEC-04). */
export const passes = (severity: Severity, level: PushLevel): boolean => SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(level)

/** Raises that wait for an upload, oldest first, and up to which one they go. */
export function waiting(world: World): { raises: Raise[]; upTo: number; below: number; lost: number } {
  const { agent } = world.admin
  const raises: Raise[] = []
  let below = 0
  let upTo = agent.handled
  const lost = Math.max(0, world.alarms.oldestRaise - 1 - agent.handled)
  for (const raise of world.alarms.raisesFrom(agent.handled + 1)) {
    if (raises.length >= ALARMS_PER_UPLOAD) break
    upTo = raise.number
    if (passes(ALARMS[raise.name].severity, agent.minPushLevel)) raises.push(raise)
    else below++
  }
  return { raises, upTo: Math.max(upTo, agent.handled + lost), below, lost }
}

function upload(world: World, now: boolean): void {
  const { agent } = world.admin
  const { publisher } = world.cluster
  const place = agentPlace(world)
  const obstacle = cannotUpload(world)
  if (obstacle !== null) {
    agent.client = null // with its service go its connections
    const event = note(world, { flow: 0, place, carrier: 'HTTPS' }, 'upload of alarms', `skipped: ${obstacle}`, 'warn', 'TRB-01')
    keep(world, { number: ++agent.uploaded, at: event.at, state: 'skipped', now, tracking: '', alarms: 0, text: obstacle })
    return
  }
  const { raises, upTo, below, lost } = waiting(world)
  const clusterId = agent.clusterId ?? ''
  const filed = raises.map((raise) => filedAlarm(world, raise))
  const sending: AgentUpload = {
    number: ++agent.uploaded,
    at: world.clock.now(),
    state: 'under way',
    now,
    tracking: world.random('agent tracking').uuid('CMAS_'),
    alarms: raises.length,
    text: '',
  }
  keep(world, sending)
  agent.underWay = sending
  const asked: Carried = {
    host: 'fos',
    name: HOST_NAME.fos,
    repeatable: false,
    flow: 0,
    from: place,
    node: publisher,
    carrier: 'HTTPS',
    message: `POST ${raises.length} alarm${raises.length === 1 ? '' : 's'}`,
    tracking: sending.tracking,
    serve(hop, respond) {
      if (agent.refusal !== null) {
        tell(world, hop, `refused: ${agent.refusal}`, 'fail', 'UPG-07')
        return respond({ status: 400, text: 'Bad Request', outcome: agent.refusal, why: 'UPG-07' })
      }
      for (const alarm of filed) file(world, clusterId, sending.tracking, { ...alarm, receivedAt: world.clock.now() })
      tell(world, hop, 'filed under the Customer Cluster ID', 'ok', 'TRB-03')
      respond({ status: 200, text: 'OK', outcome: 'alarms taken', why: now ? 'TRB-08' : 'TRB-06' })
    },
  }
  clientOf(world).request(asked, (result) => {
    agent.underWay = null
    if (result.ok && result.status === 200) {
      sending.state = 'sent'
      sending.text = below > 0 ? `${below} below ${agent.minPushLevel} stay local` : ''
      agent.handled = Math.max(agent.handled, upTo)
      agent.below += below
      agent.lost += lost
    } else {
      sending.state = 'failed'
      sending.text = `${result.ok ? `${result.status} ${result.text}` : result.text}; tried again with the next upload`
    }
  })
}

/** Direct, or through the proxy that is set on the Cloud Onboarding page; new settings are taken with the next upload. */
function clientOf(world: World): HttpsClient<Carried> {
  const { agent } = world.admin
  const settings = world.proxy?.settings ?? null
  if (agent.client === null || agent.client.settings !== settings) agent.client = createHttpsClient(virtualWay(world), settings)
  return agent.client
}

function keep(world: World, entry: AgentUpload): void {
  const { uploads } = world.admin.agent
  uploads.push(entry)
  if (uploads.length > UPLOADS_KEPT) uploads.shift()
}

/** As it leaves the cluster: whatever may name somebody is cipher text, or left out (TRB-04). */
function filedAlarm(world: World, raise: Raise): FiledAlarm {
  const { agent } = world.admin
  const { severity, service } = ALARMS[raise.name]
  const details: FiledAlarm['details'] = []
  const pii: [string, string][] = [['NodeID', raise.node]]
  for (const [name, value] of raise.parameters) {
    if (NAMES_NOBODY.has(name)) details.push({ name, value })
    else pii.push([name, value])
  }
  const sealed =
    agent.encryptPii && agent.key ? world.sealer.seal(agent.key, world.random('pii nonce').bytes(12), JSON.stringify(pii)) : null
  return { receivedAt: 0, raisedAt: raise.at, name: raise.name, severity, service, details, sealed }
}
