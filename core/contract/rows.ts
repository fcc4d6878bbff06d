/**
 * Rows: what the window shows, one whole row per thing, keyed by `kind` and `id`. A row is rebuilt and
 * sent whole when it changed; there is no patch language. All times are milliseconds of virtual time.
 */

export type Health = 'up' | 'degraded' | 'down'

export type ServiceName =
  | 'Cisco CallManager'
  | 'Cisco Push Notification Service'
  | 'Cisco Local Push Notification Service'
  | 'Cisco Management Agent Service'
  | 'Cisco Tomcat'
  | 'Cisco XCP Router'
  | 'Cisco XCP Config Manager'

export type ServiceState = 'running' | 'stopped' | 'starting' | 'failed'

export type ServiceRow = { name: ServiceName; short: string; state: ServiceState; note: string }

export type NodeFamily = 'ucm' | 'imp' | 'cloud' | 'edge'
export type NodeState = 'up' | 'crashed' | 'shut down' | 'off network'

/** An INVITE that Unified CM holds while the push travels (CALL-01). */
export type HeldInvite = { flow: number; device: string; since: number; limitMs: number }

export type NodeRow = {
  kind: 'node'
  id: string
  label: string
  family: NodeFamily
  /** publisher, subscriber, Push REST, APNs, Expressway-C, proxy, firewall, ... */
  role: string
  release: string
  state: NodeState
  health: Health
  /** When it entered `state`. */
  since: number
  services: ServiceRow[]
  /** The first of the INVITEs that it holds, with the one that drops first among them; a page to a ward holds thousands. */
  held: HeldInvite[]
  /** How many more it holds. */
  heldMore: number
  /** One short line under the name: 'keeps nothing', 'token 41 min left', 'queue 3', ... */
  note: string
  /** Local push: own sessions, those known from the mesh, and its neighbours in it; null without LPNS (LPNS-19). */
  mesh: NodeMesh | null
  /** Server certificate that clients of local push see; null where there is none (LPNS-25). */
  certificate: NodeCertificate | null
  /** IDs of faults that touch this node itself. */
  faults: string[]
}

/** Kinds of XMPP stanzas that are held back for a suspended client (MSG-02). */
export type StanzaKind = 'message' | 'presence' | 'invitation' | 'other'

/** Every stanza to a client is in exactly one state; the counts always sum to the stanzas created. */
export type MessageState = 'sent' | 'waiting' | 'queued' | 'held' | 'delivering' | 'delivered' | 'lost' | 'refused'

export const MESSAGE_STATES: readonly MessageState[] = [
  'sent',
  /** For a node that is down and not yet taken over. */
  'waiting',
  'queued',
  /** In a queue that is out of reach: its node is shut down (HA-04). */
  'held',
  'delivering',
  'delivered',
  'lost',
  /** Its sender was told. */
  'refused',
]

/** A depth at a moment: how many stanzas waited. */
export type DepthSample = { at: number; n: number }

/** An IM and Presence node: its sessions, queues, and where a failover or fallback stands (HA-01 to HA-10). */
export type ImNodeRow = {
  kind: 'imNode'
  /** The node. */
  id: string
  subcluster: string
  backup: string | null
  /** Push Notifications High Availability: as saved, as this node runs, and whether a router restart is due (ONB-19). */
  highAvailability: { saved: boolean; inForce: boolean; restartPending: boolean }
  state: 'normal' | 'down' | 'failed over' | 'taking over' | 'falling back'
  /** One sentence on that state, e.g. until when nobody in background is pushed. */
  text: string
  why: string
  /** Clients assigned here, sessions owned here, and copies of the partner's sessions in its in-memory database. */
  assigned: number
  sessions: number
  copies: number
  /** Stanzas in the queues here, and those in queues that are out of reach. */
  queued: number
  heldOut: number
  lost: number
  /** `sessions rebuilt done of total` (HA-08). */
  rebuild: { why: 'failover' | 'fallback' | 'restart'; done: number; total: number; startedAt: number; endsAt: number } | null
  /** Messages that are pushed when the rebuild has ended. */
  waitingForPush: number
  /** Silences towards clients in background, newest last (HA-09). */
  gaps: { why: 'failover' | 'fallback' | 'restart'; sessions: number; startedAt: number; endedAt: number | null }[]
  /** When the backup takes over, or the users return; null when neither is due. */
  takeoverAt: number | null
  fallbackAt: number | null
  /** Clients in foreground that are to log in here, and at how many a second at most (HA-10). */
  relogins: { waiting: number; lowerSeconds: number; upperSeconds: number; perSecond: number }
  rebuildPerSecond: number
  /** Queued here over time. */
  depth: DepthSample[]
}

