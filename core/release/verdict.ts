// One verdict per feature: on or off, the deciding cell, and why. [REL-01]

import { eitherOf, obstacleAt, obstaclesOf, osName } from './capability.ts'
import type { Obstacle, Upgrade } from './capability.ts'
import { labelOf, reaches, targetApiLevelOf } from './chosen.ts'
import type { Chosen, Part, Parts } from './chosen.ts'
import type { Feature, Warning } from './features.ts'
import { featureRowOf, osColumnsOf, releaseGranting } from './featureTable.ts'
import type { Grant } from './featureTable.ts'
import { REL_A } from './matrix.ts'
import type { CapabilityRow, FeatureKey } from './matrix.ts'

/** What one rule says before warnings are added. */
export interface Verdict {
  readonly on: boolean
  readonly cell: string
  readonly reason: string
  readonly warnings?: readonly Warning[]
  readonly upgrades?: readonly Upgrade[]
}

export interface Setting {
  readonly chosen: Chosen
  readonly parts: Parts
  readonly grant: Grant | null
}

const FIRST_RELEASE = {
  /** [REL-04, ALM-23] */ lpns: '14SU3',
  /** [ALM-23] */ fcmCounters: '12.5(1)SU3 and 14',
  /** [HA-01] */ pushHighAvailability: '11.5(1)SU3',
  /** [REL-03] */ jabberForIos13: '12.9',
  /** [ALM-13] first release without the alert */ noUnreadAlert: '12.5(1)',
} as const

/** From this API level on Jabber on Android has no VoIP socket. [AND-04] */
export const API_LEVEL_WITHOUT_SOCKET = 34

export function verdictOn(feature: Feature, setting: Setting): Verdict {
  switch (feature) {
    case 'messaging':
      return messaging(setting)
    case 'calling':
      return capability(setting.chosen.os.kind === 'android' ? 'REL-A5' : 'REL-A2', setting)
    case 'callkit':
      return callkit(setting)
    case 'chinaRegion':
      return capability('REL-A4', setting)
    case 'fcm':
      return capability('REL-A5', setting)
    case 'localPush':
      return localPush(setting)
    case 'localPushMessages':
      return {
        on: false,
        cell: setting.chosen.os.kind === 'android' ? 'REL-B4 Local push' : 'REL-B3 Local push',
        reason: 'Local push carries calls only; messages keep to the cloud path on every release.',
      }
    case 'basicPush':
      return basicPush(setting)
    case 'callerId':
      return granted(['CID'], 'the caller’s identity in the push', setting)
    case 'externalPresentation':
      return granted(['EXT'], 'External Presentation Name and Number', setting)
    case 'registrationNode':
      return granted(['NODE'], 'the active node in the push', setting)
    case 'separateChannels':
      return separateChannels(setting)
    case 'twoChannelRules':
      return twoChannelRules(setting)
    case 'voipSocket':
      return voipSocket(setting)
    case 'lpnsService':
      return since('REL-04', setting.parts.unifiedCm, FIRST_RELEASE.lpns, 'LPNS', setting)
    case 'lpnsAlarms':
      return since('ALM-23', setting.parts.unifiedCm, FIRST_RELEASE.lpns, 'LPNS alarms and counters', setting)
    case 'fcmCounters':
      return since('ALM-23', setting.parts.presence, FIRST_RELEASE.fcmCounters, 'FCM counters', setting)
    case 'pushHighAvailability':
      return since('HA-01', setting.parts.presence, FIRST_RELEASE.pushHighAvailability, 'high availability of message push', setting)
    case 'unreadMessagesAlert':
      return unreadMessagesAlert(setting)
  }
}

function desktopVerdict(cell: string): Verdict {
  return {
    on: false,
    cell,
    reason: 'Push serves Jabber and Webex App on iPhone, iPad and Android; a desktop client holds its own connection.',
  }
}

function off(first: Obstacle, all: readonly Obstacle[]): Verdict {
  // One cell that no upgrade mends makes every other upgrade pointless, so nothing is advised.
  const upgrades = all.map((each) => each.upgrade).filter((each) => each !== null)
  return {
    on: false,
    cell: first.cell,
    reason: first.reason,
    upgrades: upgrades.length === all.length ? upgrades : [],
  }
}

function capability(id: CapabilityRow['id'], { chosen, parts }: Setting): Verdict {
  if (chosen.os.kind === 'desktop') return desktopVerdict('REL-B1 Clients')
  const row = REL_A[id]
  const obstacles = obstaclesOf(row, chosen, parts)
  const [first] = obstacles
  if (first) return off(first, obstacles)
  return {
    on: true,
    cell: `${id} Unified CM`,
    reason: `Every component involved reaches its minimum for ${row.capability}; Unified CM needs ${eitherOf(row.cells.unifiedCm)} and is ${parts.unifiedCm.name}.`,
  }
}

