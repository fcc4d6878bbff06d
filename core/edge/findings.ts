/** What the settings of the proxy say before anything is tried: PROXY-02, PROXY-05, PROXY-06, ONB-15. */
import { DROP_MS } from '../cluster/deadlines.ts'
import { allNodes } from '../cluster/nodes.ts'
import type { FindingRow } from '../contract/rows.ts'
import type { World } from '../world.ts'

type Finding = Omit<FindingRow, 'kind'>

export function* proxyFindings(world: World): Iterable<Finding> {
  const { proxy } = world
  if (!proxy) return
  const { settings } = proxy
  const old = [...allNodes(world)].filter((node) => node.client && node.client.settings !== settings)
  if (old.length > 0) {
    yield {
      id: 'proxy:restart',
      level: 'Warning',
      subject: 'Proxy',
      text: `The settings have changed; ${old.map((node) => node.id).join(', ')} still use the old ones.`,
      fix: 'Restart the Cisco Push Notification Service (on IM and Presence: Cisco XCP Config Manager) on these nodes.',
      why: 'ONB-15',
    }
  }
  if (!settings.enabled) return
  if (settings.authentication === 'Basic') {
    yield {
      id: 'proxy:basic',
      level: 'Warning',
      subject: 'Proxy',
      text: `Basic authentication sends user name and password ${settings.kind === 'HTTP' ? 'readable to everybody on the way' : 'as they are'}.`,
      fix: 'Use Digest authentication, as advised.',
      why: 'PROXY-02',
    }
  }
  if (proxy.product === 'Cisco WSA' && proxy.fqdn !== null && proxy.virtualAddress !== null) {
    const others = proxy.addresses.filter((address) => address !== proxy.virtualAddress)
    yield others.length === 0
      ? {
          id: 'proxy:virtual',
          level: 'Pass',
          subject: 'Proxy',
          text: `${proxy.fqdn} maps to the virtual IP address of the WSA, ${proxy.virtualAddress}.`,
          fix: '',
          why: 'PROXY-06',
        }
      : {
          id: 'proxy:virtual',
          level: 'Fail',
          subject: 'Proxy',
          text: `${proxy.fqdn} maps to ${others.join(', ')}, not to the virtual IP address of the WSA.`,
          fix: `Let DNS map it to ${proxy.virtualAddress} alone.`,
          why: 'PROXY-06',
        }
  }
  if (proxy.failoverMs >= DROP_MS) {
    yield {
      id: 'proxy:failover',
      level: 'Warning',
      subject: 'Proxy',
      text: `It holds on to a failed connection to the cloud for ${proxy.failoverMs / 1_000} s: every call of that time is dropped.`,
      fix: `Set a low failover rate on the proxy, well below the ${DROP_MS / 1_000} s of a held call.`,
      why: 'PROXY-05',
    }
  }
}
