// Alarms and counters. Section ALM.

import { rule } from './rule.ts'

const GUIDE = 'public: Cisco deployment guide, performance monitoring'

export const ALARM_RULES = {
  'ALM-01': rule(
    'CallManager cannot reach its CPNS',
    'Nothing can be pushed for calls on this node. Start CPNS if it is stopped, otherwise restart it, and check port 9966 on the node.',
    GUIDE,
  ),
  'ALM-02': rule(
    'A call push hit a dead device token',
    'The cloud said 410: the device’s address no longer exists. Its user has to log out and in to get a new one; until then it is not pushed.',
    GUIDE,
  ),
  'ALM-03': rule(
    'CPNS has no valid access token',
    'A login or network error keeps CPNS from getting a token, so the cloud would refuse its pushes. See whether onboarding is still completed.',
    GUIDE,
  ),
  'ALM-04': rule('CPNS did not start', 'The service failed inside while starting. Restart it and read its log for the cause.', GUIDE),
  'ALM-05': rule(
    'The access token expired without a successor',
    'The old token ran out and a new one could not be fetched. Pushes stop until that works again.',
    GUIDE,
  ),
  'ALM-06': rule(
    'No HTTP connections to the cloud',
    'CPNS could not set up its pool of client connections. Wrong proxy settings are the usual reason.',
    GUIDE,
  ),
  'ALM-07': rule(
    'A message push failed',
    'IM and Presence could not send it, for a reason other than a bad token. The error code in the alarm tells which.',
    GUIDE,
  ),
  'ALM-08': rule(
    'A message push hit a dead device token',
    'The address of this device has become invalid. The user should log in to Jabber again.',
    GUIDE,
  ),
  'ALM-09': rule(
    'A message push used a bad access token',
    'The cloud did not accept the token of IM and Presence. Look in the log whether it was renewed in time.',
    GUIDE,
  ),
  'ALM-10': rule(
    'IM and Presence could not fetch a token',
    'The identity service refused or could not be reached. The code in the alarm says which of the two.',
    GUIDE,
  ),
  'ALM-11': rule(
    'IM and Presence has no token at all',
    'Nothing was ever fetched, often because a root certificate or the proxy setting is missing on this side. Calls may work all the same.',
    GUIDE,
  ),
  'ALM-12': rule(
    'Jabber on iOS could not use a push',
    'The push arrived, but the app failed to process it, which needs support from TAC. It is over when the app has processed a push again, or its user has logged out (modelled).',
    GUIDE,
  ),
  'ALM-13': rule(
    'Unread messages may time out',
    'Before 12.5(1), a Jabber that was closed without signing out leaves messages on the server, where they can expire. The user should sign in.',
    GUIDE,
  ),
  'ALM-14': rule(
    'A local push client has a bad token',
    'Its OAuth token is invalid or expired, so Unified CM drops the session and stops pushing locally to it. See whether the app renews its token.',
    GUIDE,
  ),
  'ALM-15': rule(
    'CallManager cannot reach LPNS',
    'Local push is out on this node. Restart CPNS and LPNS, then look at their logs; calls go through Apple meanwhile.',
    GUIDE,
  ),
  'ALM-16': rule('LPNS did not start', 'The service failed inside while starting. Restart it and read its log for the cause.', GUIDE),
  'ALM-17': rule(
    'Sent, answered, answered badly',
    'Three counters follow cloud pushes for calls. A failed TLS handshake raises the error counter although no answer ever came.',
    GUIDE,
  ),
  'ALM-18': rule(
    'Counters for devices without CallKit',
    'Calls to the custom region are pushed as messages and counted apart: new calls, missed ones, and those that a shared line took.',
    GUIDE,
  ),
  'ALM-19': rule(
    'Counters of local push',
    'The node that talks to the client does the counting. In a relay that is the one holding the session, not the one handling the call.',
    GUIDE,
  ),
  'ALM-20': rule(
    'Mobility: in time or not',
    'Each Mobility call raises one of two counters: Jabber was reached in time, or the call went to the mobile number.',
    GUIDE,
  ),
  'ALM-21': rule(
    'Counters of message push',
    'Successes and failures add up to the attempts. Targets found invalid or expired are counted in addition.',
    GUIDE,
  ),
  'ALM-22': rule(
    'A counter family per subscriber service',
    'Only the family of the client’s service moves. The number of enabled sessions is a level, the other four begin again at zero each minute.',
    GUIDE,
  ),
  'ALM-23': rule(
    'Counters come with their release',
    'FCM counters exist from 12.5(1)SU3, local push alarms and counters from 14SU3. Older releases do not list them.',
    GUIDE,
  ),
  'ALM-24': rule(
    'An alarm as a log line',
    'Facility, severity digit, name, bracketed details and text, in the form that log collectors know.',
    'public: TAC sample line',
  ),
  'ALM-25': rule(
    'An alarm clears with its cause',
    'What the system can see repaired clears by itself, and the event says by what; everything else stays raised. Each alarm and counter is reached by at least one exercise.',
    'our decision',
  ),
} as const
