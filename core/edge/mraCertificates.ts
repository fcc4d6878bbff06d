/** The three ways to exchange certificates for MRA, and which connection needs which of them (MRA-04). */
import type { CertificateItem, MraLinkId } from '../contract/oauth.ts'
import type { Scenario } from '../contract/scenario.ts'
import type { World } from '../world.ts'

export type MraSetup = {
  layout: 'same CA' | 'different CAs' | 'self-signed'
  present: Set<CertificateItem>
  /** Authz certificate: the version on Unified CM, and the one that Expressway-C has (MRA-01). */
  authz: { unifiedCm: number; expressway: number }
}

const CM_HTTPS: MraLinkId = 'Unified CM, HTTPS'
const CM_SIP: MraLinkId = 'Unified CM, SIP'
const IMP_HTTPS: MraLinkId = 'IM and Presence, HTTPS'
const CM_IMP: MraLinkId = 'Unified CM – IM and Presence'

export const MRA_LINKS: readonly MraLinkId[] = [CM_HTTPS, CM_SIP, IMP_HTTPS, CM_IMP]

type Needs = readonly (readonly [item: CertificateItem, links: readonly MraLinkId[]])[]

const SIGNED: Needs = [
  ['CA-signed Tomcat of Unified CM', [CM_HTTPS]],
  ['CA-signed CallManager of Unified CM', [CM_SIP]],
  ['CA-signed Tomcat of IM and Presence', [IMP_HTTPS]],
]

const LAYOUT: Readonly<Record<MraSetup['layout'], Needs>> = {
  'same CA': [
    ['root chain on Unified CM', [CM_HTTPS, CM_IMP]],
    ['root chain on IM and Presence', [IMP_HTTPS, CM_IMP]],
    ['root chain on Expressway-C', [CM_HTTPS, CM_SIP, IMP_HTTPS]],
    ...SIGNED,
  ],
  'different CAs': [
    ['root of the Unified CM CA on Expressway-C', [CM_HTTPS, CM_SIP]],
    ['root of the IM and Presence CA on Expressway-C', [IMP_HTTPS]],
    ['root of the Expressway CA on Unified CM', [CM_HTTPS]],
    ['root of the Expressway CA on IM and Presence', [IMP_HTTPS]],
    ['root of the Unified CM CA on IM and Presence', [CM_IMP]],
    ['root of the IM and Presence CA on Unified CM', [CM_IMP]],
    ...SIGNED,
  ],
  'self-signed': [
    ['Tomcat of Unified CM on Expressway-C', [CM_HTTPS]],
    ['CallManager of Unified CM on Expressway-C', [CM_SIP]],
    ['Tomcat of IM and Presence on Expressway-C', [IMP_HTTPS]],
  ],
}

export const needsOf = (layout: MraSetup['layout']): Needs => LAYOUT[layout]

export function newMraSetup(spec: Scenario['edge']['expressway']): MraSetup {
  const layout = spec?.certificates.layout ?? 'same CA'
  const lacks = new Set(spec?.certificates.lacks ?? [])
  return {
    layout,
    present: new Set(needsOf(layout).flatMap(([item]) => (lacks.has(item) ? [] : [item]))),
    authz: { unifiedCm: 1, expressway: spec?.refreshed === false ? 0 : 1 },
  }
}

/** What this connection lacks. */
export const missingFor = ({ mra }: World, link: MraLinkId): CertificateItem[] =>
  needsOf(mra.layout).flatMap(([item, links]) => (links.includes(link) && !mra.present.has(item) ? [item] : []))

const red = (world: World, link: MraLinkId, what: string): { text: string; why: string } | null => {
  // Asked for every client over MRA: where nothing is missing nothing is looked up.
  if (world.expresswayRelease === null || world.mra.present.size === needsOf(world.mra.layout).length) return null
  const [missing] = missingFor(world, link)
  return missing === undefined ? null : { text: `${what}: ${missing} is missing`, why: 'MRA-04' }
}

/** Why no login passes Expressway-C to Unified CM, why no SIP does, and why nothing reaches IM and Presence. */
export const mraLoginRed = (world: World) => red(world, CM_HTTPS, 'Expressway-C and Unified CM do not trust each other')
export const mraSipRed = (world: World) => red(world, CM_SIP, 'Expressway-C does not trust CallManager of Unified CM')
export const mraMessagesRed = (world: World) => red(world, IMP_HTTPS, 'Expressway-C and IM and Presence do not trust each other')

/** Whether the drawn link between Expressway-C and this node is red. */
export function linkIsRed(world: World, node: string): boolean {
  if (world.presence?.nodes.has(node)) return mraMessagesRed(world) !== null
  return world.cluster.nodes.has(node) && (mraLoginRed(world) ?? mraSipRed(world)) !== null
}
