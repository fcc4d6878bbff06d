/** The messages between a node and its proxy, as they travel: CONNECT and the answers to it (DEC-26). */
import type { HeaderLine, HopDetail, HopEvent } from '../contract/event.ts'
import type { World } from '../world.ts'

type Message = Pick<HopDetail, 'startLine' | 'headers'>

/** Null for what the proxy only passes on. Credentials are named, never shown. */
export function proxyMessage({ proxy }: World, event: HopEvent): Message | null {
  if (!proxy) return null
  const connect = /^CONNECT (\S+?)(?:, (\w+) login)?$/.exec(event.message)
  if (connect && event.to === proxy.id) {
    const [, target = '', scheme] = connect
    const headers: HeaderLine[] = [{ name: 'Host', value: target }]
    if (scheme !== undefined) headers.push({ name: 'Proxy-Authorization', value: `${scheme} (not shown)` })
    return { startLine: `CONNECT ${target} HTTP/1.1`, headers }
  }
  if (event.from !== proxy.id) return null
  if (event.message.startsWith('200 Connection established')) return { startLine: `HTTP/1.1 ${event.message}`, headers: [] }
  if (!event.message.startsWith('407 ')) return null
  const asks = proxy.asks === 'Digest' ? `Digest realm="${proxy.id}", algorithm=${proxy.algorithm}, qop="auth", nonce="…"` : proxy.asks
  const value = proxy.asks === 'Basic' ? `Basic realm="${proxy.id}"` : asks
  return { startLine: `HTTP/1.1 ${event.message}`, headers: [{ name: 'Proxy-Authenticate', value }] }
}
