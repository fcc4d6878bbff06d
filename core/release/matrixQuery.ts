// The support matrix for a person: any set of releases, prefilled with those of the lab. [REL-01]

import type { HostCommandArgs } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import type { ChosenReleases, ReleaseMatrix } from '../contract/releases.ts'
import type { World } from '../world.ts'
import { advise } from './advise.ts'
import type { Chosen } from './chosen.ts'
import { FEATURE_TITLE } from './features.ts'
import { decide } from './gate.ts'
import { PRODUCT_NAME } from './release.ts'
import { namedReleases, printOf } from './tables.ts'

/** Of a lab without a phone that has an app: the newest the tables speak of, reached without Expressway. */
const USUAL = { client: 'jabber', clientRelease: '14.2', os: 'ios', osRelease: '16.5', mra: false } as const

const KNOWN: ReleaseMatrix['known'] = {
  unifiedCm: namedReleases('unifiedCm'),
  presence: namedReleases('presence'),
  expressway: namedReleases('expressway'),
  jabber: namedReleases('jabber'),
  webex: namedReleases('webex'),
  ios: namedReleases('os', 'ios'),
  android: namedReleases('os', 'android'),
}

const hasApp = (chosen: Chosen): boolean => chosen.os.kind !== 'desktop'

/** What the lab itself has, and of which phone. */
function ofLab(world: World, wanted: string | undefined): { device: string | null; releases: ChosenReleases } | null {
  const { release: unifiedCm } = world.cluster
  const servers = { unifiedCm, presence: world.presence?.release ?? null, expressway: world.expresswayRelease }
  for (const device of wanted === undefined ? world.devices.values() : [world.devices.get(wanted)]) {
    if (!device) return null
    if (device.client === 'deskphone') continue
    const chosen = world.chosenFor(device)
    if (!hasApp(chosen)) continue
    const { client, os, mra } = chosen
    return {
      device: device.id,
      releases: {
        ...servers,
        client: client.kind,
        clientRelease: client.release,
        os: os.kind === 'android' ? 'android' : 'ios',
        osRelease: os.release,
        mra,
      },
    }
  }
  return { device: null, releases: { ...servers, ...USUAL } }
}

export function releaseMatrix(world: World, asked: HostCommandArgs<'release.matrix'>): Reply<ReleaseMatrix> {
  const { device, ...given } = asked
  const lab = ofLab(world, device)
  if (lab === null) {
    const message = `there is no device "${device}"`
    return failure('not-found', message, [{ path: 'device', message }])
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<ChosenReleases>
  const chosen: ChosenReleases = { ...lab.releases, ...set }
  // Without an Expressway nobody comes in over it.
  if (chosen.expressway === null) chosen.mra = false
  const choice: Chosen = {
    unifiedCm: chosen.unifiedCm,
    presence: chosen.presence,
    expressway: chosen.expressway,
    client: { kind: chosen.client, release: chosen.clientRelease },
    os: { kind: chosen.os, release: chosen.osRelease },
    mra: chosen.mra,
  }
  const decision = decide(choice)
  return ok({
    chosen,
    fromLab: lab.releases,
    device: lab.device,
    features: decision.features.map(({ feature, on, cell, reason, warnings }) => ({
      feature,
      title: FEATURE_TITLE[feature],
      on,
      cell,
      print: printOf(cell),
      reason,
      warnings: [...warnings],
    })),
    support: decision.support.map(({ row, os, supported, meetsMinimum, cell, reason }) => ({
      row,
      os,
      supported,
      meetsMinimum,
      cell,
      reason,
    })),
    upgrades: decision.advice.map(({ product, from, to, features, supportRows, text }) => ({
      product,
      name: PRODUCT_NAME[product],
      from,
      to,
      gains: [...features.map((feature) => FEATURE_TITLE[feature]), ...supportRows.map((row) => `support by ${row}`)],
      text,
    })),
    warnings: [...decision.warnings],
    advisories: advise(choice).map(({ id, severity, title, text }) => ({ id, severity, title, text })),
    problems: [...decision.problems],
    known: KNOWN,
  })
}
