/**
 * Every command of the lab: name -> arguments, and what a palette or menu needs to offer it. Lab
 * commands change the simulated system and are journalled with their virtual time; host commands
 * (`hostCommands.ts`) steer the run around it and are not.
 */
import { z } from 'zod'
import { adminInputs } from './admin.ts'
import { cloudInputs, farEndCommands, type CloudInput } from './clouds.ts'
import { oauthCommands } from './oauth.ts'
import { onboardingCommands } from './onboarding.ts'
import { faultSchema } from './fault.ts'
import type { HostCommandInput, HostCommandName } from './hostCommands.ts'
import { presenceCommands } from './presence.ts'
import { wireInputs } from './realClients.ts'
import { spec } from './spec.ts'
import { upgradeCommands } from './upgrade.ts'
import { stormCommands } from './storms.ts'
import { directoryNumber, durationMs, id, ipAddress, proxyServer, secretName, ssidList } from './values.ts'

const device = id.describe('device')
const node = id.describe('node')

const none = z.strictObject({})
const onDevice = z.strictObject({ device })
const onNode = z.strictObject({ node })
const service = z.strictObject({ node, service: z.string().min(2).max(60) })

export type WireInput = keyof typeof wireInputs | CloudInput
export const WIRE_INPUTS: ReadonlySet<string> = new Set([...Object.keys(wireInputs), ...Object.keys(cloudInputs)])

export { eventFilter, hostCommands, untilSchema, type HostCommandArgs, type HostCommandName } from './hostCommands.ts'

