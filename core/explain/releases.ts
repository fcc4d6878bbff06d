// What releases permit. Section REL.

import { rule } from './rule.ts'

export const RELEASE_RULES = {
  'REL-01': rule(
    'Releases decide the features',
    'Each feature needs a minimum release of every component involved. The cell shown beside it is the one that decided.',
    'Configuration guide, Table 1 and Feature Support',
  ),
  'REL-02': rule(
    'On iOS there is only push',
    'Since August 2020 an iOS app in background can be reached in no other way. Without push the call has nowhere to go.',
    'Configuration guide, Apple Push Notification',
  ),
  'REL-03': rule(
    'Jabber 12.9 follows the iOS 13 rules',
    'From this release on the iOS client is built for iOS 13 and uses CallKit and two channels. Older clients behave as on iOS 12.',
    'Configuration guide, Apple Push Notification',
  ),
  'REL-04': rule(
    'No local push before 14SU3',
    'The local push service does not exist on older releases, so it is neither listed nor active.',
    'Configuration guide, Local Push Notification Service',
  ),
  'REL-05': rule(
    'iOS 12 is no longer supported',
    'Field notice FN70555 withdrew push to iOS 12. The lab still runs it to show how it worked, and warns.',
    'Configuration guide, Minimum Releases; public: FN70555',
  ),
  'REL-A1': rule(
    'Message push through Apple: minimum releases',
    'Messages to Jabber on iOS begin with 11.5(1)SU2 on both servers, Jabber 11.8.1 and iOS 12; over MRA Expressway X8.9.1 is needed too.',
    'Configuration guide, Table 1',
  ),
  'REL-A2': rule(
    'Call push through Apple: minimum releases',
    'Calls to iOS begin with 11.5(1)SU3, Jabber 11.9.0 or Webex 40.6; over MRA Expressway must be X8.10.1 or later.',
    'Configuration guide, Table 1',
  ),
  'REL-A3': rule(
    'CallKit: minimum releases',
    'Each Unified CM train has its own minimum: SU8 of 11.5, SU3 of 12.5, or any 14. The device needs iOS 13 with Jabber 12.9 or Webex 40.6.',
    'Configuration guide, Table 1',
  ),
  'REL-A4': rule(
    'China region: minimum releases',
    'The special treatment begins with 12.5(1)SU3 or 14, the maintenance release of Jabber 12.9 or Webex 41.4, and iOS 13.',
    'Configuration guide, Table 1',
  ),
  'REL-A5': rule(
    'Android through FCM: minimum releases',
    'Android joins with 12.5(1)SU3 or 14, Jabber 12.9.1 or Webex 40.8, and Android 8.0; over MRA with Expressway X12.6.2.',
    'Configuration guide, Table 1',
  ),
  'REL-A6': rule(
    'Local push: minimum releases',
    'It takes 14SU3, iOS 16.5 and Jabber 14.2 or Webex 43.6, on your own Wi-Fi. Over MRA it is not available.',
    'Configuration guide, Table 1',
  ),
  'REL-B1': rule(
    'Calls on iPhone and iPad',
    'Both Jabber and Webex get call pushes through Apple, and locally where release and network allow it.',
    'Configuration guide, Table 2',
  ),
  'REL-B2': rule(
    'Calls on Android',
    'Both Jabber and Webex get call pushes through Google. There is no local push for Android.',
    'Configuration guide, Table 2',
  ),
  'REL-B3': rule(
    'Messages on iPhone and iPad',
    'Only Jabber is pushed, through Apple. Local push does not carry messages.',
    'Configuration guide, Table 2',
  ),
  'REL-B4': rule(
    'Messages on Android',
    'Only Jabber is pushed, through Google. Local push does not exist here.',
    'Configuration guide, Table 2',
  ),
  'REL-C1': rule(
    'Supported: local push on iOS 16.5',
    'A supported set has 14SU3 and Jabber 14.2 or Webex 43.6. Messages are not part of it.',
    'Configuration guide, Minimum Releases',
  ),
  'REL-C2': rule(
    'Supported: iOS 12',
    'The old minimum was 11.5(1)SU4 with Jabber 11.9, but the whole row is withdrawn by FN70555.',
    'Configuration guide, Minimum Releases',
  ),
  'REL-C3': rule(
    'Supported: iOS 13 and later',
    'A supported set has 11.5(1)SU8 or 12.5(1)SU3 on both servers, Jabber 12.9, and Expressway X12.6 with MRA.',
    'Configuration guide, Minimum Releases',
  ),
  'REL-C4': rule(
    'Supported: Android',
    'A supported set has 12.5(1)SU3 on both servers, Jabber 12.9.1, and Expressway X12.6.2 with MRA.',
    'Configuration guide, Minimum Releases',
  ),
  'REL-D1': rule(
    'Features of 11.5(1)SU4 to SU7',
    'iOS gets basic push over one channel, without the caller’s identity. Android gets nothing.',
    'Configuration guide, Feature Support',
  ),
  'REL-D2': rule(
    'Features of 11.5(1)SU8',
    'iOS 13 gains the caller’s identity and separate channels. iOS 12 and Android stay as they were.',
    'Configuration guide, Feature Support',
  ),
  'REL-D3': rule(
    'Features of 12.5 up to SU2',
    'Only basic push over one channel: coming from 11.5(1)SU8, the caller’s identity and the second channel are lost.',
    'Configuration guide, Feature Support',
  ),
  'REL-D4': rule(
    'Features of 12.5(1)SU3',
    'iOS 13 has everything the cloud path offers, including external presentation and the active node. Android starts here.',
    'Configuration guide, Feature Support',
  ),
  'REL-D5': rule(
    'Features of 14SU3',
    'Local push arrives for iOS 16.5. The columns for iOS 12 and 13 say no support; the lab runs these devices on and warns.',
    'Configuration guide, Feature Support',
  ),
} as const
