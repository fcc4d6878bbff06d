/** Commands around instant messages: what users do, what an administrator sets, and Expressway's part in it (MRA-02, MRA-03). */
import { z } from 'zod'
import { spec } from './spec.ts'
import { durationMs, id } from './values.ts'

/** Longest re-login limit, in seconds; our bound. */
export const RELOGIN_LIMIT_MAX_SECONDS = 86_400

const seconds = z.int().min(0).max(RELOGIN_LIMIT_MAX_SECONDS)

export const presenceCommands = {
  'room.invite': spec({
    title: 'Invite to a chat room',
    group: 'Message',
    args: z.strictObject({ from: id, to: id, room: z.string().min(1).max(60) }),
  }),
  'stanza.send': spec({
    title: 'Send another kind of stanza',
    group: 'Message',
    args: z.strictObject({
      from: id,
      to: id,
      what: z.enum(['contact list change', 'typing notification', 'file transfer offer']).default('contact list change'),
    }),
  }),
  'user.presence': spec({
    title: 'Set the presence of a user',
    group: 'Message',
    args: z.strictObject({ user: id, status: z.enum(['Available', 'Away', 'Do not disturb']) }),
  }),
  'device.activity': spec({
    title: 'Use the client (mouse, keys, touch)',
    group: 'Device',
    on: 'device',
    args: z.strictObject({ device: id.describe('device') }),
  }),
  'presence.parameters': spec({
    title: 'Set parameters of IM and Presence',
    group: 'Cluster',
    args: z.strictObject({
      instantMessaging: z.boolean().optional(),
      multipleDeviceMessaging: z.boolean().optional(),
      streamManagement: z.boolean().optional(),
      /** Push Notifications (Clusterwide): in force per node from the next restart of its XCP Router (ONB-19). */
      pushHighAvailability: z.boolean().optional(),
      /** Client re-login limits; null for the upper one goes back to what the calculator proposes (HA-10). */
      reloginLowerSeconds: seconds.optional(),
      reloginUpperSeconds: seconds.nullable().optional(),
      /** JSM sessions re-created per second (DEC-18). */
      rebuildPerSecond: z.number().min(6.25).max(12.5).optional(),
      fallback: z.enum(['automatic', 'manual']).optional(),
      failoverAfterMs: durationMs.optional(),
      /** Cisco Server Recovery Manager: Critical Service Down Delay. */
      criticalServiceDownMs: durationMs.optional(),
      fallbackAfterMs: durationMs.optional(),
    }),
  }),
  'presence.fallback': spec({
    title: 'Let the users of a node fall back to it',
    group: 'Node',
    on: 'node',
    args: z.strictObject({ node: id.describe('node') }),
  }),
  'expressway.presenceRelease': spec({
    title: 'Upgrade another IM and Presence cluster behind Expressway',
    group: 'Cluster',
    args: z.strictObject({ cluster: id, release: z.string().min(1).max(40) }),
  }),
  'expressway.refresh': spec({ title: 'Refresh Servers on Expressway-C', group: 'Cluster', args: z.strictObject({}) }),
  'expressway.restart': spec({
    title: 'Restart Expressway',
    group: 'Cluster',
    destructive: true,
    args: z.strictObject({ server: z.enum(['C', 'E']) }),
  }),
} as const

/** The re-login rate calculator; what is left out comes from this lab (HA-10). */
export const reloginQuery = spec({
  title: 'Work out the re-login rate of an HA event',
  group: 'View',
  args: z.strictObject({
    /** Users of the failing node, whatever their push state (DEC-19). */
    users: z.number().optional(),
    lowerSeconds: z.number().optional(),
    /** Null to have it proposed. */
    upperSeconds: z.number().nullable().optional(),
    release: z.string().min(1).max(40).optional(),
  }),
})
