/** The alarms with their published names and severities, in our own words. */
import type { Severity } from '../contract/rows.ts'

type AlarmSpec = {
  severity: Severity
  /** Reporting service, as RTMT names it, and its CiscoLog facility. */
  service: string
  facility: string
  text: string
  action: string
  why: string
}

export const ALARMS = {
  PushNotificationServiceUnavailable: {
    severity: 'Alert',
    service: 'Cisco CallManager',
    facility: 'UC_CALLMANAGER',
    text: 'CallManager has no connection to the Cisco Push Notification Service of its own node; no push can leave this node.',
    action:
      'Start the Cisco Push Notification Service on this node if it is stopped, otherwise restart it; see that port 9966 is open on the node.',
    why: 'ALM-01',
  },
  PushNotificationInvalidDeviceTokenResponse: {
    severity: 'Error',
    service: 'Cisco CallManager',
    facility: 'UC_CALLMANAGER',
    text: 'The cloud answered 410: the push token of this device is dead. No more pushes go to it until it sets a new one.',
    action: 'Let the user log out of the app and sign in again.',
    why: 'ALM-02',
  },
  PushNotificationServiceAccessTokenUnavailable: {
    severity: 'Alert',
    service: 'Cisco CallManager',
    facility: 'UC_CALLMANAGER',
    text: 'The Cisco Push Notification Service has no valid access token, because of an authentication or a network error.',
    action:
      'See that the status of Cisco Cloud Onboarding reads completed and that idbroker.webex.com can be reached from this node; if both are so, open a case with Cisco TAC.',
    why: 'ALM-03',
  },
  StartFailed: {
    severity: 'Critical',
    service: 'Cisco Push Notification Service',
    facility: 'UC_CPNS',
    text: 'The Cisco Push Notification Service could not start because of an internal fault.',
    action: 'Restart the Cisco Push Notification Service; if it stays, read its log and open a case with Cisco TAC.',
    why: 'ALM-04',
  },
  AccessTokenInvalid: {
    severity: 'Alert',
    service: 'Cisco Push Notification Service',
    facility: 'UC_CPNS',
    text: 'The access token has expired and no new one could be had.',
    action:
      'See the status of Cisco Cloud Onboarding and the connection to idbroker.webex.com; if both are well, open a case with Cisco TAC.',
    why: 'ALM-05',
  },
  HttpClientPoolCreationError: {
    severity: 'Alert',
    service: 'Cisco Push Notification Service',
    facility: 'UC_CPNS',
    text: 'The pool of HTTP client connections to the cloud cannot be created.',
    action:
      'Check the proxy settings on the Cloud Onboarding page, user and password included, restart CPNS after a change, and see that onboarding reads completed.',
    why: 'ALM-06',
  },
  PushNotificationFailed: {
    severity: 'Critical',
    service: 'Cisco XCP Config Manager',
    facility: 'UC_XCPCONFIGMGR',
    text: 'A message push could not be sent.',
    action: 'Follow the error code: it names the hop that failed.',
    why: 'ALM-07',
  },
  PushNotificationFailedInvalidDeviceToken: {
    severity: 'Critical',
    service: 'Cisco XCP Config Manager',
    facility: 'UC_XCPCONFIGMGR',
    text: 'A message push failed because the push token of the device is invalid.',
    action: 'Let the user sign in to Jabber again.',
    why: 'ALM-08',
  },
  PushNotificationFailedInvalidAccessToken: {
    severity: 'Critical',
    service: 'Cisco XCP Config Manager',
    facility: 'UC_XCPCONFIGMGR',
    text: 'A message push failed because the access token is invalid.',
    action: 'Look in the service log whether tokens were fetched in time, then at the cloud.',
    why: 'ALM-09',
  },
  AccessTokenFetchFailed: {
    severity: 'Critical',
    service: 'Cisco XCP Config Manager',
    facility: 'UC_XCPCONFIGMGR',
    text: 'The token request of this IM and Presence node failed.',
    action: 'Follow the error code; see that idbroker.webex.com can be reached from this node.',
    why: 'ALM-10',
  },
  XCPConfigMgrAccessTokenIsNull: {
    severity: 'Critical', // blank in the source, as its siblings (DEC-21)
    service: 'Cisco XCP Config Manager',
    facility: 'UC_XCPCONFIGMGR',
    text: 'This IM and Presence node has no access token at all, so no message push can leave it.',
    action: 'Check token URL and refresh token, proxy, and the connection to the cloud.',
    why: 'ALM-11',
  },
  LocalPushNotificationInvalidOAuthToken: {
    severity: 'Alert',
    service: 'Cisco Local Push Notification Service',
    facility: 'UC_LPNS',
    text: 'A client of local push showed an access token that is invalid or has expired. Its session was removed; no more local pushes go to it.',
    action: 'See why the client did not renew its token: refresh token, Cisco Tomcat on its nodes, OAuth with Refresh Login Flow.',
    why: 'ALM-14',
  },
  LocalPushNotificationServiceUnavailable: {
    severity: 'Critical',
    service: 'Cisco Local Push Notification Service',
    facility: 'UC_LPNS',
    text: 'CallManager has no connection to the Cisco Local Push Notification Service of its own node: calls processed here are pushed through Apple only.',
    action:
      'Restart the Cisco Push Notification Service and the Cisco Local Push Notification Service on this node; if it stays, collect their logs and open a case with Cisco TAC.',
    why: 'ALM-15',
  },
  LocalPushStartFailed: {
    severity: 'Alert',
    service: 'Cisco Local Push Notification Service',
    facility: 'UC_LPNS',
    text: 'The Cisco Local Push Notification Service could not start because of an internal fault.',
    action: 'Restart the Cisco Local Push Notification Service; if it stays, collect its log and open a case with Cisco TAC.',
    why: 'ALM-16',
  },
  UnreadMessages: {
    severity: 'Alert',
    service: 'Cisco Jabber',
    facility: 'UC_JABBER',
    text: 'Unread messages of a Jabber that was closed without signing out may time out on the server.',
    action: 'Let the user sign in to Jabber and read them.',
    why: 'ALM-13',
  },
  APNSAlarm: {
    severity: 'Alert',
    service: 'Cisco Jabber',
    facility: 'UC_JABBER',
    text: 'A Jabber on iOS could not process a push it received.',
    action: 'Collect the client log and open a case with Cisco TAC.',
    why: 'ALM-12',
  },
} as const satisfies Record<string, AlarmSpec>

export type AlarmName = keyof typeof ALARMS
