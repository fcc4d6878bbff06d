/**
 * Every command of the lab: name -> arguments, and what a palette or menu needs to offer it. Lab
 * commands change the simulated system and are journalled with their virtual time; host commands
 * steer the run around it (time, files, queries) and are not.
 */
import { z } from 'zod'
import { adminCommands, adminInputs } from './admin.ts'
import { cloudCommands, cloudInputs, farEndCommands, type CloudInput } from './clouds.ts'
import { mraQuery, oauthCommands, oauthQuery } from './oauth.ts'
import { onboardingCommands, onboardingQuery } from './onboarding.ts'
import { matrixQuery } from './releases.ts'
import { faultSchema } from './fault.ts'
import { presenceCommands, reloginQuery } from './presence.ts'
import { spec } from './spec.ts'
import { upgradeCommands, upgradeQuery } from './upgrade.ts'
import { stormCommands } from './storms.ts'
import { directoryNumber, durationMs, id, ipAddress, proxyServer, secretName, ssidList } from './values.ts'

const device = id.describe('device')
const node = id.describe('node')

const none = z.strictObject({})
const onDevice = z.strictObject({ device })
const onNode = z.strictObject({ node })
const service = z.strictObject({ node, service: z.string().min(2).max(60) })

/**
 * What arrives on real sockets, as it enters the run: journalled, so that it can be given again in virtual time.
 * Only the endpoint gives these; a token is named by its ID, never by itself.
 */
const wireInputs = {
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
    args: z.strictObject({ session: z.int().min(1), code: z.int().min(1_000).max(4_999), reason: z.string().max(200) }),
  }),
} as const

export type WireInput = keyof typeof wireInputs | CloudInput
export const WIRE_INPUTS: ReadonlySet<string> = new Set([...Object.keys(wireInputs), ...Object.keys(cloudInputs)])

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

export const eventFilter = z.strictObject({
  flow: z.int().min(0).optional(),
  carrier: z.string().max(20).optional(),
  status: z.string().max(10).optional(),
  place: z.string().max(80).optional(),
  text: z.string().max(200).optional(),
})

/** A moment to stop at: a time, or the next event that matches. */
export const untilSchema = z.union([
  z.strictObject({ time: durationMs }),
  z.strictObject({ event: eventFilter }),
  z.strictObject({ alarm: z.string().max(80) }),
  z.strictObject({ flowEnds: z.int().min(1) }),
])

export const hostCommands = {
  'lab.scenarios': spec({ title: 'List the labs', group: 'Lab', args: none }),
  'lab.open': spec({
    title: 'Open a lab',
    group: 'Lab',
    args: z.union([
      z.strictObject({ file: z.string().min(1).max(400) }),
      z.strictObject({ text: z.string().min(1).max(8_388_608), name: z.string().max(200).default('untitled.yaml') }),
    ]),
  }),
  'lab.restart': spec({ title: 'Start the lab again from zero', group: 'Lab', destructive: true, args: none }),
  'lab.source': spec({ title: 'Show the scenario file of this lab', group: 'Lab', args: none }),
  'runs.compare': spec({ title: 'Compare with the run before the fork', group: 'Lab', args: none }),
  'lab.verdict': spec({ title: 'Check the expectations of this lab now', group: 'Lab', args: none }),
  'time.run': spec({ title: 'Run', group: 'Time', args: none }),
  'time.pause': spec({ title: 'Pause', group: 'Time', args: none }),
  'time.step': spec({ title: 'Step to the next event', group: 'Time', args: none }),
  'time.speed': spec({
    title: 'Set the speed',
    group: 'Time',
    args: z.strictObject({ speed: z.number().min(0.01).max(10_000) }),
  }),
  'time.express': spec({ title: 'Express: as fast as it goes', group: 'Time', args: none }),
  'time.until': spec({ title: 'Run until...', group: 'Time', args: untilSchema }),
  'time.seek': spec({ title: 'Go to a moment', group: 'Time', args: z.strictObject({ at: durationMs }) }),
  'time.fork': spec({ title: 'Fork: go on from here, dropping the later commands', group: 'Time', args: none }),
  'time.cancel': spec({ title: 'Stop what is running', group: 'Time', args: none }),
  'events.query': spec({
    title: 'Search the events',
    group: 'View',
    args: z.strictObject({
      filter: eventFilter.default({}),
      /** Events with a lower number than this; the newest when left out. */
      before: z.int().min(0).optional(),
      limit: z.int().min(1).max(2_000).default(500),
    }),
  }),
  'event.detail': spec({
    title: 'Show the message behind an event',
    group: 'View',
    args: z.strictObject({ seq: z.int().min(0) }),
  }),
  'flow.ladder': spec({
    title: 'Show the ladder of a call or message',
    group: 'View',
    on: 'flow',
    args: z.strictObject({ flow: z.int().min(1) }),
  }),
  'flow.export': spec({
    title: 'Export the ladder',
    group: 'View',
    on: 'flow',
    args: z.strictObject({ flow: z.int().min(1), format: z.enum(['text', 'svg', 'json']) }),
  }),
  'search.tracking': spec({
    title: 'Find a tracking ID',
    group: 'View',
    args: z.strictObject({ id: z.string().min(4).max(80) }),
  }),
  'journal.export': spec({ title: 'Export the run (journal)', group: 'Lab', args: none }),
  'journal.import': spec({
    title: 'Open a run (journal)',
    group: 'Lab',
    args: z.strictObject({ text: z.string().min(1).max(67_108_864) }),
  }),
  'rules.list': spec({ title: 'List the rules behind WHY', group: 'View', args: none }),
  'commands.list': spec({ title: 'List all commands', group: 'View', args: none }),
  'device.config': spec({ title: 'Show jabber-config.xml', group: 'View', on: 'device', args: onDevice }),
  'presence.relogin': reloginQuery,
  'onboarding.show': onboardingQuery,
  'oauth.show': oauthQuery,
  'upgrade.show': upgradeQuery,
  'mra.show': mraQuery,
  'release.matrix': matrixQuery,
  'proxy.show': spec({ title: 'Show the proxy and its settings', group: 'View', args: none }),
  'proxy.capacity': spec({
    title: 'Work out what the proxy must carry',
    group: 'View',
    /** Figures of the busy hour (DEC-27); what is left out comes from this lab, or is usual. */
    args: z.strictObject({
      callUsers: z.number().optional(),
      callsPerUser: z.number().optional(),
      secondPushShare: z.number().optional(),
      messageUsers: z.number().optional(),
      messagesPerUser: z.number().optional(),
      suspendedShare: z.number().optional(),
      nodes: z.number().optional(),
      tokenMinutes: z.number().optional(),
      alarmMinutes: z.number().nullable().optional(),
      peakFactor: z.number().optional(),
    }),
  }),
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
  ...adminCommands,
  ...cloudCommands,
  'settings.get': spec({ title: 'Read the window settings', group: 'View', args: none }),
  'settings.set': spec({
    title: 'Keep the window settings',
    group: 'View',
    args: z.strictObject({ settings: z.record(z.string().max(60), z.json()) }),
  }),
} as const

export type HostCommandName = keyof typeof hostCommands
export type HostCommandArgs<N extends HostCommandName> = z.output<(typeof hostCommands)[N]['args']>
export type CommandName = LabCommandName | HostCommandName
export type CommandInput<N extends CommandName> = N extends LabCommandName
  ? LabCommandInput<N>
  : N extends HostCommandName
    ? z.input<(typeof hostCommands)[N]['args']>
    : never
