// The set of releases a person has chosen, read once into comparable form. [REL-01]

import { compareReleases, PRODUCT_NAME, readRelease } from './release.ts'
import type { Product, Release } from './release.ts'

export interface Chosen {
  readonly unifiedCm: string
  /** null: no IM and Presence Service is deployed. */
  readonly presence: string | null
  /** null: no Expressway is deployed, so there is no MRA. */
  readonly expressway: string | null
  readonly client: { readonly kind: 'jabber' | 'webex'; readonly release: string }
  readonly os: { readonly kind: 'ios' | 'android' | 'desktop'; readonly release: string }
  /** Whether this client reaches the servers through Expressway. */
  readonly mra: boolean
  /**
   * Android API level that the client was built for. Without it Jabber below 15.0 counts as 33 and
   * Jabber from 15.0 on as 34: the documents speak of "this new version" without naming it, so the
   * border at 15.0 is our choice. [AND-04]
   */
  readonly targetApiLevel?: number
}

export const JABBER_WITH_API_LEVEL_34 = '15.0'

export interface Part {
  readonly product: Product
  /** As typed, or as the release is spelled canonically once it could be read. */
  readonly name: string
  /** null when the name cannot be read; `problem` then says why. */
  readonly release: Release | null
  readonly problem: string | null
}

export interface Parts {
  readonly unifiedCm: Part
  readonly presence: Part | null
  readonly expressway: Part | null
  readonly client: Part
  /** The release of a desktop OS decides nothing and is not read. */
  readonly os: Part | null
}

function part(product: Product, text: string): Part {
  const read = readRelease(product, text)
  return read.ok
    ? { product, name: read.value.name, release: read.value, problem: null }
    : { product, name: text.trim().slice(0, 40), release: null, problem: read.message }
}

export function partsOf(chosen: Chosen): Parts {
  return {
    unifiedCm: part('unifiedCm', chosen.unifiedCm),
    presence: chosen.presence === null ? null : part('presence', chosen.presence),
    expressway: chosen.expressway === null ? null : part('expressway', chosen.expressway),
    client: part(chosen.client.kind, chosen.client.release),
    os: chosen.os.kind === 'desktop' ? null : part('os', chosen.os.release),
  }
}

/** One message per release name that cannot be read; empty when all can. */
export function problemsOf(parts: Parts): string[] {
  return [parts.unifiedCm, parts.presence, parts.expressway, parts.client, parts.os]
    .map((each) => each?.problem ?? null)
    .filter((problem) => problem !== null)
}

/** A release written in our own tables; a fault there is a fault of the program, so it throws. */
export function known(product: Product, text: string): Release {
  const read = readRelease(product, text)
  if (!read.ok) throw new Error(read.message)
  return read.value
}

/** Whether a chosen part is at or above a release; false when its name cannot be read. */
export function reaches(candidate: Part | null, text: string): boolean {
  if (candidate === null || candidate.release === null) return false
  return compareReleases(candidate.release, known(candidate.product, text)) >= 0
}

/** 'Unified CM 12.0(1)', 'iOS 16.5', 'Android 8.0'. */
export function labelOf(each: Part, chosen: Chosen): string {
  if (each.product !== 'os') return `${PRODUCT_NAME[each.product]} ${each.name}`
  return `${chosen.os.kind === 'android' ? 'Android' : 'iOS'} ${each.name}`
}

/** See `Chosen.targetApiLevel`; null for everything but Jabber on Android. [AND-04] */
export function targetApiLevelOf(chosen: Chosen, parts: Parts): number | null {
  if (chosen.os.kind !== 'android' || chosen.client.kind !== 'jabber') return null
  if (chosen.targetApiLevel !== undefined) return chosen.targetApiLevel
  return reaches(parts.client, JABBER_WITH_API_LEVEL_34) ? 34 : 33
}
