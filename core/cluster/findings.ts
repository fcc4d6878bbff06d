/** What the configuration itself says, before anything is tried: Pass, Warning or Fail, each with a repair. */
import type { Gate } from '../client/gate.ts'
import type { FindingRow } from '../contract/rows.ts'
import { advise, PRODUCT_NAME } from '../release/index.ts'
import { proxyFindings } from '../edge/findings.ts'
import { localPushFindings } from '../lpns/findings.ts'
import { isMobile } from '../client/device.ts'
import { counted } from '../figures.ts'
import { oauthFindings } from '../oauth/view.ts'
import { onboardingFindings } from '../onboarding/findings.ts'
import { presenceFindings } from '../presence/findings.ts'
import { routeBetween, type World } from '../world.ts'
import { SNR_MIN_MS, VOICEMAIL_MIN_MS } from './diversions.ts'
import { CPNS_PORT } from './cpns.ts'
import { CPNS, isRunning } from './nodes.ts'

/** NAT and firewalls should keep idle connections at least this long (NET-06). */
export const IDLE_MIN_MINUTES = 30

/** At most this many findings on devices, and as many notes, stand for themselves; more are summed up. */
const DEVICE_FINDINGS = 100

type Finding = Omit<FindingRow, 'kind'>

export function findings(world: World): FindingRow[] {
  const found: Finding[] = [
    ...cluster(world),
    ...onboardingFindings(world),
    ...oauthFindings(world),
    ...network(world),
    ...proxyFindings(world),
    ...users(world),
    ...localPushFindings(world),
    ...presenceFindings(world),
    ...devices(world),
    ...world.checks.values(),
  ]
  return found.map((finding) => ({ kind: 'finding', ...finding }))
}

function* cluster(world: World): Iterable<Finding> {
  yield world.cluster.onboarded
    ? {
        id: 'onboarded',
        level: 'Pass',
        subject: 'Cloud onboarding',
        text: 'The cluster has a machine account at Common Identity.',
        fix: '',
        why: 'NET-02',
      }
    : {
        id: 'onboarded',
        level: 'Fail',
        subject: 'Cloud onboarding',
        text: 'The cluster is not onboarded: no push can leave it.',
        fix: 'Subscribe the cluster for push.',
        why: 'NET-02',
      }
  for (const node of world.cluster.nodes.values()) {
    if (!isRunning(node, CPNS) && node.state === 'up') {
      yield {
        id: `cpns:${node.id}`,
        level: 'Fail',
        subject: node.id,
        text: 'Cisco Push Notification Service is not running: calls processed here are not pushed.',
        fix: 'Start it on this node; the CPNS of another node is no help.',
        why: 'NET-05',
      }
    }
  }
  const nodes = [...world.cluster.nodes.values()]
  for (let i = 0; i < nodes.length; i++) {
    for (let j = i + 1; j < nodes.length; j++) {
      const a = nodes[i]
      const b = nodes[j]
      if (!a || !b || a.state !== 'up' || b.state !== 'up') continue
      const blocked =
        world.network.obstacle(routeBetween(world, a.id, b.id), { port: CPNS_PORT }) ??
        world.network.obstacle(routeBetween(world, b.id, a.id), { port: CPNS_PORT })
      if (blocked) {
        yield {
          id: `9966:${a.id}~${b.id}`,
          level: 'Fail',
          subject: `${a.id} – ${b.id}`,
          text: `Port 9966 between the nodes is blocked (${blocked.text}).`,
          fix: 'Open 9966 in the firewall between the nodes.',
          why: 'NET-04',
        }
      }
    }
  }
}

function* network(world: World): Iterable<Finding> {
  const minutes = world.firewallIdleMs / 60_000
  if (minutes < IDLE_MIN_MINUTES) {
    yield {
      id: 'idle',
      level: 'Warning',
      subject: 'Firewall',
      text: `It forgets idle connections after ${minutes} min: the first push after a quiet period is lost.`,
      fix: 'Keep idle connections to Push REST for at least 30 minutes.',
      why: 'NET-06',
    }
  }
  for (const active of world.faults.all()) {
    if (active.fault.kind === 'idle-cut' && active.fault.idleMinutes < IDLE_MIN_MINUTES && !active.hidden) {
      yield {
        id: `idle:${active.id}`,
        level: 'Warning',
        subject: active.fault.on,
        text: `It forgets idle connections after ${active.fault.idleMinutes} min: the first push after a quiet period is lost.`,
        fix: 'Keep idle connections to Push REST for at least 30 minutes.',
        why: 'NET-06',
      }
    }
  }
}