function messaging(setting: Setting): Verdict {
  const { chosen, parts } = setting
  if (chosen.os.kind === 'desktop') return desktopVerdict('REL-B3 Clients')
  const android = chosen.os.kind === 'android'
  if (chosen.client.kind === 'webex' && android) {
    return {
      on: false,
      cell: 'REL-B4 Clients',
      reason: 'Webex App messages come from the Webex cloud and never pass IM and Presence. [MSG-07]',
    }
  }
  if (chosen.client.kind === 'jabber' && parts.presence === null) {
    return {
      on: false,
      cell: `${android ? 'REL-A5' : 'REL-A1'} IM and Presence Service`,
      reason: 'No IM and Presence Service is deployed, so there is nobody to push messages.',
    }
  }
  return capability(android ? 'REL-A5' : 'REL-A1', setting)
}

// The client's own release chooses what the user sees: a new client shows CallKit even when the
// server is too old for the feature, but then nobody tells it who calls. [CALL-12]
function callkit(setting: Setting): Verdict {
  const verdict = capability('REL-A3', setting)
  if (verdict.on || !twoChannelRules(setting).on) return verdict
  return {
    ...verdict,
    warnings: [
      {
        id: 'CALL-12',
        text: 'This client opens CallKit by itself, but the servers do not support it; the caller’s identity needs Caller ID on Unified CM.',
      },
    ],
  }
}

function localPush(setting: Setting): Verdict {
  if (setting.chosen.os.kind !== 'android') return capability('REL-A6', setting)
  return { on: false, cell: 'REL-B2 Local push', reason: 'Local push is not supported on Android.' }
}

function basicPush(setting: Setting): Verdict {
  const { chosen, parts } = setting
  const release = parts.unifiedCm.release
  if (release !== null && chosen.os.kind === 'ios' && featureRowOf(release).row === null) {
    return basicPushBeforeTable(setting)
  }
  return granted(['BC', 'B'], 'basic push', setting)
}

// Older than the feature table: what the support matrix allows for messages or calls. [DEC-11]
function basicPushBeforeTable({ chosen, parts }: Setting): Verdict {
  const cell = 'REL-A1 Unified CM'
  const os = parts.os && obstacleAt('REL-A1 Mobile OS', chosen, parts.os, REL_A['REL-A1'].cells.os, 'push on iOS')
  const obstacle = os ?? obstacleAt(cell, chosen, parts.unifiedCm, REL_A['REL-A1'].cells.unifiedCm, 'push on iOS')
  if (obstacle) return off(obstacle, [obstacle])
  return {
    on: true,
    cell,
    reason: `Unified CM ${parts.unifiedCm.name} is older than the feature table, yet the support matrix allows push from 11.5(1)SU2 on.`,
  }
}

function granted(keys: readonly FeatureKey[], purpose: string, setting: Setting): Verdict {
  const { chosen, parts, grant } = setting
  if (chosen.os.kind === 'desktop') return desktopVerdict('REL-B1 Clients')
  const release = parts.unifiedCm.release
  if (release === null) {
    return { on: false, cell: 'REL-D1 Unified CM', reason: parts.unifiedCm.problem ?? 'Unified CM cannot be read.' }
  }
  const columns = parts.os ? osColumnsOf(chosen.os.kind, parts.os) : []
  if (columns.length === 0) return osTooOld(setting)
  const to = releaseGranting(release, keys, columns)
  const upgrades: Upgrade[] = to === null ? [] : [{ product: 'unifiedCm', from: parts.unifiedCm.name, to }]
  if (grant === null) {
    const reason = `No support: Unified CM ${parts.unifiedCm.name} is older than the feature table, which begins at 11.5(1)SU4.`
    return { on: false, cell: 'DEC-11 Unified CM', reason, upgrades }
  }
  const key = keys.find((candidate) => grant.keys.has(candidate))
  if (key === undefined) {
    const cell = grant.cellOf(keys[0] ?? 'B')
    return {
      on: false,
      cell,
      reason: `No support: for ${osName(chosen)} on Unified CM ${parts.unifiedCm.name} the feature table does not list ${purpose}.`,
      upgrades,
    }
  }
  return {
    on: true,
    cell: grant.cellOf(key),
    reason: `For ${parts.os ? labelOf(parts.os, chosen) : osName(chosen)} on Unified CM ${parts.unifiedCm.name} the feature table lists ${purpose}.`,
    warnings: grant.notSupported ? [notSupportedWarning(setting)] : [],
  }
}

function osTooOld({ chosen, parts }: Setting): Verdict {
  const android = chosen.os.kind === 'android'
  const row = android ? REL_A['REL-A5'] : REL_A['REL-A1']
  const obstacle = parts.os && obstacleAt(`${row.id} Mobile OS`, chosen, parts.os, row.cells.os, `push on ${osName(chosen)}`)
  return obstacle
    ? off(obstacle, [obstacle])
    : { on: false, cell: `${row.id} Mobile OS`, reason: 'No column of the feature table covers this system.' }
}

