/** What the chosen releases permit one device, read once from the support matrix and kept (REL-01). */
import { compareReleases, decide, isOn, readRelease, FEATURES, type Chosen, type Decision, type Feature } from '../release/index.ts'
import type { Device } from './device.ts'

export type Gate = {
  decision: Decision
  on: ReadonlySet<Feature>
  /** Which behaviour the client's and its system's releases select (CALL-12, REL-03). */
  ios13: boolean
  jabber129: boolean
}

export type Releases = { unifiedCm: string; presence: string | null; expressway: string | null }

export function chosenOf(device: Device, releases: Releases): Chosen {
  return {
    unifiedCm: releases.unifiedCm,
    presence: releases.presence,
    expressway: releases.expressway,
    client: { kind: device.client === 'jabber' ? 'jabber' : 'webex', release: device.clientRelease },
    os: { kind: device.os, release: device.osRelease },
    mra: device.mra,
    ...(device.targetApiLevel === undefined ? null : { targetApiLevel: device.targetApiLevel }),
  }
}

export function gateOf(device: Device, releases: Releases): Gate {
  const decision = decide(chosenOf(device, releases))
  return {
    decision,
    on: new Set(FEATURES.filter((feature) => isOn(decision, feature))),
    ios13: device.os === 'ios' && atLeast('os', device.osRelease, '13'),
    jabber129: device.client !== 'jabber' || atLeast('jabber', device.clientRelease, '12.9'),
  }
}

function atLeast(product: 'os' | 'jabber', release: string, minimum: string): boolean {
  const have = readRelease(product, release)
  const need = readRelease(product, minimum)
  return have.ok && need.ok && compareReleases(have.value, need.value) >= 0
}
