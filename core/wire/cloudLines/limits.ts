/** What the lines grant to whoever answers them. Waits of the protocol are the lab's own timers; these end what those left behind. */

/** Lines at once: every push service of the largest lab has one to each service of the cloud, twice over. */
export const MAX_LINES = 500

/** Requests that wait on one line for their turn: there is no pipelining. */
export const MAX_QUEUED = 1_000

/** Requests to APNs and FCM that are in flight at once. */
export const MAX_FORWARDS = 1_000

/** Longest answer that is read, of the cloud and of a proxy that refuses. */
export const MAX_REPLY_BYTES = 64 * 1_024

/** Longest head of an answer, and the most lines in it. */
export const MAX_HEAD_BYTES = 16 * 1_024
export const MAX_HEAD_LINES = 100

/** No machine waits longer than five seconds for anything; a socket that is still busy after this is nobody's. */
export const FORGOTTEN_MS = 60_000

/** One question to the lab's name server, which is on this machine, and how often it is put. */
export const DNS_TIMEOUT_MS = 1_000
export const DNS_TRIES = 2

/** Connections to FCM at most. */
export const FCM_CONNECTIONS = 8
