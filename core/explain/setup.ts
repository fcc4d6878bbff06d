// Onboarding, logins, Expressway, troubleshooting, upgrades. Sections ONB, OAUTH, MRA, TRB, UPG.

import { rule } from './rule.ts'

export const SETUP_RULES = {
  'ONB-01': rule(
    'Eight tasks in order',
    'Setting up push is a list of eight tasks, some of them only for certain releases or products. Skipping one shows its effect later.',
    'Configuration guide, Task Flow',
  ),
  'ONB-02': rule(
    'Two services must run',
    'The push service handles calls and the management agent sends troubleshooting data. Both are on by default; the check names the one that is stopped.',
    'Configuration guide, Prerequisites',
  ),
  'ONB-03': rule(
    'Release 11.5 wants its licences synchronised',
    'On 11.5 the licence manager has to synchronise before onboarding, even when nothing was bought. Later releases do not have this step.',
    'Configuration guide, Licensing Prerequisites',
  ),
  'ONB-04': rule(
    'From 12 on: Smart Licensing first',
    'Without registration for Smart Licensing no voucher can be made, and without a voucher there is no onboarding.',
    'Configuration guide, Licensing Prerequisites',
  ),
  'ONB-05': rule(
    'Licence reservation excludes push',
    'A system with Specific License Reservation is cut off from the licence cloud by design, so push cannot be onboarded until it is turned off.',
    'Configuration guide, Licensing Prerequisites',
  ),
  'ONB-06': rule(
    'The onboarding page checks first',
    'When opened on the publisher it tests the cloud and the certificates, which may take a minute. Subscribers do not offer the page.',
    'Configuration guide, Enable Push Notifications',
  ),
  'ONB-07': rule(
    'The voucher proves the licence',
    'The button fetches a voucher through the licence system and stores it. The final save needs it.',
    'Configuration guide, Enable Push Notifications',
  ),
  'ONB-08': rule(
    'Letting Cisco manage the cloud certificates',
    'With this box the system loads the CA certificates of the cloud itself. A CA newer than the installation medium still has to be uploaded by hand the first time.',
    'Configuration guide, Enable Push Notifications',
  ),
  'ONB-09': rule(
    'When automatic certificates suffice',
    'A current installation medium already holds the right CA and an onboarded system fetches a new one. Only a first onboarding from an old medium needs help.',
    'public: Cisco deployment guide, certificates',
  ),
  'ONB-10': rule(
    'Roots loaded by hand',
    'Without the box you put two roots into tomcat-trust on both products: one for identity and push, one for FOS. A missing root breaks exactly the hosts that use it.',
    'Configuration guide, Enable Push Notifications; public: FN72120',
  ),
  'ONB-11': rule(
    'First save, then restart Tomcat',
    'The first save prepares the certificates, and each node takes them up only when its Tomcat restarts. Until then the status does not move to pending.',
    'Configuration guide, Enable Push Notifications',
  ),
  'ONB-12': rule(
    'Tick the boxes again',
    'After the restart the boxes can come back empty. Saving them that way does not onboard anything.',
    'Configuration guide, Enable Push Notifications',
  ),
  'ONB-13': rule(
    'Optional: help for support',
    'Two further boxes allow troubleshooting data to leave the cluster, one of them with encrypted personal data. Both may stay off.',
    'Configuration guide, Enable Push Notifications',
  ),
  'ONB-14': rule(
    'Second save: onboarding completes',
    'Now the publisher asks for the subscription and receives a machine account. The status says completed when that is done.',
    'Configuration guide, Enable Push Notifications',
  ),
  'ONB-15': rule(
    'CPNS reads settings at start only',
    'Any change on the onboarding page waits for a restart of CPNS. Before that, yesterday’s proxy and token stay in use.',
    'Configuration guide, Enable Push Notifications',
  ),
  'ONB-16': rule(
    'IM and Presence restarts, publisher first',
    'Each node needs its XCP Config Manager and then its XCP Router restarted. A node that has not had this sends no message pushes.',
    'Configuration guide, Enable Push Notifications',
  ),
  'ONB-17': rule(
    'Two texts that mislead',
    'The request to restart the router stays on the page even when every node has done it, and the remark about activation codes has nothing to do with push.',
    'Configuration guide, Enable Push Notifications',
  ),
  'ONB-18': rule(
    'Turning push off',
    'Clearing the box and saving is not the end: calls stop being pushed when CPNS restarts, messages node by node as each router restarts.',
    'Configuration guide, Enable Push Notifications',
  ),
  'ONB-19': rule(
    'High availability is a cluster setting',
    'Message push takeover is switched by one service parameter for the whole cluster. Only a changed value needs router restarts.',
    'Configuration guide, Enable Push Notifications High Availability',
  ),
  'OAUTH-01': rule(
    'Refresh logins are off at first',
    'A new cluster starts with OAuth with Refresh Login Flow disabled. Turn it on for lasting logins and for local push.',
    'Configuration guide, Configure OAuth Refresh Logins',
  ),
  'OAUTH-02': rule(
    'Logins that survive a network change',
    'With refresh logins the client renews its access silently instead of asking the user. Without them a new network means a new login.',
    'Configuration guide, Configure OAuth Refresh Logins',
  ),
  'OAUTH-03': rule(
    'Two token lifetimes',
    'The access token lives minutes and is renewed unseen; the refresh token lives days, and when it ends the user must log in. Both values have fixed ranges.',
    'Configuration guide, Configure OAuth Refresh Logins',
  ),
  'OAUTH-04': rule(
    'Clients must be reset to notice',
    'Switching refresh logins on or off reaches a client only when it is reset. The others go on in the old way.',
    'Configuration guide, Configure OAuth Refresh Logins',
  ),
  'OAUTH-05': rule(
    'Every component has to take part',
    'Unified CM, Expressway, Unity Connection and the client must all know refresh logins. The one that does not is where the login breaks.',
    'Configuration guide, Configure OAuth Refresh Logins',
  ),
  'OAUTH-06': rule(
    'Expressway and Unified CM must agree',
    'Expressway has the feature on by default and Unified CM off. As long as the two differ, logins over MRA fail.',
    'Configuration guide, Confirm OAuth Configuration in Expressway',
  ),
  'OAUTH-07': rule(
    'Unity Connection needs two settings',
    'Its own parameter has to be on, and it must know the publisher as authorization server. Otherwise voicemail refuses the token.',
    'Configuration guide, Enable OAuth on Unity Connection',
  ),
  'MRA-01': rule(
    'Refresh the servers on Expressway-C',
    'A refresh copies Unified CM’s settings and its authorization certificate to Expressway-C, so both sides believe the same tokens.',
    'Configuration guide, Refresh Settings from Expressway-C',
  ),
  'MRA-02': rule(
    'Expressway-C learns of push at its restart',
    'After the refresh it still does not know that IM and Presence can push. Until it restarts, Jabber over MRA gets no message pushes.',
    'Configuration guide, Refresh Settings from Expressway-C',
  ),
  'MRA-03': rule(
    'Expressway-E restarts as well',
    'Once message push is enabled the outer Expressway needs a restart too. Deployments with calls only may skip it.',
    'Configuration guide, Restart Expressway-E',
  ),
  'MRA-04': rule(
    'Three ways to arrange certificates',
    'One CA for all, several CAs whose roots are exchanged, or self-signed certificates copied across. A single missing item breaks just the link that relies on it.',
    'Configuration guide, Certificate Prerequisites',
  ),
  'MRA-05': rule(
    'IM and Presence before Expressway',
    'With push already running, upgrade every IM and Presence cluster first. In the other order messages over MRA lose their push.',
    'Configuration guide, Minimum Releases',
  ),
  'MRA-06': rule(
    'X12.7: one cluster must be ahead',
    'Before Expressway goes to X12.7 or later, at least one IM and Presence cluster has to be on a new enough build, or push over MRA stops.',
    'Configuration guide, Minimum Releases; public: Expressway upgrade guide',
  ),
  'MRA-07': rule(
    'MRA never uses local push',
    'A client outside the office keeps to Apple’s cloud, even when its Wi-Fi happens to bear a listed name.',
    'Configuration guide, Local Push Notification Service',
  ),
  'TRB-01': rule(
    'Alarms travel with the management agent',
    'While the agent is stopped, alarms stay in the cluster and none is uploaded. No source names the host that takes them: here it is Fusion Onboarding, asked by the publisher alone (modelled).',
    'Configuration guide, Configure Troubleshooting Options',
  ),
  'TRB-02': rule(
    'Uploads begin together with push',
    'Enabling push ticks the box that sends troubleshooting data at intervals. You may clear it.',
    'Configuration guide, Configure Troubleshooting Options',
  ),
  'TRB-03': rule(
    'Support finds you by the cluster ID',
    'Uploaded alarms are filed under the Customer Cluster ID. Without the right ID they cannot be found.',
    'Configuration guide, Configure Troubleshooting Options',
  ),
  'TRB-04': rule(
    'Personal data: encrypted or left out',
    'With the option on, names and host names are uploaded as cipher text; with it off they are not sent at all.',
    'Configuration guide, PII Encryption',
  ),
  'TRB-05': rule(
    'Only your token opens the data',
    'The Cisco Support Token is shown on your page alone. Support reads the encrypted fields only after you hand it over.',
    'Configuration guide, PII Encryption',
  ),
  'TRB-06': rule(
    'How often alarms are uploaded',
    'A command on the publisher sets whole minutes from 5 to 90; 30 is the default. Subscribers refuse it.',
    'Configuration guide, CLI Commands',
  ),
  'TRB-07': rule(
    'Which alarms are worth uploading',
    'Alarms below the chosen severity stay at home. Error is the default, and alerts always go.',
    'Configuration guide, CLI Commands',
  ),
  'TRB-08': rule(
    'Upload now',
    'One command sends what is waiting at once and leaves the regular schedule as it was.',
    'Configuration guide, CLI Commands',
  ),
  'TRB-09': rule(
    'Where the traces lie',
    'CPNS and the management agent write their traces to fixed folders at level Info. Raise the level to see more.',
    'Configuration guide, Traces',
  ),
  'TRB-10': rule(
    'Trace lines look like the real ones',
    'Time, level, thread, class, line and text stand in the usual order, so search patterns from the field find their lines here.',
    'public: TAC 222556',
  ),
  'TRB-11': rule(
    'Token fetch: again in 10 minutes',
    'A failed request for an access token is repeated every ten minutes, each time on a timer thread with the next number.',
    'public: TAC 222556',
  ),
  'TRB-12': rule(
    'The cloud remembers about 20 days',
    'Support can search the cloud’s logs by tracking ID for roughly that long. Older pushes leave no trace there.',
    'public: Cisco Japan TKB 4171850',
  ),
  'UPG-01': rule(
    'Where the voucher comes from',
    'Release 11.5 gets it from Prime License Manager, 12.0 and later from Smart Software Manager or its satellite.',
    'Configuration guide, APNS Voucher Generation',
  ),
  'UPG-02': rule(
    'New or not yet onboarded: three steps',
    'Register the licence, generate the voucher, onboard. Each step opens the next.',
    'Configuration guide, Upgrade from before 11.5(1)SU2',
  ),
  'UPG-03': rule(
    'The upgrade to 12.0 deletes the voucher',
    'The system comes up in evaluation mode and its old voucher is gone. Register before the evaluation ends.',
    'Configuration guide, Upgrade from 11.5(1)SU2 to 12.0',
  ),
  'UPG-04': rule(
    'Pushes go on until licensing ends them',
    'A cluster onboarded before the upgrade keeps pushing during evaluation. When provisioning is disabled, push stops with it.',
    'Configuration guide, Upgrade from 11.5(1)SU2 to 12.0',
  ),
  'UPG-05': rule(
    'Turned off in evaluation stays off',
    'Push disabled at this stage comes back only with a new voucher and a full onboarding.',
    'Configuration guide, Upgrade from 11.5(1)SU2 to 12.0',
  ),
  'UPG-06': rule(
    'Before upgrading, turn push off',
    'The clean way is to disable push first and to onboard again on the new release.',
    'Configuration guide, Upgrade from 11.5(1)SU2 to 12.0',
  ),
  'UPG-07': rule(
    'After such an upgrade no logs are sent',
    'The interface to the cloud has changed since 11.5(1)SU2. Troubleshooting uploads are refused until the boxes are cleared, saved, and onboarding is repeated.',
    'Configuration guide, Upgrades from 11.5(1)SU2 with Push Notifications Enabled',
  ),
  'UPG-08': rule(
    'The machine token has died',
    'The identity service answers 400: the refresh token of the machine account is no longer valid. No retry will mend that; the token has to be replaced by hand.',
    'Configuration guide, Update Refresh Token Manually; public: TAC 222556',
  ),
  'UPG-09': rule(
    'Repair, part one: get a fresh token',
    'A second server of the same version is installed, licensed, given the certificates and onboarded. Its log must show that it received a token.',
    'Configuration guide, Update Refresh Token Manually',
  ),
  'UPG-10': rule(
    'Repair, part two: plant the token',
    'The token read on the new server is written on the old one, checked on every node, and the services holding the old one are restarted.',
    'Configuration guide, Update Refresh Token Manually; public: TAC 222556',
  ),
} as const
