/** The Cisco Cloud Onboarding page, licensing and the trust stores, as they stand when the lab starts. */
import type { Timer } from '../engine/clock.ts'
import type { Scenario } from '../contract/scenario.ts'
import type { World } from '../world.ts'
import { GO_DADDY, rootsOfCloud, type CloudRoots, type Root } from './roots.ts'

/** The check boxes of the page (ONB-11, ONB-08, ONB-13). */
export type Boxes = { push: boolean; manageCertificates: boolean; sendTroubleshooting: boolean; encryptPii: boolean }

/** Licences: Prime License Manager in 11.5, Smart Licensing from 12.0 on (ONB-03, ONB-04, ONB-05). */
export type Licensing = {
  synchronised: boolean
  registered: boolean
  reservation: boolean
  evaluationDays: number
  /** Null: not in evaluation mode. */
  evaluationEndsAt: number | null
  /** Smart Licensing has disabled provisioning: no push leaves any more (UPG-04). */
  provisioningDisabled: boolean
  timer: Timer | null
}

export type Voucher = { source: string; at: number }

/** `step` numbers what an administrator did: a service takes what was loaded before it, or before what it reads from, started. */
type Loaded = { by: 'hand' | 'Cisco'; step: number }

export type NodeTrust = {
  /** tomcat-trust of the node. */
  store: Map<Root, Loaded>
  /** Managed certificates that the next restart of Tomcat on this node installs (ONB-11). */
  staged: Set<Root>
  /** What Tomcat, and with it the page, goes by; and what the push service goes by. */
  tomcat: Set<Root>
  push: Set<Root>
  /** The push service has trusted Common Identity before: from then on it is its router that hands it the roots (DEC-29). */
  trusted: boolean
  tomcatStep: number
  routerStep: number
}

/** `saved`: after the first Save; `off`: turned off on the page. */
export type Phase = 'none' | 'saved' | 'pending' | 'completed' | 'off'

export type Onboarding = {
  phase: Phase
  page: { state: 'closed' | 'checking' | 'open'; since: number }
  boxes: Boxes
  saved: Boxes
  /** The two boxes come up clear when the page is opened again (ONB-12). */
  boxesCleared: boolean
  readonly boxesClearAfterRestart: boolean
  readonly installationFile: 'current' | 'older'
  licensing: Licensing
  voucher: Voucher | null
  cloudRoots: CloudRoots
  trust: Map<string, NodeTrust>
  step: number
  /** Nodes that have to restart: Tomcat, CPNS, XCP Config Manager, XCP Router. */
  due: { tomcat: Set<string>; cpns: Set<string>; xcpConfig: Set<string>; xcpRouter: Set<string> }
  /** The subscription request is under way. */
  requesting: boolean
  /** What the last request or Save ended with, when that was no success. */
  problem: { text: string; why: string } | null
  /** Its interface to the cloud is that of 11.5(1)SU2 until push was turned off with all three boxes clear (UPG-07). */
  turnedOffClean: boolean
}

/** Prime License Manager went away with 12.0 (ONB-03, UPG-01). */
export const licensedByPlm = (release: string): boolean => Number.parseInt(release, 10) < 12

/** UPG-01. */
export const VOUCHER_SOURCE = { plm: 'Prime License Manager', smart: 'Cisco Smart Software Manager' } as const
export const voucherSource = (release: string): string => (licensedByPlm(release) ? VOUCHER_SOURCE.plm : VOUCHER_SOURCE.smart)

export const startsFresh = ({ cluster }: Scenario): boolean => cluster.onboarding.start === 'fresh'
export const startsOnboarded = (scenario: Scenario): boolean =>
  scenario.cluster.onboarding.start === undefined ? scenario.cluster.onboarded : scenario.cluster.onboarding.start === 'done'

export function newOnboarding(scenario: Scenario): Onboarding {
  const { cluster } = scenario
  const { onboarding: spec } = cluster
  const fresh = startsFresh(scenario)
  const done = startsOnboarded(scenario)
  const boxes: Boxes = {
    push: done,
    manageCertificates: fresh ? false : spec.manageCertificates,
    sendTroubleshooting: true,
    encryptPii: false,
  }
  const cloudRoots = rootsOfCloud(spec.cloudRoot)
  const trust = new Map<string, NodeTrust>()
  for (const { id } of [...cluster.nodes, ...(scenario.presence?.nodes ?? [])]) {
    const lacks = new Set(spec.lacks.filter((each) => each.node === id).map((each) => each.root))
    const roots: Root[] = fresh ? [] : [spec.cloudRoot, GO_DADDY as Root].filter((root) => !lacks.has(root))
    const by = spec.manageCertificates ? 'Cisco' : 'hand'
    trust.set(id, {
      store: new Map(roots.map((root) => [root, { by, step: 0 }])),
      staged: new Set(),
      tomcat: new Set(roots),
      push: new Set(roots),
      trusted: roots.includes(spec.cloudRoot),
      tomcatStep: 0,
      routerStep: 0,
    })
  }
  const plm = licensedByPlm(cluster.release)
  return {
    phase: done ? 'completed' : 'none',
    page: { state: 'closed', since: 0 },
    boxes,
    saved: { ...boxes },
    boxesCleared: false,
    boxesClearAfterRestart: spec.boxesClearAfterRestart,
    installationFile: spec.installationFile,
    licensing: {
      synchronised: spec.licensing.synchronised ?? !fresh,
      registered: spec.licensing.registered ?? (!fresh && !plm),
      reservation: spec.licensing.reservation,
      evaluationDays: spec.licensing.evaluationDays,
      evaluationEndsAt: null,
      provisioningDisabled: false,
      timer: null,
    },
    voucher: fresh ? null : { source: voucherSource(cluster.release), at: 0 },
    cloudRoots,
    trust,
    step: 0,
    due: { tomcat: new Set(), cpns: new Set(), xcpConfig: new Set(), xcpRouter: new Set() },
    requesting: false,
    problem: null,
    turnedOffClean: false,
  }
}

/** What stands on the page as its Status, word for word where the documents have it (ONB-11, ONB-14). */
export function statusOf({ onboarding, cluster }: World): string {
  switch (onboarding.phase) {
    case 'none':
      return 'Not onboarded'
    case 'saved':
      return 'Saved: restart Cisco Tomcat on all nodes'
    case 'pending':
      return 'Cisco Cloud Onboarding Pending'
    case 'completed':
      return cluster.onboarded ? 'Cloud Onboarding Completed' : 'Not onboarded'
    case 'off':
      return 'Push notifications are off'
  }
}
