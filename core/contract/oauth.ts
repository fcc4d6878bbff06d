/** OAuth refresh logins, Unity Connection and the certificates of MRA: commands, scenario fields, and what the window shows. */
import { z } from 'zod'
import { spec } from './spec.ts'
import { id } from './values.ts'

const device = id.describe('device')

export const CERTIFICATE_LAYOUTS = ['same CA', 'different CAs', 'self-signed'] as const
export const certificateLayout = z.enum(CERTIFICATE_LAYOUTS)

/** Names of what a layout consists of; which of them count depends on the layout (MRA-04). */
export const CERTIFICATE_ITEMS = [
  'root chain on Unified CM',
  'root chain on IM and Presence',
  'root chain on Expressway-C',
  'CA-signed Tomcat of Unified CM',
  'CA-signed CallManager of Unified CM',
  'CA-signed Tomcat of IM and Presence',
  'root of the Unified CM CA on IM and Presence',
  'root of the Unified CM CA on Expressway-C',
  'root of the IM and Presence CA on Unified CM',
  'root of the IM and Presence CA on Expressway-C',
  'root of the Expressway CA on Unified CM',
  'root of the Expressway CA on IM and Presence',
  'Tomcat of Unified CM on Expressway-C',
  'CallManager of Unified CM on Expressway-C',
  'Tomcat of IM and Presence on Expressway-C',
] as const
export const certificateItem = z.enum(CERTIFICATE_ITEMS)
export type CertificateItem = (typeof CERTIFICATE_ITEMS)[number]

/** Scenario fields of Unity Connection (OAUTH-07). */
export const unitySchema = z
  .strictObject({
    release: z
      .union([z.string().min(1).max(40), z.number()])
      .transform(String)
      .default('12.5(1)SU3'),
    /** `OAuth with Refresh Login` = Enabled. */
    refreshLogin: z.boolean().default(false),
    /** The Unified CM publisher is entered as Authz server. */
    authzServer: z.boolean().default(false),
  })
  .nullable()
  .default(null)

/** Scenario fields of the certificate exchange with Expressway-C (MRA-04). */
export const mraCertificatesSchema = z
  .strictObject({
    layout: certificateLayout.default('same CA'),
    lacks: z.array(certificateItem).max(15).default([]),
  })
  .prefault({})

export const ACCESS_TOKEN_MINUTES = { min: 1, max: 1_440 } as const // OAUTH-03
export const REFRESH_TOKEN_DAYS = { min: 1, max: 365 } as const // OAUTH-03

const minutes = z
  .int()
  .min(ACCESS_TOKEN_MINUTES.min, 'OAuth Access Token Expiry Timer (minutes): 1 to 1440 (OAUTH-03)')
  .max(ACCESS_TOKEN_MINUTES.max, 'OAuth Access Token Expiry Timer (minutes): 1 to 1440 (OAUTH-03)')
const days = z
  .int()
  .min(REFRESH_TOKEN_DAYS.min, 'OAuth Refresh Token Expiry Timer (days): 1 to 365 (OAUTH-03)')
  .max(REFRESH_TOKEN_DAYS.max, 'OAuth Refresh Token Expiry Timer (days): 1 to 365 (OAUTH-03)')

export const oauthCommands = {
  'cluster.oauth': spec({
    title: 'Set OAuth with Refresh Login Flow, and how long tokens live',
    group: 'Cluster',
    /** System > Enterprise Parameters, SSO Configuration. Clients keep their mode until they are reset (OAUTH-04). */
    args: z.strictObject({
      refreshLogins: z.boolean().optional(),
      accessTokenMinutes: minutes.optional(),
      refreshTokenDays: days.optional(),
    }),
  }),
  'client.reset': spec({
    title: 'Reset clients',
    group: 'Cluster',
    /** All Jabber and Webex clients when none is named. */
    args: z.strictObject({ devices: z.array(device).min(1).max(1_000).optional() }),
  }),
  'device.login': spec({ title: 'Log in at the prompt', group: 'Device', on: 'device', args: z.strictObject({ device }) }),
  'device.voicemail': spec({ title: 'Open voicemail', group: 'Device', on: 'device', args: z.strictObject({ device }) }),
  'expressway.oauth': spec({
    title: 'Expressway: set Authorize by OAuth token with refresh',
    group: 'Cluster',
    args: z.strictObject({ refresh: z.boolean() }),
  }),
  'authz.regenerate': spec({
    title: 'Regenerate the Authz certificate of Unified CM',
    group: 'Cluster',
    destructive: true,
    args: z.strictObject({}),
  }),
  'unity.set': spec({
    title: 'Unity Connection: set OAuth with Refresh Login and the Authz server',
    group: 'Cluster',
    args: z.strictObject({ refreshLogin: z.boolean().optional(), authzServer: z.boolean().optional() }),
  }),
  'mra.layout': spec({
    title: 'Exchange certificates with Expressway-C by another layout',
    group: 'Cluster',
    /** All items of the layout are there then. */
    args: z.strictObject({ layout: certificateLayout }),
  }),
  'mra.certificate': spec({
    title: 'Install or remove one certificate of the layout',
    group: 'Cluster',
    args: z.strictObject({ item: certificateItem, present: z.boolean() }),
  }),
} as const

export const oauthQuery = spec({ title: 'Show OAuth refresh logins', group: 'View', args: z.strictObject({}) })
export const mraQuery = spec({ title: 'Show certificates and settings of MRA', group: 'View', args: z.strictObject({}) })

export type OAuthView = {
  refreshLogins: boolean
  accessTokenMinutes: number
  refreshTokenDays: number
  /** `Authorize by OAuth token with refresh`; null without Expressway. */
  expressway: { refresh: boolean; matches: boolean } | null
  unity: { release: string; refreshLogin: boolean; authzServer: boolean } | null
  /** Clients that keep the mode from before (OAUTH-04); `more` of them are not listed. */
  oldMode: { device: string; label: string; mode: 'refresh login' | 'old login' }[]
  more: number
  /** Whose user has to log in. */
  prompts: { device: string; label: string; since: number; text: string; why: string }[]
  components: { component: string; release: string; minimum: string; supported: boolean }[]
}

export type MraLinkId = 'Unified CM, HTTPS' | 'Unified CM, SIP' | 'IM and Presence, HTTPS' | 'Unified CM – IM and Presence'

export type MraView = {
  release: string | null
  layout: (typeof CERTIFICATE_LAYOUTS)[number]
  items: { item: CertificateItem; present: boolean; neededBy: MraLinkId[] }[]
  links: { link: MraLinkId; health: 'up' | 'down'; missing: CertificateItem[] }[]
  authz: { unifiedCm: number; expressway: number; equal: boolean }
  oauth: { refresh: boolean; matches: boolean }
  pushKnowledge: { refreshed: boolean; c: boolean; e: boolean; wrongOrder: string | null }
}
