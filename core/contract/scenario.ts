/**
 * The scenario file, version 1: a lab, what happens in it, and what must be seen. One file is at once a
 * lesson, a regression test and a bug report (SCN-15). Parsed from YAML; every default is written here.
 */
import { z } from 'zod'
import { faultSchema } from './fault.ts'
import { mraCertificatesSchema, unitySchema } from './oauth.ts'
import { onboardingSchema } from './onboarding.ts'
import { generateSchema, type Cohort } from './generate.ts'
import { directoryNumber, durationMs, hostName, id, ipAddress, proxyServer, secretName, ssidList } from './values.ts'

/** Limits that keep a hostile or mistaken file from eating the machine. */
export const SCENARIO_LIMITS = {
  nodes: 20,
  groups: 20,
  groupNodes: 3, // FO-01
  pools: 50,
  users: 100_000,
  devices: 100_000,
  commands: 10_000,
  faults: 500,
  expectations: 1_000,
  fileBytes: 8 * 1024 * 1024,
} as const

const release = z.union([z.string().min(1).max(40), z.number()]).transform(String)
const text = (max: number) => z.string().max(max)

const nodeSchema = z.strictObject({
  id,
  release: release.optional(),
  /** Services that are not running when the lab starts. */
  stopped: z.array(z.string()).max(10).default([]),
  /** Whether the node has DNS (NET-09). */
  dns: z.boolean().default(true),
  /** Server certificate that clients of local push see (LPNS-25). */
  certificate: z
    .strictObject({
      issuer: z.enum(['public CA', 'private CA', 'self-signed']).default('private CA'),
      validDays: z.int().min(1).max(7_300).default(365),
      /** Days since it was issued, when the lab starts. */
      ageDays: z.int().min(0).max(7_300).default(0),
      /** Names in it; the node's own when left out. */
      names: z.array(text(120).min(1)).min(1).max(20).optional(),
    })
    .prefault({}),
})

/** A UC service of type Jabber Client Configuration (jabber-config.xml) (LPNS-07). */
const ucServiceSchema = z.strictObject({
  id,
  /** Section Phone, parameter LocalPushSSIDList: up to ten Wi-Fi names, separated by semicolons. */
  localPushSsidList: ssidList.optional(),
  /** Keeps the entries as typed, to show faults of the field (DEC-28). */
  asTyped: z.boolean().default(false),
})

/** Jabber Client Configuration (jabber-config.xml) > Mobile names a UC service (LPNS-08). */
const serviceProfileSchema = z.strictObject({ id, mobile: id.nullable().default(null) })

const groupSchema = z.strictObject({
  id,
  nodes: z
    .array(id)
    .min(1, 'a CM group needs at least one node (FO-01)')
    .max(SCENARIO_LIMITS.groupNodes, 'a CM group holds at most three nodes: primary, backup, tertiary (FO-01)'),
})

const poolSchema = z.strictObject({ id, group: id })

const huntPilotSchema = z.strictObject({
  number: directoryNumber,
  name: text(60).default('Hunt pilot'),
  members: z.array(directoryNumber).min(1).max(100),
  algorithm: z.enum(['broadcast', 'top-down']).default('broadcast'),
  /** How long each member rings in a top-down hunt. */
  ringMs: durationMs.default(20_000),
})

const clusterSchema = z.strictObject({
  id: id.default('StandAloneCluster'),
  release: release.default('14SU3'),
  nodes: z.array(nodeSchema).min(1).max(SCENARIO_LIMITS.nodes),
  groups: z.array(groupSchema).max(SCENARIO_LIMITS.groups).default([]),
  pools: z.array(poolSchema).max(SCENARIO_LIMITS.pools).default([]),
  huntPilots: z.array(huntPilotSchema).max(50).default([]),
  /** `Cloud Onboarding Completed`: a CI machine account exists (NET-02). */
  onboarded: z.boolean().default(true),
  onboarding: onboardingSchema,
  unityConnection: unitySchema,
  /** Enterprise parameter OAuth with Refresh Login Flow (LPNS-06); off in a fresh cluster (OAUTH-01). */
  oauthRefreshLogins: z.boolean().optional(),
  /** Minutes an access token of a client lives, and days its refresh token does. */
  clientTokenMinutes: z.int().min(1).max(1_440).default(60),
  clientRefreshDays: z.int().min(1).max(365).default(60),
  ucServices: z.array(ucServiceSchema).max(100).default([]),
  serviceProfiles: z.array(serviceProfileSchema).max(100).default([]),
  localPush: z
    .strictObject({
      /** Waited beyond 120 s for a keepalive (DEC-02). */
      graceMs: durationMs.refine((ms) => ms <= 60_000, 'the grace is 0 to 60 s (DEC-02)').default(30_000),
      /** Waited for the client's response to a push (DEC-06). */
      responseMs: durationMs.refine((ms) => ms >= 500 && ms <= 5_000, 'the response time is 0.5 to 5 s (DEC-06)').default(2_000),
    })
    .prefault({}),
  /** Minutes an access token from Common Identity lives. */
  accessTokenMinutes: z.int().min(1).max(1_440).default(60),
  /** "Jabber Dual Mode (iPhone) Incoming Call Push Notification Wait Timer" (CALL-16). */
  mobilityPushWaitMs: durationMs.default(10_000),
})