export function notSupportedWarning({ chosen, parts }: Setting): Warning {
  const os = parts.os ? labelOf(parts.os, chosen) : osName(chosen)
  return {
    id: 'DEC-11',
    text: `Not supported: the feature table says 'No support' for ${os} on Unified CM ${parts.unifiedCm.name}; the lab runs it as on 12.5(1)SU3.`,
  }
}

// Two channels take both ends: the server has to offer them and an iOS client has to be built for
// iOS 13. Android clients have no older form. [CH-09, REL-03]
function separateChannels(setting: Setting): Verdict {
  const server = granted(['2CH'], 'separate channels for calls and messages', setting)
  if (!server.on || setting.chosen.os.kind !== 'ios') return server
  const client = twoChannelRules(setting)
  if (client.on) return server
  return { ...client, reason: `${client.reason} Calls and messages share one channel.` }
}

function twoChannelRules({ chosen, parts }: Setting): Verdict {
  if (chosen.os.kind === 'desktop') return desktopVerdict('REL-B1 Clients')
  if (chosen.os.kind === 'android') {
    return { on: false, cell: 'REL-03 Mobile OS', reason: 'The iOS 13 rules concern iPhone and iPad only.' }
  }
  const row = REL_A['REL-A3']
  const jabber = chosen.client.kind === 'jabber'
  const client = jabber
    ? obstacleAt('REL-03 Cisco Jabber', chosen, parts.client, FIRST_RELEASE.jabberForIos13, 'the iOS 13 rules')
    : obstacleAt('REL-A3 Webex App', chosen, parts.client, row.cells.webex, 'the iOS 13 rules')
  const os = parts.os && obstacleAt('REL-A3 Mobile OS', chosen, parts.os, row.cells.os, 'the iOS 13 rules')
  const obstacles = [client, os].filter((each) => each !== null)
  const [first] = obstacles
  if (first) return off(first, obstacles)
  return {
    on: true,
    cell: jabber ? 'REL-03 Cisco Jabber' : 'REL-A3 Webex App',
    reason: `${labelOf(parts.client, chosen)} is built for iOS 13 and later: calls open CallKit, messages have a channel of their own.`,
  }
}

function voipSocket({ chosen, parts }: Setting): Verdict {
  if (chosen.os.kind === 'desktop') return desktopVerdict('REL-B1 Clients')
  if (chosen.os.kind === 'ios') {
    return {
      on: false,
      cell: 'REL-02',
      reason: 'iOS leaves push as the only way to a background app since August 2020.',
    }
  }
  const apiLevel = targetApiLevelOf(chosen, parts)
  if (apiLevel === null) {
    return { on: false, cell: 'AND-04', reason: 'A background VoIP socket is described for Jabber on Android only.' }
  }
  if (parts.client.release === null && chosen.targetApiLevel === undefined) {
    return { on: false, cell: 'AND-04', reason: parts.client.problem ?? 'The client cannot be read.' }
  }
  return apiLevel < API_LEVEL_WITHOUT_SOCKET
    ? { on: true, cell: 'AND-04', reason: `Built for API level ${apiLevel}, this Jabber may keep its VoIP socket in background.` }
    : {
        on: false,
        cell: 'AND-04',
        reason: `Built for API level ${apiLevel}, this Jabber has no VoIP socket; only FCM reaches it in background.`,
      }
}

function since(id: string, part: Part | null, from: string, purpose: string, setting: Setting): Verdict {
  if (part === null) {
    return {
      on: false,
      cell: `${id} IM and Presence Service`,
      reason: `No IM and Presence Service is deployed, so there is no ${purpose}.`,
    }
  }
  const cell = `${id} ${part.product === 'presence' ? 'IM and Presence Service' : 'Unified CM'}`
  const obstacle = obstacleAt(cell, setting.chosen, part, from, purpose)
  if (obstacle) return off(obstacle, [obstacle])
  return { on: true, cell, reason: `${labelOf(part, setting.chosen)} reaches ${from}, the first release with ${purpose}.` }
}

function unreadMessagesAlert({ chosen, parts }: Setting): Verdict {
  const cell = 'ALM-13 Unified CM'
  if (chosen.os.kind !== 'ios' || chosen.client.kind !== 'jabber') {
    return { on: false, cell, reason: 'The alert concerns Jabber for iPhone and iPad only.' }
  }
  if (parts.unifiedCm.problem !== null) return { on: false, cell, reason: parts.unifiedCm.problem }
  return reaches(parts.unifiedCm, FIRST_RELEASE.noUnreadAlert)
    ? { on: false, cell, reason: 'From 12.5(1) on the alert is never raised.' }
    : {
        on: true,
        cell,
        reason: `Unified CM ${parts.unifiedCm.name} is older than 12.5(1), so unread messages of a closed Jabber can time out.`,
      }
}