function* users(world: World): Iterable<Finding> {
  for (const user of world.directory.users.values()) {
    const name = user.name ?? user.id
    if (user.voicemail && user.voicemail.noAnswerRingMs < VOICEMAIL_MIN_MS) {
      yield {
        id: `voicemail:${user.id}`,
        level: 'Warning',
        subject: name,
        text: `No Answer Ring Duration is ${user.voicemail.noAnswerRingMs / 1000} s: voicemail may take a call before the phone wakes.`,
        fix: 'Set it to 25 s or more.',
        why: 'CALL-15',
      }
    }
    if (user.singleNumberReach && user.singleNumberReach.waitMs < SNR_MIN_MS) {
      yield {
        id: `snr:${user.id}`,
        level: 'Warning',
        subject: name,
        text: `Single number reach waits ${user.singleNumberReach.waitMs / 1000} s: it may take a call before the phone wakes.`,
        fix: 'Let it wait 13 s or more.',
        why: 'CALL-15',
      }
    }
  }
}

function* devices(world: World): Iterable<Finding> {
  const count = { mend: 0, know: 0 }
  // What has to be mended does not lose its place to what is only good to know.
  const hasPlace = (kind: keyof typeof count): boolean => ++count[kind] <= DEVICE_FINDINGS
  // Thousands of phones have a few releases between them, and so one gate for all of a kind.
  const advised = new Map<Gate, ReturnType<typeof advise>>()
  for (const device of world.devices.values()) {
    if (!isMobile(device)) continue
    const gate = world.gateFor(device)
    let advice = advised.get(gate)
    if (!advice) advised.set(gate, (advice = advise(world.chosenFor(device))))
    for (const advisory of advice) {
      if (!hasPlace(advisory.severity === 'warning' ? 'mend' : 'know')) continue
      yield {
        id: `advice:${device.id}:${advisory.id}`,
        level: advisory.severity === 'warning' ? 'Warning' : 'Pass',
        subject: device.label,
        text: `${advisory.title}. ${advisory.text}`,
        fix: advisory.tooOld.map((old) => `${PRODUCT_NAME[old.product]}: ${old.chosen} → ${old.minimum}`).join('; '),
        why: advisory.id,
      }
    }
    if (device.os === 'ios' && device.client === 'jabber' && device.voipSocket && hasPlace('mend')) {
      yield {
        id: `voipSocket:${device.id}`,
        level: 'Fail',
        subject: device.label,
        text: 'EnableVoipSocket is true: calls are not pushed to this client.',
        fix: 'Set EnableVoipSocket to false in UC Service Configuration (service type Jabber Client Configuration, section Options), or in the XML file.',
        why: 'CALL-13',
      }
    }
    if (device.signedIn && device.region !== device.reportedRegion && hasPlace('mend')) {
      yield {
        id: `region:${device.id}`,
        level: 'Warning',
        subject: device.label,
        text: 'Its region has changed since it signed in; a client reports its region at sign-in, so calls still follow the old one.',
        fix: 'Log out and sign in again.',
        why: 'DEC-24',
      }
    }
    if (device.region === 'mainland-china' && !gate.on.has('chinaRegion') && hasPlace('mend')) {
      const decision = gate.decision.features.find((each) => each.feature === 'chinaRegion')
      yield {
        id: `china:${device.id}`,
        level: 'Warning',
        subject: device.label,
        text: `The region setting has no effect: ${decision?.reason ?? 'not supported here.'}`,
        fix: device.os === 'android' ? 'None: the rule is for iOS only.' : `Bring the releases up to the row: ${decision?.cell ?? ''}.`,
        why: 'CN-03',
      }
    }
  }
  if (count.mend > DEVICE_FINDINGS) {
    yield {
      id: 'more-devices',
      level: 'Warning',
      subject: 'Devices',
      text: `${counted(count.mend - DEVICE_FINDINGS, 'more finding on devices is', 'more findings on devices are')} not listed.`,
      fix: 'Mend the listed ones first.',
      why: 'REL-01',
    }
  }
  if (count.know > DEVICE_FINDINGS) {
    yield {
      id: 'more-notes',
      level: 'Pass',
      subject: 'Devices',
      text: `${counted(count.know - DEVICE_FINDINGS, 'more note on devices is', 'more notes on devices are')} not listed: nothing has to be mended for them.`,
      fix: '',
      why: 'REL-01',
    }
  }
}