const presenceSchema = z.strictObject({
  release: release.optional(),
  nodes: z.array(nodeSchema).min(1).max(6),
  instantMessaging: z.boolean().default(true),
  multipleDeviceMessaging: z.boolean().default(true),
  streamManagement: z.boolean().default(true),
  /** Subclusters (presence redundancy groups) of one or two nodes; nodes pair up in their order when left out (HA-01). */
  subclusters: z
    .array(
      z.strictObject({
        id,
        nodes: z.array(id).min(1).max(2, 'a subcluster has one or two nodes: each backs the other up (HA-01)'),
      }),
    )
    .max(6)
    .default([]),
  userAssignment: z.enum(['balanced', 'active-standby']).default('balanced'),
  /** Push Notifications (Clusterwide): Push Notifications High Availability (ONB-19). */
  pushHighAvailability: z.boolean().default(true),
  /** Client re-login limits in seconds; the upper one is what the calculator proposes when left out (HA-10). */
  relogin: z
    .strictObject({
      lowerSeconds: z.int().min(0).max(86_400).default(0),
      upperSeconds: z.int().min(1).max(86_400).optional(),
    })
    .prefault({}),
  /** JSM sessions that a takeover re-creates per second (DEC-18). */
  rebuildPerSecond: z
    .number()
    .min(6.25, '6.25 sessions per second or more: 7,500 of them in 20 minutes at most (DEC-18)')
    .max(12.5, '12.5 sessions per second or fewer: 7,500 of them in 10 minutes at least (DEC-18)')
    .default(8.33),
  fallback: z.enum(['automatic', 'manual']).default('automatic'),
  failoverAfterMs: durationMs.optional(),
  criticalServiceDownMs: durationMs.optional(),
  fallbackAfterMs: durationMs.optional(),
})

/** What is set on the Cloud Onboarding page; what is left out fits the proxy (PROXY-02). */
const proxySettingsSchema = z.strictObject({
  /** `Enable HTTP(S) Proxy`. */
  enabled: z.boolean().default(true),
  /** FQDN or IP address: only a name is looked up in DNS (PROXY-03). */
  server: proxyServer.optional(),
  port: z.int().min(1).max(65_535).optional(),
  kind: z.enum(['HTTP', 'HTTPS']).optional(),
  authentication: z.enum(['none', 'Basic', 'Digest']).optional(),
  user: text(60).optional(),
  secret: secretName.optional(),
})

const proxySchema = z.strictObject({
  id: id.default('proxy'),
  kind: z.enum(['HTTP', 'HTTPS']).default('HTTP'),
  product: z.enum(['Cisco WSA', 'other']).default('other'),
  port: z.int().min(1).max(65_535).default(3_128),
  /** Its name in DNS. */
  fqdn: hostName.optional(),
  /** Where it answers, in the order in which DNS gives them (PROXY-03). */
  addresses: z.array(ipAddress).min(1).max(8).default(['10.0.0.80']),
  /** Virtual IP address of a WSA: its FQDN has to map to this one (PROXY-06). */
  virtualAddress: ipAddress.optional(),
  /** Negotiate is none of the two call flows that Unified CM supports (PROXY-01). */
  asks: z.enum(['none', 'Basic', 'Digest', 'Negotiate']).default('none'),
  algorithm: z.enum(['MD5', 'SHA-256']).default('MD5'),
  user: text(60).default('cucm'),
  secret: secretName.default('proxy-secret'),
  /** How long it holds on to a failed connection of its own towards the cloud (PROXY-05). */
  failoverMs: durationMs.default(5_000),
  settings: proxySettingsSchema.prefault({}),
})