export type NodeMesh = {
  sessions: number
  known: number
  /** Clients whose TLS handshake waits for its turn: the wave after a failover (DEC-12). */
  handshakesWaiting: number
  /** `mesh.split` keeps it from a neighbour; the two notice only when signs of life have failed to come. */
  split: boolean
  peers: { node: string; state: 'joined' | 'lost'; since: number }[]
}

export type NodeCertificate = {
  issuer: 'public CA' | 'private CA' | 'self-signed'
  validDays: number
  /** Days since it was issued. */
  ageDays: number
  names: string[]
}

export type LinkRow = {
  kind: 'link'
  /** `a~b`. */
  id: string
  a: string
  b: string
  latencyMs: number
  jitterMs: number
  health: Health
  faults: string[]
  /** Last time something crossed it; -1 for never. */
  lastAt: number
  /** `real`: what goes to the cloud at its end leaves the lab over a real socket. Set on the last link before that cloud. */
  carrier: 'virtual' | 'real'
  /** TCP port on which traffic to the cloud crosses it: that of the proxy on the way there, 443 everywhere else (NET-01). */
  cloudPort: number
}

export type CallScreen = {
  /** CallKit (iOS), the app's own call screen (Android and old Jabber), or a desk phone's display. */
  style: 'CallKit' | 'call screen' | 'in-app' | 'desk phone'
  flow: number
  direction: 'incoming' | 'outgoing'
  /** Empty when the release sends no caller ID (CALL-07). */
  name: string
  number: string
  /** CallKit shows every call as video (CALL-09). */
  video: boolean
  state: 'ringing' | 'connecting' | 'waiting for SIP' | 'active' | 'ring-back' | 'dialing'
  since: number
  canAnswer: boolean
  canDecline: boolean
  overLockScreen: boolean
}

export type Banner = {
  id: number
  at: number
  app: 'Jabber' | 'Webex'
  kind: 'call toast' | 'missed call' | 'answered elsewhere' | 'message' | 'call ended'
  title: string
  text: string
  /** Last moment at which a tap still gets the call (CN-02); null when nothing runs out. */
  deadlineAt: number | null
  flow: number
}

/** What the person holding the phone sees right now. */
export type DeviceScreen = {
  lit: boolean
  locked: boolean
  /** The app is the one on screen. */
  appOnScreen: boolean
  statusBar: string
  call: CallScreen | null
  banners: Banner[]
}

/** Would a call (or message) reach this device now? Computed from the model, never guessed. */
export type Reach = {
  verdict: 'yes' | 'no' | 'unknown'
  /** 'SIP', 'cloud push', 'local push', 'VoIP socket', or '' when none. */
  path: string
  text: string
  why: string
}

