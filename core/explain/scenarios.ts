// The faults that ship with the lab. Section SCN. The texts name the repair, so a lesson with hidden
// faults shows them only once the fault is revealed.

import { rule } from './rule.ts'

export const SCENARIO_RULES = {
  'SCN-01': rule(
    'Fault: the machine token is dead',
    'Push counters stand still and both products report token trouble. Replace the refresh token and restart the services in order.',
    'public: TAC 222556; Configuration guide, Update Refresh Token Manually',
  ),
  'SCN-02': rule(
    'Fault: the cloud changed its CA',
    'Handshakes fail since the cloud shows a certificate from a new CA. Load the new root or let Cisco manage it, then restart in the order of the field notice.',
    'public: FN72120',
  ),
  'SCN-03': rule(
    'Fault: IM and Presence lacks the roots',
    'Calls are pushed and messages are not, because only one of the two products trusts the cloud. Load the roots on all its nodes.',
    'public: CSCvn50468',
  ),
  'SCN-04': rule(
    'Fault: firewall rule by address',
    'The cloud moved to other addresses and the firewall did not follow. Names resolve, TCP is blocked; allow host names instead.',
    'public: FN74092',
  ),
  'SCN-05': rule(
    'Fault: idle connections are cut too soon',
    'The first push after a quiet spell vanishes while busy hours look healthy. Raise the firewall’s idle limit to 30 minutes or more.',
    'Configuration guide, Table 5',
  ),
  'SCN-06': rule(
    'Fault: trouble at the proxy',
    'Wrong password, TLS inspection, a dead or a changed address: each leaves its own mark on the ladder. Read the first failing hop.',
    'Configuration guide, DNS Requirements for Proxy Servers',
  ),
  'SCN-07': rule(
    'Fault: CPNS is out on one node',
    'Only calls handled by that node go unpushed. Start the service or open port 9966 there.',
    'Configuration guide, Prerequisites; public: Cisco deployment guide',
  ),
  'SCN-08': rule(
    'Fault: one stale device token',
    'A single user is deaf in background while all others are fine. Logging out and in gives the device a new token.',
    'public: Cisco deployment guide',
  ),
  'SCN-09': rule(
    'Fault: the phone wakes too slowly',
    'Ringing for the caller at 5 s, the end at 13 s, and sometimes voicemail or the mobile takes the call before. Look where the seconds went.',
    'Configuration guide, Table 5',
  ),
  'SCN-10': rule(
    'Fault: the primary died while the app slept',
    'An old release sends the client to the dead node first; a new one names the living node. Run both and compare.',
    'Configuration guide, Push Notification in case of Failover',
  ),
  'SCN-11': rule(
    'Fault: MRA prepared in the wrong order',
    'Messages over MRA are not pushed or logins do not match. Refresh, restarts and upgrade order decide.',
    'Configuration guide, Minimum Releases',
  ),
  'SCN-12': rule(
    'Fault: four ways to lose an IM node',
    'Failure, shutdown, crash and restart treat waiting messages differently. Compare what is lost and what returns.',
    'Configuration guide, Redundancy and Failover Use Cases',
  ),
  'SCN-13': rule(
    'Fault: the local session dies',
    'Expired token, a Wi-Fi name that does not match, or a half-open socket. The call must then still arrive through Apple.',
    'Configuration guide, How Local Push Connectivity Works; public: field issues',
  ),
  'SCN-14': rule(
    'Fault: iOS refuses the LPNS certificate',
    'No session opens and no alarm rings; every call quietly goes through Apple. The client’s log names the certificate rule.',
    'Configuration guide, Table 7',
  ),
  'SCN-15': rule(
    'A fault is one file',
    'Topology, seed, faults, expected signs and repair stand together, so a lesson is also a test that runs the same way every time.',
    'our decision',
  ),
} as const
