import { describe, expect, it } from 'vitest'
import {
  basicCredentials,
  challengeLine,
  challengeNames,
  digestCredentials,
  digestFits,
  readChallenges,
  readCredentials,
  type DigestChallenge,
} from '../../core/edge/proxyAuth.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'

/** RFC 7616, section 3.9.1; the response does not depend on how the challenge was carried. */
const RFC: DigestChallenge = {
  scheme: 'Digest',
  realm: 'http-auth@example.org',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  algorithm: 'MD5',
  qop: true,
  opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
  stale: false,
}
const SIGNED = {
  method: 'GET',
  uri: '/dir/index.html',
  uses: 1,
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
}
const MUFASA = { user: 'Mufasa', password: 'Circle of Life' }
const paramsOf = (value: string) => {
  const shown = readCredentials(value)
  if (shown.scheme !== 'Digest') throw new Error(`${value} is not Digest`)
  return shown.params
}

describe('Digest', () => {
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('[PROXY-02] gives the response of RFC 7616, section 3.9.1, with %s', (algorithm, response) => {
    const params = paramsOf(digestCredentials(MUFASA, { ...RFC, algorithm }, SIGNED, nodeSealer))
    expect(params.get('response')).toBe(response)
    expect(params.get('nc')).toBe('00000001')
    expect(params.get('opaque')).toBe(RFC.opaque)
  })

  it('[PROXY-02] gives the older response without qop (RFC 2617, section 3.5, without its qop)', () => {
    const old: DigestChallenge = { ...RFC, realm: 'r', nonce: 'n', qop: false, opaque: null }
    const params = paramsOf(digestCredentials({ user: 'u', password: 'p' }, old, { ...SIGNED, uri: '/' }, nodeSealer))
    const md5 = (text: string) => nodeSealer.digest('MD5', text)
    expect(params.get('response')).toBe(md5(`${md5('u:r:p')}:n:${md5('GET:/')}`))
    expect(params.has('cnonce')).toBe(false)
  })

  it('[PROXY-02] the proxy takes the right answer, and refuses another password, user, URI, realm, count or method', () => {
    const request = { method: 'CONNECT', uri: 'push.webexconnect.com:443' }
    const value = digestCredentials(MUFASA, RFC, { ...SIGNED, ...request }, nodeSealer)
    const fits = (change: Record<string, string> = {}, login = MUFASA, asked = request): boolean =>
      digestFits(new Map([...paramsOf(value), ...Object.entries(change)]), login, RFC, asked, nodeSealer)
    expect(fits()).toBe(true)
    expect(fits({}, { ...MUFASA, password: 'circle of life' })).toBe(false)
    expect(fits({}, { ...MUFASA, user: 'Scar' })).toBe(false)
    expect(fits({ nc: '00000002' })).toBe(false)
    expect(fits({ nc: '1' })).toBe(false)
    expect(fits({ qop: 'auth-int' })).toBe(false)
    expect(fits({ realm: 'elsewhere' })).toBe(false)
    expect(fits({}, MUFASA, { ...request, uri: 'idbroker.webex.com:443' })).toBe(false)
    expect(fits({}, MUFASA, { ...request, method: 'GET' })).toBe(false)
  })

  it('[PROXY-02] names with quotes and backslashes come through', () => {
    const login = { user: 'a"b\\c', password: 'x' }
    const params = paramsOf(digestCredentials(login, RFC, SIGNED, nodeSealer))
    expect(params.get('username')).toBe('a"b\\c')
    expect(digestFits(params, login, RFC, { method: 'GET', uri: SIGNED.uri }, nodeSealer)).toBe(true)
  })
})

describe('Basic', () => {
  it('[PROXY-02] is the pair in base64, in UTF-8 (RFC 7617, sections 2 and 2.1)', () => {
    expect(basicCredentials({ user: 'Aladdin', password: 'open sesame' }, nodeSealer)).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')
    expect(basicCredentials({ user: 'test', password: '123£' }, nodeSealer)).toBe('Basic dGVzdDoxMjPCow==')
    expect(readCredentials('basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')).toEqual({ scheme: 'Basic', value: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==' })
    expect(readCredentials(null)).toEqual({ scheme: 'none' })
  })
})

describe('challenges', () => {
  it('[PROXY-02] as squid writes them, several in one line or in several', () => {
    const digest = 'Digest realm="Squid", nonce="bf83", qop="auth", algorithm=MD5, stale=true'
    const both = [
      { scheme: 'Basic', realm: 'Squid, basic' },
      { scheme: 'Digest', realm: 'Squid', nonce: 'bf83', algorithm: 'MD5', qop: true, opaque: null, stale: true },
    ]
    expect(readChallenges(['Basic realm="Squid, basic"', digest])).toEqual(both)
    expect(readChallenges([`Basic realm="Squid, basic", ${digest}`])).toEqual(both)
  })

  it('[PROXY-01] what Unified CM does not speak is told by its name', () => {
    const others = readChallenges([
      'Negotiate',
      'NTLM TlRMTVNTUAACAAAA==',
      'Digest realm="x", nonce="y", algorithm=MD5-sess',
      'Digest realm="x"',
    ])
    expect(others.map(({ scheme }) => scheme)).toEqual(['other', 'other', 'other', 'other'])
    expect(challengeNames(others.slice(0, 2))).toBe('Negotiate, NTLM')
    expect(readChallenges(['Digest realm="x", nonce="y", qop="auth-int"'])[0]?.scheme).toBe('other')
    expect(readChallenges(['Digest realm="x", nonce="y", qop="auth-int, auth"'])[0]?.scheme).toBe('Digest')
    expect(readChallenges([])).toEqual([])
  })

  it('[PROXY-02] a challenge reads as it was written', () => {
    for (const challenge of [
      RFC,
      { ...RFC, algorithm: 'SHA-256', qop: false, opaque: null, stale: true },
      { scheme: 'other', name: 'Negotiate' },
    ] as const)
      expect(readChallenges([challengeLine(challenge)])).toEqual([challenge])
    expect(readChallenges([challengeLine({ scheme: 'Basic', realm: 'a"b' })])).toEqual([{ scheme: 'Basic', realm: 'a"b' }])
  })
})
