import type { Chosen } from '../../core/release/chosen.ts'

/** Choices in which every feature of their platform is permitted; tests lower one part at a time. */
export function jabberOnIos(): Chosen {
  return {
    unifiedCm: '14SU3',
    presence: '14SU3',
    expressway: 'X14.0',
    client: { kind: 'jabber', release: '14.2' },
    os: { kind: 'ios', release: '16.5' },
    mra: true,
  }
}

export function jabberOnAndroid(): Chosen {
  return { ...jabberOnIos(), os: { kind: 'android', release: '13' } }
}

export function webexOn(kind: 'ios' | 'android'): Chosen {
  return {
    ...jabberOnIos(),
    client: { kind: 'webex', release: '43.6' },
    os: { kind, release: kind === 'ios' ? '16.5' : '13' },
  }
}

export type Place = 'unifiedCm' | 'presence' | 'expressway' | 'client' | 'os'

export function withPart(base: Chosen, place: Place, release: string): Chosen {
  switch (place) {
    case 'client':
      return { ...base, client: { ...base.client, release } }
    case 'os':
      return { ...base, os: { ...base.os, release } }
    default:
      return { ...base, [place]: release }
  }
}
