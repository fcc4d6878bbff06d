// What happens when a node goes down. Sections FO and HA.

import { rule } from './rule.ts'

export const AVAILABILITY_RULES = {
  'FO-01': rule(
    'The CM group sets the order',
    'A device tries the nodes of its Unified CM group from top to bottom: primary, backup, tertiary. The group comes from its device pool and holds three nodes at most.',
    'Configuration guide, Push Notification in case of Failover',
  ),
  'FO-02': rule(
    'The surviving node pushes',
    'The client slept while its primary node went away. Another node now handles the call and sends the push that tells the client to register.',
    'Configuration guide, Push Notification in case of Failover',
  ),
  'FO-03': rule(
    'Before 12.5(1)SU3 the client guesses',
    'The push does not say which node is alive, so the client first tries the one it knew. The failed attempt eats into the 13 seconds.',
    'Configuration guide, Push Notification in case of Failover',
  ),
  'FO-04': rule(
    'The push names the node to use',
    'From 12.5(1)SU3 on the active node is written inside the push, so the client registers there straight away instead of knocking at a dead one.',
    'Configuration guide, Figure 4',
  ),
  'HA-01': rule(
    'Push sessions have a second home',
    'Each message push session is kept in memory on its node and copied to the partner of the subcluster, which can carry on if high availability is enabled.',
    'Configuration guide, Push Notifications High Availability',
  ),
  'HA-02': rule(
    'Chat history is never at risk',
    'Whatever happens to the node or to waiting messages, what the user has already received stays in the history.',
    'Configuration guide, IM History',
  ),
  'HA-03': rule(
    'Node failure: waiting messages are lost',
    'The partner takes over and keeps pushing, but messages still waiting on the failed node were only in its memory and are gone.',
    'Configuration guide, Redundancy and Failover Use Cases',
  ),
  'HA-04': rule(
    'Node shut down: messages come back later',
    'The partner pushes new messages. The waiting ones stay on the node that was shut down and are delivered once it is back and the user has returned to it.',
    'Configuration guide, Redundancy and Failover Use Cases',
  ),
  'HA-05': rule(
    'Router crash: same node, empty queue',
    'The XCP Router restarts where it was and sessions resume there. What waited before the crash is lost.',
    'Configuration guide, Redundancy and Failover Use Cases',
  ),
  'HA-06': rule(
    'Router restarted by hand: nothing lost',
    'An orderly restart keeps the queue. Pushes resume, and the messages are handed over at the next login of Jabber.',
    'Configuration guide, Redundancy and Failover Use Cases',
  ),
  'HA-07': rule(
    'A foreground Jabber moves on its own',
    'Jabber on screen notices the loss, logs in to the partner and later returns. Its user sees no gap.',
    'Configuration guide, Table 5',
  ),
  'HA-08': rule(
    'Background users wait for the rebuild',
    'A sleeping Jabber cannot log in again, so the partner has to rebuild every such session itself. It sends no push to them until the last one is ready.',
    'Configuration guide, Table 5',
  ),
  'HA-09': rule(
    'Ten to twenty silent minutes, twice',
    'On a fully loaded 15,000-user node pair the rebuild takes that long at takeover and once more at the return. Fewer users mean a shorter silence.',
    'Configuration guide, Table 5',
  ),
  'HA-10': rule(
    'How fast users may log in again',
    'The users that fail over, divided by the time between the two re-login limits, gives a rate that must not exceed 4 users per second. The figures hold for release 11.5.',
    'Configuration guide, Supported Re-login Rate',
  ),
  'HA-11': rule(
    'Message HA and call HA are separate',
    'The takeover described here saves chat sessions only. Calls are protected by Unified CM groups and do not notice it.',
    'Configuration guide, Redundancy and Failover Use Cases',
  ),
} as const