const edgeSchema = z.strictObject({
  expressway: z
    .strictObject({
      release: release.default('X12.6.2'),
      /** Unified CM servers refreshed, Expressway-C and -E restarted since push was enabled (MRA-02, MRA-03). */
      refreshed: z.boolean().default(true),
      restartedC: z.boolean().default(true),
      restartedE: z.boolean().default(true),
      /** Further IM and Presence clusters that it serves: only their releases count, for the order of upgrades (MRA-05, MRA-06). */
      otherPresence: z.array(z.strictObject({ id, release })).max(20).default([]),
      /** MRA Access Control: Authorize by OAuth token with refresh (OAUTH-06). */
      oauthRefresh: z.boolean().optional(),
      certificates: mraCertificatesSchema,
    })
    .nullable()
    .default(null),
  proxy: proxySchema.nullable().default(null),
  firewall: z
    .strictObject({
      /** NAT and firewall forget idle connections after this long (NET-06: 30 minutes or more). */
      idleMinutes: z.number().gt(0).max(1_440).default(60),
      /** How it allows the Cisco cloud (SCN-04). */
      rule: z.enum(['host names', 'addresses']).default('host names'),
    })
    .prefault({}),
})

const userSchema = z.strictObject({
  id,
  name: text(60).optional(),
  /** The user's directory number; a device of the user has this line unless it says otherwise. */
  number: directoryNumber,
  /** External Presentation Name and Number, shown to the called party (CALL-08). */
  externalPresentation: z.strictObject({ name: text(60), number: directoryNumber }).optional(),
  /** Voicemail takes an unanswered call after its No Answer Ring Duration (CALL-15: 25 s or more). */
  voicemail: z.strictObject({ noAnswerRingMs: durationMs.default(30_000) }).optional(),
  /** Single number reach rings this number after the wait (CALL-15: 13 s or more). */
  singleNumberReach: z.strictObject({ number: directoryNumber, waitMs: durationMs.default(13_000) }).optional(),
  /** Mobility Identity that is called when the client has not registered in time (CALL-16). */
  mobilityIdentity: directoryNumber.optional(),
  /** UC Service Profile of the end user (LPNS-08). */
  serviceProfile: id.optional(),
  /** IM and Presence node the user is assigned to; in turn when left out. */
  presenceNode: id.optional(),
  /** Users whose presence this user watches (MSG-03). */
  contacts: z.array(id).max(1_000).optional(),
})

/** What the person with the phone does by itself; a lesson without it waits for a click. */
const habitsSchema = z.strictObject({
  answersAfterMs: durationMs.optional(),
  declinesAfterMs: durationMs.optional(),
  tapsAfterMs: durationMs.optional(),
  hangsUpAfterMs: durationMs.optional(),
})

export const deviceSchema = z.strictObject({
  id,
  label: text(60).optional(),
  owner: id,
  client: z.enum(['jabber', 'webex', 'deskphone']).default('webex'),
  clientRelease: release.optional(),
  os: z.enum(['ios', 'android', 'desktop']).default('ios'),
  osRelease: release.optional(),
  pool: id.optional(),
  /** Directory numbers on this device; sharing a number makes a shared line (CALL-05). */
  lines: z.array(directoryNumber).min(1).max(6).optional(),
  mra: z.boolean().default(false),
  region: z.enum(['mainland-china', 'elsewhere']).default('elsewhere'),
  /** `FCM:dev` instead of `FCM`, `APNS:beta` instead of `APNS`, ... (AND-06). */
  subscriberService: z.enum(['APNS', 'APNS:beta', 'APNS:dev', 'APNS:test', 'APNS:load', 'FCM', 'FCM:dev']).optional(),
  signedIn: z.boolean().default(true),
  app: z.enum(['on screen', 'off screen', 'killed']).default('on screen'),
  locked: z.boolean().default(false),
  screenOn: z.boolean().default(true),
  wifi: text(32).nullable().default('Office'),
  /** Whether its traffic leaves by Wi-Fi while it has one: not with Ethernet plugged in (LPNS-09). */
  wifiIsMainRoute: z.boolean().default(true),
  /** The private root of the servers' certificates is in its trust store (LPNS-25). */
  trustsPrivateCa: z.boolean().default(true),
  cellular: z.boolean().default(true),
  /** Whether its network reaches the internet (Apple's and Google's clouds). */
  internet: z.boolean().default(true),
  notificationsAllowed: z.boolean().default(true),
  /** EnableVoipSocket in jabber-config.xml (CALL-13). */
  enableVoipSocket: z.boolean().default(false),
  /** Whether the keepalive of a background Android client survives (AND-03). */
  keepaliveSurvives: z.boolean().default(false),
  targetApiLevel: z.int().min(21).max(40).optional(),
  /** App start, from push to REGISTER. */
  wakeMs: durationMs.default(400),
  /** How long its user had not used it when the lab starts (MSG-04). */
  idleMs: durationMs.default(0),
  habits: habitsSchema.prefault({}),
})

const linkSchema = z.strictObject({
  link: z.string().min(3).max(140),
  latencyMs: durationMs.optional(),
  jitterMs: durationMs.optional(),
})

const timedCommandSchema = z.strictObject({
  at: durationMs,
  do: z.string().min(1).max(60),
  with: z.record(z.string(), z.unknown()).default({}),
})

