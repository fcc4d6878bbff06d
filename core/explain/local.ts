// Local push. Section LPNS.

import { rule } from './rule.ts'

export const LOCAL_RULES = {
  'LPNS-01': rule(
    'Who can use local push',
    'Server at 14SU3, iOS at 16.5, Webex 43.6 or Jabber 14.2, and a client on site. Android and MRA are left out.',
    'Configuration guide, Local Push Notification Service',
  ),
  'LPNS-02': rule(
    'Local push is for calls only',
    'It announces calls that come in, were missed or were picked up elsewhere, and says who called. Messages keep to the cloud.',
    'Configuration guide, Local Push Notification Service',
  ),
  'LPNS-03': rule(
    'Onboard to the cloud first',
    'Local push works only on a cluster that is onboarded for Apple push. The restarts for IM and Presence are not needed for it.',
    'Configuration guide, LPNS Prerequisites',
  ),
  'LPNS-04': rule(
    'The local push service',
    'It is a network service of its own, on by default. Stopping it closes the sessions it holds.',
    'Configuration guide, LPNS Prerequisites',
  ),
  'LPNS-05': rule(
    'Port 9560, to the clients and between nodes',
    'Clients open a secure WebSocket to this port and the nodes use it among themselves. Block the first and there is no session; block the second and nodes cannot relay.',
    'Configuration guide, Table 6; public: Unified CM port list',
  ),
  'LPNS-06': rule(
    'Refresh logins are required',
    'The session is opened with an OAuth token that must be renewed silently, so refresh logins have to be enabled first.',
    'Configuration guide, Configure Wi-Fi SSID',
  ),
  'LPNS-07': rule(
    'Up to ten Wi-Fi names',
    'LocalPushSSIDList holds the names, separated by semicolons, of the networks where local push may work. Ten is the limit that iOS sets.',
    'Configuration guide, Configure Wi-Fi SSID',
  ),
  'LPNS-08': rule(
    'How the list reaches the phone',
    'User, service profile and UC service form a chain that ends in the client’s configuration file. One missing link and the client never learns the names.',
    'Configuration guide, Associate Jabber Service Profile to the End User',
  ),
  'LPNS-09': rule(
    'On a listed Wi-Fi the session opens',
    'The name must match exactly and Wi-Fi must be the phone’s main route. The session then lasts while the user stays logged in on that network.',
    'Configuration guide, How Local Push Connectivity Works',
  ),
  'LPNS-10': rule(
    'In foreground the call comes by SIP',
    'The app is awake and needs no waking. Its local session stays open for later.',
    'Configuration guide, How Local Push Connectivity Works',
  ),
  'LPNS-11': rule(
    'A local push call, stage by stage',
    'SIP has gone quiet but the WebSocket is alive. Unified CM holds the INVITE, pushes over the WebSocket, and the woken app registers to fetch the call; no cloud is involved.',
    'Configuration guide, Figure 5',
  ),
  'LPNS-12': rule(
    'Local first, Apple second',
    'Unified CM tries the local session. If there is none, or it fails or stays silent, the same call is pushed through Apple instead.',
    'Configuration guide, How Local Push Connectivity Works',
  ),
  'LPNS-13': rule(
    'Calls without Internet',
    'On a Wi-Fi cut off from the world, such as a ship, local push still wakes the phone. The cloud path cannot.',
    'Configuration guide, Local Push Notification Service',
  ),
  'LPNS-14': rule(
    'The short way is the fast way',
    'A local push skips the clouds and their seconds. Compare the wake times of the two paths.',
    'Configuration guide, Local Push Notification Service',
  ),
  'LPNS-15': rule(
    'The session returns by itself',
    'After the app was killed or the phone rebooted, iOS reopens the session, provided that the phone has not left the listed network.',
    'Configuration guide, How Local Push Connectivity Works',
  ),
  'LPNS-16': rule(
    'A sign of life every 120 s',
    'The client sends a keepalive and the server confirms it. That is how both know that the session still exists.',
    'Configuration guide, How Local Push Connectivity Works',
  ),
  'LPNS-17': rule(
    'No keepalive: 401 and closed',
    'The token has run out or the Wi-Fi is gone, so the server reports 401 and ends the session. Calls take the cloud path until it is back.',
    'Configuration guide, How Local Push Connectivity Works',
  ),
  'LPNS-18': rule(
    'Other ends of a session',
    'Logging off, deleting the user or the device, or walking to a Wi-Fi that is not listed closes the session as well.',
    'Configuration guide, How Local Push Connectivity Works',
  ),
  'LPNS-19': rule(
    'Nodes know each other’s sessions',
    'The call was handled on one node and the phone is connected to another. The push is relayed between them and leaves where the session is.',
    'Configuration guide, High Availability of LPNS',
  ),
  'LPNS-20': rule(
    'Next node when this one fails',
    'The client sees its session break and connects to the next node in the order of its device pool.',
    'Configuration guide, LPNS Behavior If There Is Failover',
  ),
  'LPNS-21': rule(
    'No hurry back to the primary',
    'The client stays where it is even when the primary has returned. It goes there only after its present session has ended.',
    'Configuration guide, LPNS Behavior If There Is Failover',
  ),
  'LPNS-22': rule(
    'The gap while searching',
    'Looking for the best available node takes time, and during it there is no local session. Calls in that gap travel through Apple.',
    'Configuration guide, LPNS Behavior If There Is Failover',
  ),
  'LPNS-23': rule(
    'Failover is the client’s move',
    'The servers cannot move a session; the client has to try another node itself. It registers for calls later, once its user opens the app.',
    'Configuration guide, Table 7',
  ),
  'LPNS-24': rule(
    'Do not cut quiet WebSockets',
    'A firewall that drops an idle session leaves both ends believing it lives. The next keepalive finds out, and the client reconnects.',
    'Configuration guide, Table 7',
  ),
  'LPNS-25': rule(
    'iOS must accept the server certificate',
    'Self-signed certificates and public ones valid for 397 days or more are refused by the phone. The server raises no alarm, because nobody ever reached it.',
    'Configuration guide, Table 7; public: Apple HT211025',
  ),
} as const