export type DeviceRow = {
  kind: 'device'
  id: string
  label: string
  owner: string
  ownerName: string
  client: 'jabber' | 'webex' | 'deskphone'
  clientRelease: string
  os: 'ios' | 'android' | 'desktop'
  osRelease: string
  pool: string
  lines: string[]
  mra: boolean
  region: 'mainland-china' | 'elsewhere'
  signedIn: boolean
  /** Foreground needs all three: app on screen, unlocked, screen on (CH-02). */
  app: 'on screen' | 'off screen' | 'killed'
  locked: boolean
  screenOn: boolean
  suspended: boolean
  /** Why it is suspended, e.g. ['locked', 'screen off']. */
  suspendedBecause: string[]
  /** `wifiIsMainRoute`: iOS opens a local push session only when its traffic leaves by Wi-Fi (LPNS-09). */
  network: { wifi: string | null; wifiIsMainRoute: boolean; cellular: boolean; internet: boolean; connected: boolean }
  /** The private root of the servers' certificates is in its trust store (LPNS-25). */
  trustsPrivateCa: boolean
  notificationsAllowed: boolean
  voipSocket: boolean
  /** Node that holds the SIP registration; null when there is none. */
  registeredTo: string | null
  /** Node the client would try first without a hint in the push (FO-03). */
  lastNode: string | null
  homeNode: string
  sip: 'connected' | 'suspended' | 'none'
  /** Node that owns its IM session, the node its user is assigned to, and the one with a copy of the session (HA-01). */
  imNode: string | null
  imHome: string | null
  imBackup: string | null
  /** `returning`: in foreground without a stream, about to log in by itself (HA-07). */
  im: 'connected' | 'suspended' | 'returning' | 'none' | 'not used'
  unread: number
  /** Of those that wait for it, how many are out of reach on a node that is shut down (HA-04). */
  unreadOutOfReach: number
  /** Its queue over time; empty while nothing ever waited. */
  unreadDepth: DepthSample[]
  /** Messages in its chat history (HA-02). */
  history: number
  /** When its user last used this client; negative before the lab (MSG-04). */
  lastUsedAt: number
  /** What its user has chosen to show; `presence` is Away while the client is suspended (MSG-03). */
  status: string
  /** What it sees of the people it watches. */
  contacts: { name: string; presence: string }[]
  presence: string
  subscriberService: string
  tokenShort: string
  tokenSetAt: number
  tokenDead: boolean
  keyFingerprint: string
  keySetAt: number
  screen: DeviceScreen
  /** Local push as the client sees it; null for devices that never have it. */
  localPush: LocalPush | null
  reach: Reach
  messageReach: Reach
  missedCalls: number
  pushes: number
  warnings: string[]
  /** Colour of the canvas grid: one word per state. */
  state: 'idle' | 'waking' | 'ringing' | 'in call' | 'unreachable' | 'signed out' | 'suspended'
}

/** Where the client stands with its local push session, and why (LPNS-09). */
export type LocalPush = {
  /** `hunting`: asks node after node, from the top. `waiting`: tries again later. `off`: something is missing. */
  state: 'open' | 'hunting' | 'waiting' | 'off'
  node: string | null
  since: number
  text: string
  why: string
  /** LocalPushSSIDList of its jabber-config.xml; empty when the file has none (LPNS-08). */
  ssids: string[]
}

/** A local push session from both ends; they may differ, and then one of them is in for a surprise. */
export type SessionRow = {
  kind: 'session'
  /** The device. */
  id: string
  label: string
  user: string
  wifi: string | null
  /** What the client believes. */
  client: LocalPush['state']
  clientNode: string | null
  text: string
  why: string
  /** Nodes that hold a session of it themselves; a second one is stale. */
  holders: string[]
  openedAt: number | null
  /** Last sign of life at the newest holder, and when that one would close the session without another. */
  lastKeepaliveAt: number | null
  deadlineAt: number | null
  /** When the client sends its next one. */
  nextKeepaliveAt: number | null
  tokenIssuedAt: number | null
  tokenEndsAt: number | null
  keepalives: number
  pushes: number
  /** Since when no local push could have reached it, although it once had a session; null when one could. */
  gapSince: number | null
  /** Last gap, in milliseconds; null when there was none. */
  lastGapMs: number | null
  /** A client on a real socket, and its address. */
  real: boolean
  address: string
}

export type FlowState =
  | 'in progress'
  | 'ringing'
  | 'answered'
  | 'ended'
  | 'missed'
  | 'dropped'
  | 'declined'
  | 'diverted'
  | 'failed'
  | 'delivered'
  | 'waiting for tap'
  | 'done'

