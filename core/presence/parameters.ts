/** Numbers of message push and its high availability, each with where it comes from. */

/** Clients reach their node here, routers of a cluster each other there. */
export const XMPP_PORT = 5_222
export const ROUTER_PORT = 7_400

/** Stanzas kept for one suspended client; more are refused, and the flow says so. */
export const QUEUE_LIMIT = 1_000

/** A stanza of which nothing is heard for this long counts as lost; our choice. */
export const STANZA_TIMEOUT_MS = 30_000

/** A desktop client that was used within this time keeps the message to itself; beyond it the phone is pushed (MSG-04). */
export const DESKTOP_ATTENDED_MS = 300_000

/** JSM sessions re-created per second: 7,500 of them in 10 to 20 minutes, 15 as a rule (HA-09, DEC-18). */
export const REBUILD_PER_SECOND = { min: 6.25, default: 8.33, max: 12.5 } as const

/** Users that may log in again per second in an HA event (HA-10). */
export const RELOGIN_PER_SECOND = 4

/** The reference case of the re-login calculator (HA-10). */
export const RELOGIN_REFERENCE = { users: 7_500, lowerSeconds: 200, upperSeconds: 2_075 } as const

/** Shortest span between the limits that is proposed for a small lab. */
export const RELOGIN_SPAN_MIN_SECONDS = 5

/** How long a client waits for its login before it tries again; our choice. */
export const LOGIN_RETRY_MS = 30_000

/** Until a client in foreground notices that its stream is dead; our choice. */
export const RECONNECT_AFTER_MS = 1_000

/** How long the backup hears nothing from a node before it takes over; our choice, short enough for a lesson. */
export const FAILOVER_AFTER_MS = 10_000

/**
 * How long a critical service is down before the Server Recovery Manager of its node hands the sessions over: Critical Service
 * Down Delay, 90 s by default (public: IM and Presence configuration guide). That Cisco XCP Router counts however it came to a
 * stop, by hand too, is modelled.
 */
export const CRITICAL_SERVICE_DOWN_MS = 90_000

/** How long a node is back before its users return by themselves; our choice. */
export const FALLBACK_AFTER_MS = 60_000

/** Until a crashed XCP Router is started again by the node itself; our choice. */
export const ROUTER_REVIVES_AFTER_MS = 10_000

/** A restart of Expressway; our choice. */
export const EXPRESSWAY_RESTART_MS = 30_000
