/** Local push on real sockets (LPNS-05): what the person asks of the endpoint, and what enters the run through it. */
import { z } from 'zod'
import { spec } from './spec.ts'
import { id } from './values.ts'

const device = id.describe('device')
const node = id.describe('node')
const none = z.strictObject({})

/**
 * What arrives on real sockets, as it enters the run: journalled, so that it can be given again in virtual time.
 * Only the endpoint gives these; a token is named by its ID, never by itself.
 */
export const wireInputs = {
  'wire.tokenIssued': spec({
    title: 'A test token was issued',
    group: 'Real clients',
    args: z.strictObject({ id: z.string().min(1).max(40), device, minutes: z.int().min(1).max(1_440) }),
  }),
  'wire.endpoint': spec({
    title: 'The real sockets were opened or closed',
    group: 'Real clients',
    args: z.strictObject({ open: z.boolean(), address: z.string().max(80) }),
  }),
  'wire.connected': spec({
    title: 'A real client asks for a session',
    group: 'Real clients',
    args: z.strictObject({
      session: z.int().min(1),
      node,
      device,
      /** Null when it brought none, or one that was never issued. */
      token: z.string().max(40).nullable(),
      address: z.string().max(80),
    }),
  }),
  'wire.received': spec({
    title: 'A frame of a real client',
    group: 'Real clients',
    args: z.strictObject({ session: z.int().min(1), text: z.string().max(8_192) }),
  }),
  'wire.closed': spec({
    title: 'The connection of a real client ended',
    group: 'Real clients',
    args: z.strictObject({
      session: z.int().min(1),
      code: z.int().min(1_000).max(4_999),
      reason: z.string().max(200),
      turnedAway: z.literal(true).optional(),
    }),
  }),
} as const

/** Given to the host: certificates and ports are not of the run. */
export const wireCommands = {
  'wire.interfaces': spec({ title: 'List the network interfaces', group: 'Real clients', args: none }),
  'wire.open': spec({
    title: 'Open local push on real sockets',
    group: 'Real clients',
    args: z.strictObject({
      /** Loopback unless another address of this machine is chosen. */
      address: z.string().min(2).max(60).default('127.0.0.1'),
      /** Port of the first node; the others follow. 0 takes free ones. */
      port: z.int().min(0).max(65_000).default(9_560),
    }),
  }),
  'wire.close': spec({ title: 'Close the real sockets', group: 'Real clients', args: none }),
  'wire.token': spec({
    title: 'Make a test token for a real client',
    group: 'Real clients',
    args: z.strictObject({ device, minutes: z.int().min(1).max(1_440).default(60) }),
  }),
  'wire.ca': spec({ title: "Export the lab's CA for an iOS trust store", group: 'Real clients', args: none }),
  'wire.importCertificate': spec({
    title: 'Use a certificate of your own',
    group: 'Real clients',
    args: z.strictObject({
      /** PEM: the server certificate, then the rest of its chain. */
      certificate: z.string().min(1).max(65_536),
      privateKey: z.string().min(1).max(65_536),
      /** PEM of the CA, when the chain does not end in a public one. */
      ca: z.string().max(65_536).optional(),
    }),
  }),
  'wire.labCertificate': spec({ title: "Go back to the lab's own certificate", group: 'Real clients', args: none }),
} as const
