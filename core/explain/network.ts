// Content security, proxies and the network. Sections SEC, PROXY, NET.

import { rule } from './rule.ts'

export const NETWORK_RULES = {
  'SEC-01': rule(
    'Only the client can read its push',
    'The client chooses a 256-bit AES key when it signs in and may change it later. The sender encrypts with it, so no cloud in between sees the content.',
    'Configuration guide, Cloud Security',
  ),
  'SEC-02': rule(
    'Clear-text pushes are turned away',
    'The Cisco push service accepts encrypted payloads only. This one was not, so it went no further and nothing reached Apple or Google.',
    'Configuration guide, Cloud Security',
  ),
  'SEC-03': rule(
    'TLS or nothing',
    'Connections to the push cloud must be TLS with a certificate the server trusts. Otherwise the connection ends before any data is sent.',
    'Configuration guide, Cloud Security',
  ),
  'SEC-04': rule(
    'Names stay inside the envelope',
    'Display name, number and hunt pilot travel encrypted. Outside, protected by TLS alone, stand just the push token and the tracking ID.',
    'Configuration guide, Cloud Security',
  ),
  'SEC-05': rule(
    'The push token is an address that changes',
    'The device gets a token for each push session and a new one now and then or at sign-in. Whatever is still sent to the former token comes back with 410.',
    'Configuration guide, Cloud Security',
  ),
  'SEC-06': rule(
    'One tracking ID per push',
    'The same ID stands in every log and on every arrow of this push. Search for it to see the whole way across servers and clouds.',
    'Configuration guide, Cloud Security',
  ),
  'SEC-07': rule(
    'The push service forgets at once',
    'It passes the payload on and keeps no copy. What failed cannot be fetched or replayed from there.',
    'Configuration guide, Cloud Security',
  ),
  'PROXY-01': rule(
    'Direct or through a proxy',
    'Cloud traffic may leave directly or by way of a proxy, reached in the clear (HTTP) or over TLS (HTTPS). A product that speaks neither of the two call flows cannot carry it.',
    'Configuration guide, Proxy Support',
  ),
  'PROXY-02': rule(
    'Proxy login',
    'The proxy asks for no login, Basic or Digest; Digest is the advised one because Basic sends a readable password. Wrong credentials are answered with 407.',
    'Configuration guide, Proxy Support',
  ),
  'PROXY-03': rule(
    'Second proxy address after 2 s',
    'The proxy’s name has several addresses and the first one gave no connection within 2 seconds, so the next is tried.',
    'Configuration guide, DNS Requirements for Proxy Servers',
  ),
  'PROXY-04': rule(
    'No confirmation for 5 s: next address',
    'The push left through the proxy but no confirmation came back within 5 seconds. It is sent through the second address, and the wait counts against the call.',
    'Configuration guide, DNS Requirements for Proxy Servers',
  ),
  'PROXY-05': rule(
    'Let the proxy give up early',
    'The proxy itself decides how long it clings to a dead upstream. A short failover setting keeps the outage for pushes short.',
    'Configuration guide, DNS Requirements for Proxy Servers',
  ),
  'PROXY-06': rule(
    'WSA: use the virtual address',
    'The name entered for a Web Security Appliance has to resolve to its virtual IP address. Another address works against its failover.',
    'Configuration guide, DNS Requirements for Proxy Servers',
  ),
  'PROXY-07': rule(
    'A changed proxy address takes up to an hour',
    'The server remembers the looked-up address until its lifetime ends. Until then it keeps trying the old place.',
    'Configuration guide, DNS Requirements for Proxy Servers',
  ),
  'PROXY-08': rule(
    'How much the proxy must carry',
    'Users, calls, messages and regular token requests add up to a number of transactions. The calculator shows the sum and the figures behind it.',
    'Configuration guide, Capacity Requirements for Proxy Servers',
  ),
  'NET-01': rule(
    'Every node needs port 443 out',
    'Each Unified CM and IM and Presence node talks to the cloud itself. A node that is blocked loses its pushes while the others go on.',
    'Configuration guide, Table 4',
  ),
  'NET-02': rule(
    'Three cloud hosts, three purposes',
    'FOS sets up the subscription, the identity service hands out tokens, and Push REST takes the pushes. Which one is blocked decides what fails: onboarding, tokens or delivery.',
    'Configuration guide, Table 4',
  ),
  'NET-03': rule(
    'Do not inspect this TLS',
    'A firewall that opens the encryption presents a certificate the servers do not trust, and the handshake fails. Put the cloud hosts on its exclusion list.',
    'Configuration guide, Prerequisites',
  ),
  'NET-04': rule(
    'Port 9966 links call processing and CPNS',
    'CallManager hands pushes to CPNS over this port. It must be open on each node and between nodes.',
    'Configuration guide, Open Ports; public: Unified CM port list',
  ),
  'NET-05': rule(
    'CPNS serves its own node only',
    'CallManager uses the push service next to it and no other. If it is stopped here, calls handled by this node are not pushed.',
    'Configuration guide, Prerequisites',
  ),
  'NET-06': rule(
    'Idle connections need 30 minutes',
    'Firewalls and NAT should keep a quiet connection for half an hour or more. Cut earlier, it looks alive to the server and the next push falls into the void.',
    'Configuration guide, Table 5',
  ),
  'NET-07': rule(
    'A failed push is not sent twice',
    'The connection broke under this push, and it is not repeated on a new one. The next push opens a fresh connection.',
    'Configuration guide, Table 5',
  ),
  'NET-08': rule(
    'The reachability check',
    'Each node tests each cloud host step by step: name, TCP, TLS, HTTP. The first failing step, or a blocked address, points to the repair.',
    'Configuration guide, Cloud Services Reachability',
  ),
  'NET-09': rule(
    'External names must resolve',
    'Both products have to look up Internet names. Without DNS the node does not even begin to connect.',
    'Configuration guide, Prerequisites',
  ),
  'NET-10': rule(
    'The phone’s own path to its cloud',
    'Between device and Apple or Google lies a network of its own. If it is blocked the cloud accepts the push and the phone never sees it.',
    'Configuration guide, Table 4; public: Apple, Google',
  ),
} as const
