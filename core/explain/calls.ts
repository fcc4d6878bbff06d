// Which channel reaches a client, and how calls and messages travel. Sections CH, CALL, CN, AND, MSG.

import { rule } from './rule.ts'

export const CALL_RULES = {
  'CH-01': rule(
    'Start-up registrations',
    'When the app starts it signs in everywhere it needs: call control, its message service, and the push cloud of its platform. Only then can it be found both directly and by push.',
    'Configuration guide, How Push Notifications Work',
  ),
  'CH-02': rule(
    'What counts as suspended',
    'An app off the screen, a locked device or a dark screen each suspend the client on their own. It is in foreground only while none of the three is true.',
    'Configuration guide, How Push Notifications Work',
  ),
  'CH-03': rule(
    'Background cuts the direct channels',
    'A suspended app no longer listens on its SIP or XMPP connection, so the servers talk to nobody there. Push is the side door that wakes it, at the office and over MRA alike.',
    'Configuration guide, Overview',
  ),
  'CH-04': rule(
    'A foreground call rides on SIP',
    'The app is awake, so the INVITE reaches it directly and builds the call. A push is sent all the same, but this call does not depend on it.',
    'Configuration guide, Table 3',
  ),
  'CH-05': rule(
    'A foreground message needs no push',
    'Jabber is on screen with a live XMPP session, so the message simply goes down that connection and no push is made.',
    'Configuration guide, Table 3',
  ),
  'CH-06': rule(
    'iOS 12: the push brings the app forward',
    'On iOS 12 one shared channel carries the push and the system moves the app to foreground by itself. It then registers and takes the call over SIP, without CallKit.',
    'Configuration guide, Table 3',
  ),
  'CH-07': rule(
    'iOS 13 and later: CallKit first, SIP after',
    'The VoIP push makes the phone show the incoming call at once. Behind that screen the app registers again and waits for the INVITE; an answer given early is completed only when SIP has caught up.',
    'Configuration guide, Table 3',
  ),
  'CH-08': rule(
    'A message waits for the tap',
    'The push puts a notification on the phone and nothing more. The message itself stays on the server until the user taps, which opens the app and fetches it.',
    'Configuration guide, Table 3',
  ),
  'CH-09': rule(
    'One push channel or two',
    'On iOS 12 everything shares a single channel; iOS 13 and Android keep messages apart from calls. Even there it takes a Unified CM release that knows how to separate them.',
    'Configuration guide, Feature Support',
  ),
  'CH-10': rule(
    'The cloud route',
    'Every cloud push takes the same road: your server, the Cisco push service, Apple or Google, the device. The app then comes back to your own servers, even if it had been stopped.',
    'Configuration guide, Figure 1',
  ),
  'CH-11': rule(
    'Logged out means no push',
    'Logging out removes the device from the list of push targets. Calls and messages for the user no longer try to wake this device.',
    'Configuration guide, Table 5',
  ),
  'CH-12': rule(
    'The phone may hide notifications',
    'The user has not allowed this app to show notifications. The push did arrive and the servers see a success, yet the phone displays nothing.',
    'Configuration guide, Prerequisites',
  ),
  'CH-13': rule(
    'Silent or disconnected',
    'A background session with network is counted as silent, one whose network is gone as disconnected. Pushes are booked on the counter of the form the session had.',
    'public: Cisco deployment guide, performance monitoring',
  ),
  'CALL-01': rule(
    'A push call, hop by hop',
    'The caller’s INVITE is parked on Unified CM while a push travels to the phone and back comes a registration. Only then does the INVITE go out, the phone ring and an answer count.',
    'Configuration guide, Figure 2',
  ),
  'CALL-02': rule(
    'The caller hears ringing after 5 s',
    'The phone has not reported ringing within 5 seconds, so Unified CM plays ringing to the caller to avoid silence. A phone that rings earlier makes this unnecessary.',
    'Configuration guide, Table 5',
  ),
  'CALL-03': rule(
    'The call is dropped after 13 s',
    'If the call cannot be offered to the device within 13 seconds of the first push, Unified CM gives up. A client that registers just before that still gets the call.',
    'Configuration guide, Table 5',
  ),
  'CALL-04': rule(
    'A second push tells of a missed call',
    'The caller hung up too early or the phone came too late. A second push closes the call screen and leaves a missed-call entry instead.',
    'Configuration guide, Apple Push Notification',
  ),
  'CALL-05': rule(
    'Answered on another device',
    'Someone picked up on a device that shares this line. A second push tells this phone to stop ringing, and no missed call is recorded.',
    'Configuration guide, Apple Push Notification',
  ),
  'CALL-06': rule(
    'Call pushes jump the queue',
    'A call cannot wait, so pushes of type VoIP are sent with high priority and pass any message pushes in line.',
    'Configuration guide, Apple Push Notification; public: Apple, Firebase',
  ),
  'CALL-07': rule(
    'Who is calling comes with the push',
    'CallKit opens the moment the push arrives and shows the name and number found inside it. Without the Caller ID feature on the server those fields stay empty.',
    'Configuration guide, Apple Push Notification',
  ),
  'CALL-08': rule(
    'The name shown to outsiders',
    'With an External Presentation Name and Number set, the push shows these instead of the caller’s own. Older releases ignore the setting.',
    'Configuration guide, Feature Support',
  ),
  'CALL-09': rule(
    'CallKit says video even for audio',
    'Jabber and Webex on iOS announce each incoming call as video because of how CallKit works. The INVITE may well be audio only.',
    'Configuration guide, Push Notifications Behavior',
  ),
  'CALL-10': rule(
    'Jabber 12.9 and later: answer on CallKit',
    'On a locked phone the call screen fills the display and can be answered or rejected without unlocking. On an unlocked one it appears as a call notification, and Jabber opens after the answer.',
    'Configuration guide, calling experience comparison',
  ),
  'CALL-11': rule(
    'Jabber 12.8 and older: answer in Jabber',
    'The push only makes Jabber register; the call then shows up in Jabber itself. CallKit plays no part.',
    'Configuration guide, calling experience comparison',
  ),
  'CALL-12': rule(
    'New client, old server, or the reverse',
    'The client’s own release decides what the call looks like, while the caller’s name still has to be supplied by the server. Messages look the same either way.',
    'Configuration guide, calling experience comparison',
  ),
  'CALL-13': rule(
    'EnableVoipSocket must be off on iOS',
    'While EnableVoipSocket is true, Jabber for iPhone and iPad counts on a socket that iOS does not keep alive, so voice push does not wake it. Set it to false in the Jabber client configuration.',
    'Configuration guide, Prerequisites',
  ),
  'CALL-14': rule(
    'Every hop costs time',
    'The detour through the clouds takes a moment on each hop. What is used up here is missing later from the 13 seconds that the call has.',
    'Configuration guide, Table 5',
  ),
  'CALL-15': rule(
    'Voicemail or SNR may be too eager',
    'If voicemail answers or single number reach rings before the phone could wake, they take the call. Leave voicemail at least 25 s and SNR at least 13 s.',
    'public: Webex for Unified CM deployment guide',
  ),
  'CALL-16': rule(
    'Mobility: call the mobile number instead',
    'The dual-mode client did not register before its push wait timer ran out, so the call goes to the user’s Mobility Identity. Had it been in time, Jabber or Webex would have rung.',
    'public: Cisco deployment guide, performance monitoring',
  ),
  'CN-01': rule(
    'Mainland China: a toast instead of CallKit',
    'Devices in this region may not open CallKit, so the call is announced as a message. The user has to tap it; only then does the app register and receive the call.',
    'Configuration guide, iOS 13 Push Notification (China Region)',
  ),
  'CN-02': rule(
    'Mainland China: tap within 13 s',
    'The call waits 13 seconds for the tap. After that it is gone and the user sees a missed-call message.',
    'Configuration guide, iOS 13 Push Notification (China Region)',
  ),
  'CN-03': rule(
    'Where the China rules apply',
    'They exist on iOS 13 and later with recent enough servers and clients, and never on Android. Elsewhere the region setting changes nothing.',
    'Configuration guide, Table 1',
  ),
  'CN-04': rule(
    'Mainland China: messages as usual',
    'Only calls are affected by the region; instant messages are pushed exactly as anywhere else.',
    'Configuration guide, iOS 13 Push Notification (China Region)',
  ),
  'CN-05': rule(
    'Mainland China: counters of their own',
    'Call, missed-call and answered-elsewhere pushes go out as messages here and are booked on the custom-region counters.',
    'public: Cisco deployment guide, performance monitoring',
  ),
  'AND-01': rule(
    'Android push starts with 12.5(1)SU3',
    'Older servers have no push for Android at all. Calls are pushed to Jabber and Webex, messages only to Jabber because Webex fetches its messages from its own cloud.',
    'Configuration guide, Android Push Notification',
  ),
  'AND-02': rule(
    'Waking an Android client',
    'The push goes through Google’s FCM; the client registers again and is then given the call. Android shows the app’s own call screen, as it has no CallKit.',
    'Configuration guide, Figure 3',
  ),
  'AND-03': rule(
    'Android may let the keepalive die',
    'In background the connection to Unified CM can go silent without anyone noticing. With cloud onboarding FCM reaches the client anyway; without it calls and chats are missed.',
    'Configuration guide, Android Push Notification',
  ),
  'AND-04': rule(
    'API level 34 ends the VoIP socket',
    'A Jabber built for Android API level 34 cannot keep a socket in background, so FCM is the only way in. The servers need 12.5(1)SU3, and Expressway X12.6.2 with MRA; Google’s date was August 31st, 2024.',
    'Configuration guide, Android Push Notification',
  ),
  'AND-05': rule(
    'Defect CSCvv12541',
    'One combination is named as free of this defect: IM and Presence 12.5(1)SU3, Expressway X12.6 and Jabber 12.9. For that set the advisor says nothing.',
    'Configuration guide, Android Push Notification',
  ),
  'AND-06': rule(
    'Two subscriber services on Android',
    'A client signs in to either FCM or FCM:dev, depending on how it was built. Its pushes are booked on that service and on no other.',
    'Configuration guide, Android Push Notification',
  ),
  'MSG-01': rule(
    'The way of a message push',
    'IM and Presence hands the push to the Cisco push service, which passes it to Apple or Google. The chat session itself resumes only when the user taps.',
    'Configuration guide, Table 3',
  ),
  'MSG-02': rule(
    'What waits on the server',
    'While the client sleeps, its messages, presence updates and other stanzas are kept in a queue on its own node. A tap or a return to foreground releases them in order.',
    'Configuration guide, Unread Message Queue',
  ),
  'MSG-03': rule(
    'Suspended looks like Away',
    'Others see this user as Away as long as the client is suspended. The earlier state returns with the app.',
    'Configuration guide, Table 3',
  ),
  'MSG-04': rule(
    'Desktop and mobile: who gets the message',
    'With a desktop client around, the phone is pushed only if it was used last, or the desktop has been idle for more than 300 s, or the desktop has signed out.',
    'Configuration guide, Table 5',
  ),
  'MSG-05': rule(
    'Talking on the desktop, pushed on the phone',
    'While the user is in a call on the Windows client, a chat message also goes to the phone. Without a call the active desktop keeps it.',
    'Configuration guide, How Push Notifications Work',
  ),
  'MSG-06': rule(
    'Message push has three switches',
    'Instant messaging, Multiple Device Messaging and Stream Management must all be on. If one is off no message is pushed, while calls do not care.',
    'Configuration guide, Prerequisites',
  ),
  'MSG-07': rule(
    'Webex messages bypass IM and Presence',
    'The Webex App gets its messages from the Webex cloud. Your IM and Presence nodes neither hold a session for it nor push to it.',
    'Configuration guide, Table 2',
  ),
} as const
