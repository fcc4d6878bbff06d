/**
 * Faults: protocol-aware, counted, directed, seeded. A fault sits on a link (`ucm-pub~firewall`), a
 * service (`push-rest`, `apns`, `fcm`, `ci`, `fos`) or a sender (`ucm-pub/CPNS`).
 */
import { z } from 'zod'
import { durationMs, id } from './values.ts'

const common = {
  /** Name given by the author; the lab gives `fault-N` otherwise. */
  id: id.optional(),
  on: z.string().min(1).max(120),
  /** Only the next N matches; then the fault is spent. */
  count: z.int().min(1).max(1_000_000).optional(),
  /** Chance per match, drawn from the seed. */
  probability: z.number().gt(0).max(1).optional(),
  /** For a link `a~b`: forward is a to b. */
  direction: z.enum(['both', 'forward', 'backward']).optional(),
  /** Only traffic of this device. */
  device: id.optional(),
  /** Only this TCP port. */
  port: z.int().min(1).max(65_535).optional(),
  /** Gone by itself after this long. */
  forMs: durationMs.optional(),
  /** Trainers hide a fault from the class until it is revealed. */
  hidden: z.boolean().optional(),
}

export const faultSchema = z.discriminatedUnion('kind', [
  /** The service answers with this status instead of its own answer. */
  z.strictObject({
    ...common,
    kind: z.literal('answer'),
    status: z.int().min(100).max(599),
    reason: z.string().max(80).optional(),
  }),
  /** Packets vanish; the sender sees silence. */
  z.strictObject({ ...common, kind: z.literal('drop') }),
  z.strictObject({
    ...common,
    kind: z.literal('delay'),
    addMs: durationMs,
    jitterMs: durationMs.optional(),
  }),
  /** The connection is torn down with a reset. */
  z.strictObject({ ...common, kind: z.literal('reset') }),
  /** Nothing gets through and nothing says so. */
  z.strictObject({ ...common, kind: z.literal('black-hole') }),
  /** The port answers "refused" at once. */
  z.strictObject({ ...common, kind: z.literal('refuse') }),
  /** A NAT or firewall forgets connections idle for longer than this (NET-06). */
  z.strictObject({ ...common, kind: z.literal('idle-cut'), idleMinutes: z.number().gt(0).max(1_440) }),
  /** TLS inspection: the certificate is not the cloud's, the handshake fails (NET-03). */
  z.strictObject({ ...common, kind: z.literal('tls-inspect') }),
  /** The name does not resolve (NET-09); `on` is the node or the host name's service. */
  z.strictObject({ ...common, kind: z.literal('dns-fail') }),
  /** The cloud has this cluster's address on its blocked list (NET-08). */
  z.strictObject({ ...common, kind: z.literal('blocked-address') }),
  /** A service cannot start because of an internal fault; `on` is e.g. `ucm-pub/LPNS` (ALM-16). */
  z.strictObject({ ...common, kind: z.literal('start-fails') }),
  /** The sender forgets to seal its payload, to show that Push REST refuses it (SEC-02). */
  z.strictObject({ ...common, kind: z.literal('unsealed') }),
])

export type Fault = z.infer<typeof faultSchema>
export type FaultKind = Fault['kind']
