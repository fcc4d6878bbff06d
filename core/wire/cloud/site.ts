/**
 * What the two halves of the real clouds know of each other. The site is the servers: where they listen, and the texts of
 * the secrets that the lab knows by ID. The lines are the lab's own clients (core/wire/cloudLines), which dial them.
 */
import type { CloudName, Told, WireExchange } from '../../contract/clouds.ts'
import type { CloudPort } from '../../cloud/real.ts'

/** Names that the lab's DNS answers with the address of the site, by the cloud behind them (NET-02, APNS-01, FCM-01). */
export const CLOUD_HOSTS: Readonly<Record<CloudName, readonly [string, ...string[]]>> = {
  fos: ['fos-a.wbx2.com'],
  ci: ['idbroker.webex.com'],
  'push-rest': ['push.webexconnect.com'],
  apns: ['api.push.apple.com', 'api.sandbox.push.apple.com'],
  fcm: ['fcm.googleapis.com', 'oauth2.googleapis.com'],
}

/** The port of all of them; on a site they have others, since 443 needs rights that a lab does not have. */
export const DOCUMENTED_PORT = 443

export const cloudOf = (name: string): CloudName | null => {
  const asked = name.toLowerCase().replace(/\.$/, '')
  for (const [cloud, names] of Object.entries(CLOUD_HOSTS)) if (names.includes(asked)) return cloud as CloudName
  return null
}

export type Site = {
  /** Where it listens. */
  readonly address: string
  /** A DNS server over UDP; who asks it for anything but the clouds and the proxy gets REFUSED. */
  readonly dns: { address: string; port: number }
  /** The port that stands for 443 of this name (CONNECT names it too); null for a name of nobody's here. */
  portOf(name: string): number | null
  /** Where the lab's own proxy stands in for this address of its; null for any other, and for one that this machine has itself. */
  proxyAt(address: string, port: number): number | null
  /** The authority behind all its certificates, PEM. */
  readonly ca: string
}

/** Texts of secrets. They exist here and on the sockets; everything else has their IDs. */
export type Secrets = {
  /** Of an access token or a refresh token; an ID that is new here gets a text now. */
  textOf(id: string): string
  /** The ID of a token that came in an answer; a text that is new here gets an ID now. */
  idOf(text: string): string
  /**
   * Value of Authorization: a provider token for APNs and FCM, Basic of the machine account for CI (that of this refresh
   * token, when it is known whose it is); null where a bearer is sent.
   */
  authorization(cloud: CloudName, refresh?: string | null): string | null
  /** Password behind a name (clouds.secret); null when nobody has told it. */
  password(name: string): string | null
}

/** One request of the lab as a client, for the log; numbers and the flow are given to it there. Secrets are cut by `shown`. */
export type ClientExchange = Omit<WireExchange, 'number' | 'side' | 'flow'>

export type LinesOptions = {
  site: Site
  secrets: Secrets
  /** The outcome of an ask. Never from within `ask`: the lab is in the midst of something then. */
  told(number: number, told: Told): void
  /** ms of the run. */
  now(): number
  exchanged(exchange: ClientExchange): void
  /** A line for an SSLKEYLOGFILE, line break included. */
  keylog(line: string): void
  log(line: string): void
}

/** What core/wire/cloudLines exports as `createLines(options)`. */
export type Lines = Pick<CloudPort, 'ask' | 'drop' | 'hangUp'> & {
  /** Connections that are open. */
  readonly open: number
  /** Ends all of them; whoever waits is told nothing more. */
  close(): Promise<void>
}
