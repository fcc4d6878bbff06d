// How the stand-ins for Apple and Google answer. Sections APNS and FCM.

import { rule } from './rule.ts'

export const CLOUD_RULES = {
  'APNS-01': rule(
    'Apple speaks HTTP/2 over TLS',
    'A notification is a POST to the path of its device token on a modern TLS connection. Other methods, paths or HTTP/1.1 are refused.',
    'public: Apple',
  ),
  'APNS-02': rule(
    'The provider’s token',
    'Each request carries a signed token at most an hour old. Missing, wrong, stale or too often renewed ones get their own error.',
    'public: Apple',
  ),
  'APNS-03': rule(
    'Headers say what kind of push it is',
    'Type, topic, priority, lifetime and ID are checked one by one. A wrong one is refused with a reason that names it.',
    'public: Apple',
  ),
  'APNS-04': rule(
    'How large a push may be',
    'A VoIP push holds 5120 bytes, any other 4096. One byte more, or none at all, is refused.',
    'public: Apple',
  ),
  'APNS-05': rule(
    'Bad token or gone device',
    'A malformed or foreign token is a 400. A device that has unregistered is a 410 with the time since when, and should not be tried again.',
    'public: Apple',
  ),
  'APNS-06': rule(
    'Rarer answers from Apple',
    'Certificate trouble, too many requests, internal errors or maintenance. They do not arise by themselves here; a fault script provokes them.',
    'public: Apple, Pushy',
  ),
  'APNS-07': rule(
    'Which fault is named first',
    'A request with several faults gets one reason. As the order of the checks never changes, neither does the answer.',
    'public: Pushy mock server',
  ),
  'APNS-08': rule(
    'Apple may close the connection',
    'On overload or after many bad tokens it says GOAWAY with a reason. Pushes still in flight count as failed and are shown so.',
    'public: Pushy, field reports',
  ),
  'APNS-09': rule(
    'One stored push per app',
    'For a phone that is offline Apple keeps only the newest notification. With expiration 0 it keeps none.',
    'public: Apple',
  ),
  'APNS-10': rule(
    'How calls and messages are marked',
    'Calls go out as type voip with the highest priority; messages, and calls in the China region, as alert.',
    'public: Apple; Configuration guide, Apple Push Notification',
  ),
  'APNS-11': rule(
    'A VoIP push must become a call',
    'iOS ends an app that gets a VoIP push and reports no call to CallKit. After some repetitions it stops waking the app.',
    'public: Apple',
  ),
  'APNS-12': rule(
    'Real clients work with this stand-in',
    'An unmodified public library sends to it and understands its answers, so what you see is not our invention alone.',
    'public: npm package @parse/node-apn',
  ),
  'FCM-01': rule(
    'How a message is sent to Google',
    'A POST with an OAuth token, answered with the name of the accepted message. Accepted is not yet delivered.',
    'public: Firebase',
  ),
  'FCM-02': rule(
    'Priority, lifetime and size at Google',
    'High priority wakes the device, the lifetime says how long it may wait, and 4096 bytes of data are the limit. Lifetime 0 means now or never.',
    'public: Firebase',
  ),
  'FCM-03': rule(
    'How Google reports an error',
    'The answer has code, status and details; the FCM error code stands in the details. A bad field is described in its own form.',
    'public: Firebase',
  ),
  'FCM-04': rule(
    'What Google’s error codes mean',
    'UNREGISTERED says that the app is gone and pushes must stop until a new sign-in; UNAVAILABLE asks to wait. Each code has its HTTP status.',
    'public: Firebase',
  ),
  'FCM-05': rule(
    'Google limits the rate',
    'Projects and devices have quotas by the minute and hour, and most failed requests use them up too. Beyond the quota comes 429.',
    'public: Firebase',
  ),
  'FCM-06': rule(
    'Retry only what may pass',
    'A sender repeats after 503 or a broken connection, never after a 4xx. The official library works with this stand-in unchanged.',
    'public: npm package firebase-admin',
  ),
} as const
