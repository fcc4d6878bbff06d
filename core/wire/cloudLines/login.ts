/** Proxy-Authorization for a login that the lab asks for. The password is looked up here, and goes nowhere else (PROXY-02). */
import { credentialsOf, type ProxyLogin } from '../../edge/proxyAuth.ts'
import type { Secrets } from '../cloud/site.ts'
import { nodeSealer } from '../nodeSealer.ts'

/** `uri` is what CONNECT asks for. Answers why there can be none. */
export function loginFor(
  login: ProxyLogin,
  uri: string,
  secrets: Pick<Secrets, 'password'>,
): { ok: true; value: string } | { ok: false; text: string } {
  const password = secrets.password(login.secret)
  if (password === null) return { ok: false, text: `nobody has told the password "${login.secret}" of the proxy: give clouds.secret` }
  const value = credentialsOf(login, password, { method: 'CONNECT', uri }, nodeSealer)
  return value === null ? { ok: false, text: 'the proxy has not asked for a Digest that can be answered' } : { ok: true, value }
}