/** When it must be seen. `at` is that very millisecond; `after` and `before` leave out their own instant. */
const withinSchema = {
  at: durationMs.optional(),
  before: durationMs.optional(),
  after: durationMs.optional(),
  /** Where these times count from: the start of the run, of the flow, or t0, its first push [DEC-25]. */
  since: z.enum(['run', 'flow', 'push']).default('run'),
}

/** Text matches when it contains this, ignoring case; between slashes it is a regular expression. */
const match = text(200)

export const expectationSchema = z.union([
  z.strictObject({
    /** At least one (or exactly `times`) hop like this. */
    event: z.strictObject({
      flow: z.int().optional(),
      from: match.optional(),
      to: match.optional(),
      carrier: match.optional(),
      message: match.optional(),
      outcome: match.optional(),
      status: z.enum(['ok', 'info', 'wait', 'warn', 'fail', 'lost']).optional(),
      why: match.optional(),
    }),
    times: z.int().min(0).max(1_000_000).optional(),
    ...withinSchema,
  }),
  /** Hops in this order (others may stand between). */
  z.strictObject({ order: z.array(match).min(2).max(50), flow: z.int().optional() }),
  z.strictObject({
    alarm: match,
    node: match.optional(),
    raised: z.boolean().default(true),
    cleared: z.boolean().optional(),
    times: z.int().min(0).optional(),
    at: durationMs.optional(),
    before: durationMs.optional(),
    after: durationMs.optional(),
  }),
  z.strictObject({ counter: match, node: match.optional(), is: z.int().optional(), atLeast: z.int().optional() }),
  /** State of a device, node, flow or push row at the end. */
  z.strictObject({
    state: z.strictObject({
      device: id.optional(),
      node: id.optional(),
      flow: z.int().optional(),
      push: z.int().optional(),
      /** An IM and Presence node with its sessions and queues. */
      imNode: id.optional(),
    }),
    has: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({ pushes: z.record(z.string(), z.int().min(0)) }),
  /** Stanzas by state: each message to each client is one. */
  z.strictObject({ messages: z.record(z.string(), z.int().min(0)) }),
  z.strictObject({ finding: match, level: z.enum(['Pass', 'Warning', 'Fail']).optional() }),
])

export const scenarioSchema = z.strictObject({
  /** Version of this schema. */
  pushlab: z.literal(1, 'this file must start with "pushlab: 1", the version of the scenario schema'),
  title: text(100).min(1),
  about: text(4_000).default(''),
  seed: z.int().min(0).max(4_294_967_295).default(1),
  /** How far `lab run` goes when nothing else says so. */
  until: durationMs.default(60_000),
  /** Ledger rows this scenario shows. */
  proves: z
    .array(z.string().regex(/^[A-Z]+-[A-D]?\d+$/))
    .max(80)
    .default([]),
  lesson: z
    .strictObject({
      symptom: text(1_000),
      hints: z.array(text(500)).max(10).default([]),
      cause: text(1_000),
      fixes: z.array(text(500)).max(10).default([]),
    })
    .optional(),
  cluster: clusterSchema,
  presence: presenceSchema.nullable().default(null),
  edge: edgeSchema.prefault({}),
  /** Left out only beside `generate`; the loader sees to that. */
  users: z.array(userSchema).min(1).max(SCENARIO_LIMITS.users).default([]),
  devices: z.array(deviceSchema).min(1).max(SCENARIO_LIMITS.devices).default([]),
  /** Users and devices by the thousand; the loader adds them to the two lists above. */
  generate: generateSchema.default([]),
  links: z.array(linkSchema).max(200).default([]),
  faults: z
    .array(z.strictObject({ at: durationMs.default(0), fault: faultSchema }))
    .max(SCENARIO_LIMITS.faults)
    .default([]),
  commands: z.array(timedCommandSchema).max(SCENARIO_LIMITS.commands).default([]),
  /**
   * `headless`: the timed commands run in `lab run` only. In the window a person does these things, and a
   * call that places itself would take away the first thing a newcomer should press.
   */
  commandsRun: z.enum(['always', 'headless']).default('always'),
  expect: z.array(expectationSchema).max(SCENARIO_LIMITS.expectations).default([]),
})

/** As written in a file. */
export type ScenarioInput = z.input<typeof scenarioSchema>
/** With every default filled in; `written` says what of it stands in the file when the rest was generated. */
export type Scenario = z.output<typeof scenarioSchema> & { readonly written?: Written }
export type Written = {
  generate: Cohort[]
  users: number
  devices: number
  /** Where the users and devices of each cohort end. */
  places: { users: number; devices: number }[]
}
export type ScenarioDevice = Scenario['devices'][number]
export type ScenarioUser = Scenario['users'][number]
export type Expectation = Scenario['expect'][number]
