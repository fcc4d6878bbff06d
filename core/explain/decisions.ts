// Where the documents are silent or disagree: what this lab does instead. Section DEC.

import { rule } from './rule.ts'

const OURS = 'our decision'

export const DECISION_RULES = {
  'DEC-01': rule(
    '401 on a WebSocket',
    'A WebSocket cannot close with code 401. The lab sends a message with that code and closes with 4401; at connect time it answers HTTP 401.',
    OURS,
  ),
  'DEC-02': rule(
    'Grace after a missing keepalive',
    'Keepalives and the deadline are both 120 s apart, which leaves no room for delay. The lab adds 30 s by default; set 0 to see sessions flap.',
    OURS,
  ),
  'DEC-03': rule(
    'One command, two names',
    'The documents call the severity setting both minpushlevel and pushlevel. Either works and both mean the same value.',
    OURS,
  ),
  'DEC-04': rule(
    'Alert ranks above critical',
    'Alarms know a severity that the command does not offer. An alert therefore passes every threshold.',
    OURS,
  ),
  'DEC-05': rule(
    'The server chooses the path',
    'One text sounds as if the phone sent the push. In the lab Unified CM tries the local way and falls back; the phone only receives.',
    OURS,
  ),
  'DEC-06': rule(
    'When local delivery has failed',
    'No time is published. The lab waits 2 s for the client’s answer, and not at all when the session is closed or reports an error.',
    OURS,
  ),
  'DEC-07': rule(
    'One call, two announcements',
    'In foreground both INVITE and push arrive. They carry the same call identity, so the phone shows a single call whichever comes first.',
    OURS,
  ),
  'DEC-08': rule(
    'Messages use XMPP, never SIP',
    'The two documents differ here. The lab follows the more explicit one: Jabber chats over XMPP and Webex over its own cloud.',
    OURS,
  ),
  'DEC-09': rule(
    'Desktop in a call: push the chat',
    'Two notes can contradict each other. Outside calls the device used last decides; during a call the desktop counts as busy and the phone is pushed.',
    OURS,
  ),
  'DEC-10': rule(
    'Working is not yet supported',
    'Two tables give different minima. The lower one decides whether it works, the higher one whether it is supported; in between you get a warning.',
    OURS,
  ),
  'DEC-11': rule(
    'Releases missing from the feature table',
    'Some releases have no row, and some cells contradict other tables. The lab takes the nearest sensible row and says that it did.',
    OURS,
  ),
  'DEC-12': rule(
    'How large local push must scale',
    'No target is published, so the lab set its own: ten thousand sessions on one node, at a stated memory and delay, measured openly.',
    OURS,
  ),
  'DEC-13': rule(
    'Android has no CallKit',
    'A table treats iOS 13 and Android as one. The flow is equal, but Android shows a call notification of its own.',
    OURS,
  ),
  'DEC-14': rule(
    'Port 9966 between nodes',
    'Pushes use the service on the same node, so a block between nodes is reported as a finding. A block on the node itself stops its pushes.',
    OURS,
  ),
  'DEC-15': rule(
    'One resend at most',
    'Silence at one proxy address earns a single attempt at the next. A broken connection earns none.',
    OURS,
  ),
  'DEC-16': rule(
    'Repair commands that are misprinted',
    'Some commands of the repair procedure cannot work as printed. The lab answers them with a syntax error that shows the right form.',
    OURS,
  ),
  'DEC-17': rule(
    'The check tests three hosts',
    'One section names two hosts and another three. All three are tested, the onboarding host on the publisher only.',
    OURS,
  ),
  'DEC-18': rule(
    'How fast sessions are rebuilt',
    'Only the total time is published. The lab rebuilds about 8 sessions per second, which turns 7,500 users into 15 minutes.',
    OURS,
  ),
  'DEC-19': rule(
    'Reading the re-login formula',
    'Limits are taken as seconds and all users of the failed node are counted. The comparison is made before rounding.',
    OURS,
  ),
  'DEC-20': rule(
    'What empties the queue after a restart',
    'One text says a tap, another a login. Here the tap leads to the login, and the login empties the queue.',
    OURS,
  ),
  'DEC-21': rule(
    'Odd names in the catalogue',
    'Published counter names with misspellings are kept so that they can be found. A missing severity follows its siblings, a stray blank is dropped.',
    OURS,
  ),
  'DEC-22': rule(
    'Who makes the tracking ID',
    'A sleeping phone cannot. The sending service creates it, one per push, starting with the name of the service.',
    OURS,
  ),
  'DEC-23': rule(
    'The active node travels encrypted',
    'The documents do not say where it stands in the push. Since nothing but the two clear items may be readable, it is inside.',
    OURS,
  ),
  'DEC-24': rule(
    'How the China region is known',
    'The device tells its region at sign-in. Its calls are sent as alerts, because a VoIP push would force CallKit open.',
    OURS,
  ),
  'DEC-25': rule(
    'When the 5 s and 13 s begin and end',
    'Both start when the first push is handed over. Ringing ends the first, offering the call ends the second, and what arrives at the very instant still counts.',
    OURS,
  ),
  'DEC-26': rule(
    'What the proxy sees',
    'Both kinds of proxy get a CONNECT and carry sealed TLS. They differ in whether the hop to the proxy itself is encrypted.',
    OURS,
  ),
  'DEC-27': rule(
    'The formula behind the capacity figure',
    'It is not published in the text, so the lab states its own and counts the same transactions in the simulation.',
    OURS,
  ),
  'DEC-28': rule(
    'Strict Wi-Fi names by default',
    'The rule allows letters and digits only, while real networks have blanks and hyphens. A switch keeps names as typed, to show what then happens.',
    OURS,
  ),
  'DEC-29': rule(
    'Which XCP service restarts first',
    'Procedure and field notice disagree. Each situation uses the order of its own document, and the wrong one leaves old trust in place.',
    OURS,
  ),
  'DEC-30': rule(
    'How long evaluation lasts',
    'No length is given. The lab uses 90 days and disables provisioning at their end unless the system is registered.',
    OURS,
  ),
  'DEC-31': rule(
    'Names that vary in the documents',
    'Several labels stand for one thing. The lab shows the one from the procedure, and treats Jabber and Webex alike for local push.',
    OURS,
  ),
  'DEC-32': rule(
    'Certificates: refused means refused',
    'The text advises, the phone enforces. A self-signed certificate fails unless imported as trusted, and 397 days is already one too many.',
    OURS,
  ),
  'DEC-33': rule(
    'Accepted is not delivered',
    'A cloud’s OK only says that it took the push. The lab keeps that apart from reaching, showing and using it, and all states add up to the pushes made.',
    OURS,
  ),
  'DEC-34': rule(
    'Modelled, not captured',
    'The wire formats of Push REST and local push are not public. What you see has a format of our own and is labelled so.',
    OURS,
  ),
  'DEC-35': rule(
    'The same run, every time',
    'Time is virtual and chance has a seed. Equal input gives an equal log, so a fault can be shown again to anyone.',
    OURS,
  ),
} as const
