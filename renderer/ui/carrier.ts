/** One hue per carrier, as a CSS value for style bindings and SVG strokes. */
import type { Carrier } from '../../core/contract/index.ts'

const HUES: Record<Carrier, string> = {
  SIP: 'var(--sip)',
  CPNS: 'var(--admin)',
  HTTPS: 'var(--cloud)',
  OAuth: 'var(--token)',
  APNs: 'var(--cloud)',
  FCM: 'var(--cloud)',
  LPNS: 'var(--local)',
  XMPP: 'var(--im)',
  SDL: 'var(--admin)',
  device: 'var(--admin)',
  admin: 'var(--admin)',
}

export const carrierHue = (carrier: Carrier): string => HUES[carrier]