export const labCommands = {
  'call.place': spec({
    title: 'Place a call',
    group: 'Call',
    args: z.strictObject({
      /** Calling device; the lab takes the first one that can call when left out. */
      from: device.optional(),
      to: directoryNumber,
      video: z.boolean().default(false),
    }),
  }),
  'call.hangUp': spec({
    title: 'Caller hangs up',
    group: 'Call',
    on: 'flow',
    args: z.strictObject({ flow: z.int().min(1) }),
  }),
  'device.answer': spec({ title: 'Answer', group: 'Call', on: 'device', args: onDevice }),
  'device.decline': spec({ title: 'Decline', group: 'Call', on: 'device', args: onDevice }),
  'device.hangUp': spec({ title: 'Hang up', group: 'Call', on: 'device', args: onDevice }),
  'message.send': spec({
    title: 'Send a message',
    group: 'Message',
    args: z.strictObject({ from: id, to: id, text: z.string().min(1).max(1_000) }),
  }),
  'device.tap': spec({
    title: 'Tap the notification',
    group: 'Device',
    on: 'device',
    args: z.strictObject({ device, banner: z.int().min(1).optional() }),
  }),
  'device.foreground': spec({ title: 'Open the app', group: 'Device', on: 'device', args: onDevice }),
  'device.background': spec({ title: 'Send the app to the background', group: 'Device', on: 'device', args: onDevice }),
  'device.lock': spec({ title: 'Lock', group: 'Device', on: 'device', args: onDevice }),
  'device.unlock': spec({ title: 'Unlock', group: 'Device', on: 'device', args: onDevice }),
  'device.screen': spec({
    title: 'Screen on or off',
    group: 'Device',
    on: 'device',
    args: z.strictObject({ device, lit: z.boolean() }),
  }),
  'device.kill': spec({ title: 'Kill the app', group: 'Device', on: 'device', destructive: true, args: onDevice }),
  'device.signIn': spec({ title: 'Sign in', group: 'Device', on: 'device', args: onDevice }),
  'device.signOut': spec({ title: 'Log out', group: 'Device', on: 'device', destructive: true, args: onDevice }),
  'device.network': spec({
    title: 'Change the network',
    group: 'Device',
    on: 'device',
    args: z.strictObject({
      device,
      wifi: z.string().max(32).nullable().optional(),
      /** Whether its traffic leaves by Wi-Fi while it has one: not with Ethernet plugged in (LPNS-09). */
      wifiIsMainRoute: z.boolean().optional(),
      cellular: z.boolean().optional(),
      internet: z.boolean().optional(),
    }),
  }),
  'device.permission': spec({
    title: 'Allow or forbid notifications',
    group: 'Device',
    on: 'device',
    args: z.strictObject({ device, allowed: z.boolean() }),
  }),
  'device.region': spec({
    title: 'Set the region',
    group: 'Device',
    on: 'device',
    args: z.strictObject({ device, region: z.enum(['mainland-china', 'elsewhere']) }),
  }),
  'device.rotateKey': spec({ title: 'Renew the payload key', group: 'Device', on: 'device', args: onDevice }),
  'device.rotateToken': spec({ title: 'Rotate the push token', group: 'Device', on: 'device', args: onDevice }),
  'device.expireToken': spec({
    title: 'Make the push token stale',
    group: 'Device',
    on: 'device',
    destructive: true,
    args: onDevice,
  }),
  'device.pool': spec({
    title: 'Move to another device pool',
    group: 'Device',
    on: 'device',
    args: z.strictObject({ device, pool: id }),
  }),
  'device.voipSocket': spec({
    title: 'Set EnableVoipSocket',
    group: 'Device',
    on: 'device',
    args: z.strictObject({ device, enabled: z.boolean() }),
  }),
  'device.upgrade': spec({
    title: 'Change client or OS release',
    group: 'Device',
    on: 'device',
    args: z.strictObject({
      device,
      clientRelease: z.string().max(40).optional(),
      osRelease: z.string().max(40).optional(),
      targetApiLevel: z.int().min(21).max(40).optional(),
    }),
  }),
  'device.keepalive': spec({
    title: 'Keepalive in background survives or dies',
    group: 'Device',
    on: 'device',
    args: z.strictObject({ device, survives: z.boolean() }),
  }),
  'device.habits': spec({
    title: 'What its user does by itself',
    group: 'Device',
    on: 'device',
    args: z.strictObject({
      device,
      answersAfterMs: durationMs.nullable().optional(),
      declinesAfterMs: durationMs.nullable().optional(),
      tapsAfterMs: durationMs.nullable().optional(),
      hangsUpAfterMs: durationMs.nullable().optional(),
      wakeMs: durationMs.optional(),
    }),
  }),
  'device.reboot': spec({ title: 'Reboot the phone', group: 'Device', on: 'device', destructive: true, args: onDevice }),
  'device.expireAccessToken': spec({
    title: 'Expire the access token of local push',
    group: 'Device',
    on: 'device',
    destructive: true,
    /** `refresh`: its refresh token as well, so that only a new sign-in helps. */
    args: z.strictObject({ device, refresh: z.boolean().default(false) }),
  }),
  'device.trust': spec({
    title: 'Import or remove the private root in the iOS trust store',
    group: 'Device',
    on: 'device',
    args: z.strictObject({ device, trusted: z.boolean() }),
  }),
  'device.delete': spec({ title: 'Delete the device', group: 'Device', on: 'device', destructive: true, args: onDevice }),
  'node.crash': spec({ title: 'Crash', group: 'Node', on: 'node', destructive: true, args: onNode }),
  'node.shutDown': spec({ title: 'Shut down', group: 'Node', on: 'node', destructive: true, args: onNode }),
  'node.isolate': spec({ title: 'Cut off the network', group: 'Node', on: 'node', destructive: true, args: onNode }),
  'node.start': spec({ title: 'Start (or reconnect)', group: 'Node', on: 'node', args: onNode }),
  'node.dns': spec({
    title: 'Configure or remove DNS',
    group: 'Node',
    on: 'node',
    args: z.strictObject({ node, configured: z.boolean() }),
  }),
  'node.certificate': spec({
    title: 'Give the node another server certificate',
    group: 'Node',
    on: 'node',
    args: z.strictObject({
      node,
      issuer: z.enum(['public CA', 'private CA', 'self-signed']).optional(),
      validDays: z.int().min(1).max(7_300).optional(),
      ageDays: z.int().min(0).max(7_300).optional(),
      /** Names in it; the node's own when left out. */
      names: z.array(z.string().min(1).max(120)).min(1).max(20).optional(),
    }),
  }),
  'service.start': spec({ title: 'Start a service', group: 'Service', args: service }),
  'service.stop': spec({ title: 'Stop a service', group: 'Service', destructive: true, args: service }),
  'service.restart': spec({ title: 'Restart a service', group: 'Service', args: service }),
  'service.kill': spec({ title: 'Kill a service: no goodbye to anybody', group: 'Service', destructive: true, args: service }),
  'fault.add': spec({ title: 'Add a fault', group: 'Fault', args: z.strictObject({ fault: faultSchema }) }),
  'fault.remove': spec({
    title: 'Remove the fault',
    group: 'Fault',
    on: 'fault',
    args: z.strictObject({ fault: id }),
  }),
  'fault.clear': spec({ title: 'Remove all faults', group: 'Fault', args: none }),
  'fault.reveal': spec({ title: 'Reveal hidden faults', group: 'Fault', args: none }),
  'link.set': spec({
    title: 'Set latency and jitter of a link',
    group: 'Fault',
    on: 'link',
    args: z.strictObject({
      link: z.string().min(3).max(140),
      latencyMs: durationMs.optional(),
      jitterMs: durationMs.optional(),
    }),
  }),
  'group.set': spec({
    title: 'Set the nodes of a CM group, by priority',
    group: 'Cluster',
    args: z.strictObject({
      group: id,
      nodes: z.array(id).min(1).max(3, 'a CM group holds at most three nodes: primary, backup, tertiary (FO-01)'),
    }),
  }),
  'cluster.release': spec({
    title: 'Change a server release',
    group: 'Cluster',
    args: z.strictObject({
      component: z.enum(['Unified CM', 'IM and Presence', 'Expressway']),
      release: z.string().min(1).max(40),
    }),
  }),
  'cluster.onboard': spec({ title: 'Subscribe the cluster for push', group: 'Cluster', args: none }),
  'cluster.offboard': spec({ title: 'Turn push notifications off', group: 'Cluster', destructive: true, args: none }),
  'user.set': spec({
    title: 'Change voicemail, single number reach or External Presentation',
    group: 'Cluster',
    args: z.strictObject({
      user: id,
      externalPresentation: z
        .strictObject({ name: z.string().max(60), number: directoryNumber })
        .nullable()
        .optional(),
      voicemailNoAnswerRingMs: durationMs.nullable().optional(),
      singleNumberReachWaitMs: durationMs.nullable().optional(),
      mobilityIdentity: directoryNumber.nullable().optional(),
      /** User Management > End User > Service Settings > UC Service Profile (LPNS-08). */
      serviceProfile: id.nullable().optional(),
    }),
  }),
  'user.delete': spec({
    title: 'Delete the end user',
    group: 'Cluster',
    destructive: true,
    args: z.strictObject({ user: id }),
  }),
  'ucService.set': spec({
    title: 'Set LocalPushSSIDList of a UC service',
    group: 'Cluster',
    args: z.strictObject({
      service: id,
      /** Null takes the parameter out. */
      localPushSsidList: ssidList.nullable(),
      /** Keeps the entries as typed, to show faults of the field (DEC-28). */
      asTyped: z.boolean().default(false),
    }),
  }),
  'serviceProfile.set': spec({
    title: 'Set the Mobile entry of a service profile',
    group: 'Cluster',
    args: z.strictObject({ profile: id, mobile: id.nullable() }),
  }),
  'cluster.localPush': spec({
    title: 'Set the times of local push',
    group: 'Cluster',
    args: z.strictObject({
      /** Waited beyond 120 s for a keepalive: 0 to 60 s (DEC-02). */
      graceMs: durationMs.refine((ms) => ms <= 60_000, 'the grace is 0 to 60 s (DEC-02)').optional(),
      /** Waited for the client's response to a push: 0.5 to 5 s (DEC-06). */
      responseMs: durationMs.refine((ms) => ms >= 500 && ms <= 5_000, 'the response time is 0.5 to 5 s (DEC-06)').optional(),
    }),
  }),
  'mesh.split': spec({
    title: 'Split the local push mesh',
    group: 'Cluster',
    destructive: true,
    /** These nodes lose port 9560 to all others; among themselves they keep it. */
    args: z.strictObject({ nodes: z.array(node).min(1).max(20) }),
  }),
  'mesh.heal': spec({ title: 'Heal the local push mesh', group: 'Cluster', args: none }),
  'proxy.set': spec({
    title: 'Set the HTTP(S) proxy on the Cloud Onboarding page',
    group: 'Cluster',
    /** In use from the next restart of the push service of a node on (ONB-15). */
    args: z.strictObject({
      enabled: z.boolean().optional(),
      server: proxyServer.optional(),
      port: z.int().min(1).max(65_535).optional(),
      kind: z.enum(['HTTP', 'HTTPS']).optional(),
      authentication: z.enum(['none', 'Basic', 'Digest']).optional(),
      user: z.string().max(60).optional(),
      secret: secretName.optional(),
    }),
  }),
  'proxy.login': spec({
    title: 'Change the login that the proxy asks for',
    group: 'Cluster',
    args: z.strictObject({
      asks: z.enum(['none', 'Basic', 'Digest', 'Negotiate']).optional(),
      algorithm: z.enum(['MD5', 'SHA-256']).optional(),
      user: z.string().max(60).optional(),
      secret: secretName.optional(),
    }),
  }),
  'proxy.address': spec({
    title: 'Move the proxy to other addresses',
    group: 'Cluster',
    /** It answers there only, and DNS knows at once; the servers learn of it when their cache ends (PROXY-07). */
    args: z.strictObject({ addresses: z.array(ipAddress).min(1).max(8), virtualAddress: ipAddress.nullable().optional() }),
  }),
  'proxy.flush': spec({
    title: 'Forget the looked-up addresses of the proxy',
    group: 'Cluster',
    /** All nodes when none is named. */
    args: z.strictObject({ node: node.optional() }),
  }),
  'proxy.upstream': spec({
    title: "Break or mend the proxy's own connection to the cloud",
    group: 'Cluster',
    args: z.strictObject({ works: z.boolean().optional(), failoverMs: durationMs.optional() }),
  }),
  ...stormCommands,
  ...presenceCommands,
  ...onboardingCommands,
  ...oauthCommands,
  ...upgradeCommands,
  'check.reachability': spec({ title: 'Check cloud services reachability', group: 'Check', args: none }),
  ...adminInputs,
  ...wireInputs,
  ...cloudInputs,
  ...farEndCommands,
} as const

export type LabCommandName = keyof typeof labCommands
export type LabCommandArgs<N extends LabCommandName> = z.output<(typeof labCommands)[N]['args']>
export type LabCommandInput<N extends LabCommandName> = z.input<(typeof labCommands)[N]['args']>

export type CommandName = LabCommandName | HostCommandName
export type CommandInput<N extends CommandName> = N extends LabCommandName
  ? LabCommandInput<N>
  : N extends HostCommandName
    ? HostCommandInput<N>
    : never