export type FlowRow = {
  kind: 'flow'
  id: string
  flow: number
  /** `push`: of a provider outside, at a real APNs, FCM or Push REST of this lab. */
  type: 'call' | 'message' | 'onboarding' | 'check' | 'sign-in' | 'admin' | 'push'
  title: string
  from: string
  to: string
  state: FlowState
  startedAt: number
  endedAt: number | null
  /** Instant the first push was handed to the push path (t0), null when no push was needed. */
  pushAt: number | null
  /** Offered to the registered device, and answered. */
  offeredAt: number | null
  answeredAt: number | null
  /** Running deadlines, drawn as bars on ladder and timeline. */
  timers: FlowTimer[]
  tracking: string[]
  /** First cause of a bad end, as one sentence, and the event that shows it. */
  cause: string
  causeSeq: number | null
  causeWhy: string
  linkedTo: number | null
  /** Number of hops so far. */
  hops: number
}

export type FlowTimer = {
  name: string
  place: string
  startAt: number
  dueAt: number
  endedAt: number | null
  fired: boolean
  why: string
}

/** Every push is in exactly one state; the counts always sum to the pushes created (DEC-33). */
export type PushState = 'created' | 'sent' | 'accepted' | 'delivered' | 'shown' | 'used' | 'failed' | 'expired' | 'superseded'

export const PUSH_STATES: readonly PushState[] = [
  'created',
  'sent',
  'accepted',
  'delivered',
  'shown',
  'used',
  'failed',
  'expired',
  'superseded',
]

export type PushPurpose = 'incoming call' | 'missed call' | 'answered elsewhere' | 'message' | 'push of a provider'

export type PushRow = {
  kind: 'push'
  /** The tracking ID (SEC-06, DEC-22). */
  id: string
  flow: number
  device: string
  purpose: PushPurpose
  /** 'VoIP', 'Message' or 'shared' (CH-09). */
  channel: 'VoIP' | 'Message' | 'shared'
  path: 'cloud' | 'local'
  sender: string
  state: PushState
  createdAt: number
  changedAt: number
  reason: string
  /** Time spent waiting in the sender's queue; 0 for VoIP (CALL-06). */
  queuedMs: number
}

export type FaultRow = {
  kind: 'fault'
  id: string
  /** Link, node, service or cloud it sits on. */
  on: string
  title: string
  since: number
  hits: number
  /** Remaining hits for counted faults, null when unlimited. */
  left: number | null
  hidden: boolean
}

export type Severity = 'Alert' | 'Critical' | 'Error' | 'Warning' | 'Notice' | 'Information'

export type AlarmRow = {
  kind: 'alarm'
  id: string
  name: string
  severity: Severity
  service: string
  node: string
  raisedAt: number
  clearedAt: number | null
  /** The event that tells what cleared it; null while it stands. */
  clearedSeq: number | null
  count: number
  text: string
  action: string
  causeSeq: number | null
  ciscoLog: string
  why: string
}

export type CounterRow = {
  kind: 'counter'
  /** `node/object/name`. */
  id: string
  node: string
  object: string
  name: string
  value: number
  why: string
}

/** What the configuration itself says, before anything is tried. */
export type FindingRow = {
  kind: 'finding'
  id: string
  level: 'Pass' | 'Warning' | 'Fail'
  subject: string
  text: string
  fix: string
  why: string
}

export type LabRow = {
  kind: 'lab'
  id: 'lab'
  title: string
  about: string
  file: string
  seed: number
  /** Lesson part, when the scenario has one; faults stay out of it until revealed. */
  lesson: { symptom: string; hints: string[]; cause: string; fixes: string[] } | null
  releases: { unifiedCm: string; presence: string | null; expressway: string | null }
  devices: number
  /** IDs of what the administrator has set up for jabber-config.xml (LPNS-07, LPNS-08). */
  ucServices: string[]
  serviceProfiles: string[]
  pushStates: Record<PushState, number>
  pushesCreated: number
  messageStates: Record<MessageState, number>
  messagesCreated: number
  eventsSoFar: number
  eventsKept: number
}

export type Row =
  | LabRow
  | NodeRow
  | ImNodeRow
  | LinkRow
  | DeviceRow
  | SessionRow
  | FlowRow
  | PushRow
  | FaultRow
  | AlarmRow
  | CounterRow
  | FindingRow

export type RowKind = Row['kind']
export type RowKey = { kind: RowKind; id: string }
