import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { generate } from 'selfsigned'
import { afterEach, describe, expect, it } from 'vitest'
import { iosRefusal } from '../../../core/lpns/certificate.ts'
import { authorityOf, createAuthority, createAuthorityPair, DAY_MS, lasting } from '../../../core/wire/certificates.ts'
import { asIosSees, describeCertificate, faultOfPair, type Pair } from '../../../core/wire/lpns/certificateCheck.ts'
import { CertificateStore, SERVER_DAYS } from '../../../core/wire/lpns/certificateStore.ts'

const made: string[] = []
afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
})
function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'push-lab-ca-'))
  made.push(dir)
  return dir
}

/** A self-signed pair for localhost, as others make them. */
async function own({ usage, rsaBits }: { usage: 'server' | 'client' | 'none'; rsaBits?: number }): Promise<Pair> {
  const { from, to } = lasting(30)
  const key = rsaBits === undefined ? { keyType: 'ec' as const, curve: 'P-256' as const } : { keyType: 'rsa' as const, keySize: rsaBits }
  const { cert, private: privateKey } = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...key,
    algorithm: 'sha256',
    notBeforeDate: from,
    notAfterDate: to,
    extensions: [
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
      ...(usage === 'none' ? [] : [{ name: 'extKeyUsage' as const, serverAuth: usage === 'server', clientAuth: usage === 'client' }]),
    ],
  })
  return { certificate: cert, privateKey, ca: null }
}

describe("the lab's own CA", () => {
  it('[LPNS-25] is made once, kept for this user only, and found again', async () => {
    const dir = folder()
    const first = await new CertificateStore(dir).caCertificate()
    expect(readdirSync(join(dir, 'certificates')).toSorted()).toEqual(['lab-ca.key', 'lab-ca.pem'])
    expect(statSync(join(dir, 'certificates/lab-ca.key')).mode & 0o777).toBe(0o600)
    expect(statSync(join(dir, 'certificates')).mode & 0o777).toBe(0o700)
    expect(await new CertificateStore(dir).caCertificate()).toBe(first)
    expect(first).not.toContain('PRIVATE')
    expect(new X509Certificate(first).ca).toBe(true)
    expect(await new CertificateStore(folder()).caCertificate()).not.toBe(first)
  })

  it('is made anew when its files do not belong together', async () => {
    const dir = folder()
    const first = await new CertificateStore(dir).caCertificate()
    writeFileSync(join(dir, 'certificates/lab-ca.key'), (await createAuthorityPair('other', 3_650)).privateKey)
    expect(await new CertificateStore(dir).caCertificate()).not.toBe(first)
  })

  it('[LPNS-25] [DEC-32] issues what iOS takes: all names, 396 days, from the CA', async () => {
    const store = new CertificateStore(null)
    const { certificate, about } = await store.presented('192.0.2.7', ['ucm-pub', 'ucm_sub 1'])
    expect(about).toMatchObject({ source: 'lab', validDays: SERVER_DAYS, iosRefuses: '' })
    expect(about.names).toEqual(expect.arrayContaining(['localhost', '127.0.0.1', '192.0.2.7', 'ucm-pub']))
    expect(about.names).not.toContain('ucm_sub 1')
    const ca = new X509Certificate(await store.caCertificate())
    expect(new X509Certificate(certificate).verify(ca.publicKey)).toBe(true)
    expect(about.caFingerprint).toBe(ca.fingerprint256)
  })
})

describe('what iOS says of a real certificate', () => {
  it('[LPNS-25] [DEC-32] takes 396 days and refuses 397', async () => {
    const authority = await createAuthority()
    for (const [days, refusal] of [
      [396, ''],
      [397, 'the certificate lives 397 days: iOS takes less than 397'],
    ] as const) {
      const { certificate } = await authority.issue(['localhost'], lasting(days))
      expect(describeCertificate(certificate).validDays).toBe(days)
      expect(iosRefusal(asIosSees(certificate, Date.now()), 'localhost', true)).toBe(refusal)
    }
  })

  it('[LPNS-25] refuses self-signed, a wrong name, an expired one, and a private CA that was not imported', async () => {
    const authority = await createAuthority()
    const { certificate } = await authority.issue(['localhost', '127.0.0.1'])
    const seen = asIosSees(certificate, Date.now())
    expect(seen).toMatchObject({ issuer: 'private CA', expired: false, notYetValid: false })
    expect(iosRefusal(seen, '127.0.0.1', true)).toBe('')
    expect(iosRefusal(seen, 'example.com', true)).toContain('not example.com')
    expect(iosRefusal(seen, 'localhost', false)).toContain('private CA')
    expect(iosRefusal(asIosSees(certificate, Date.now() + 31 * DAY_MS), 'localhost', true)).toContain('expired')
    expect(iosRefusal(asIosSees(certificate, Date.now() - DAY_MS), 'localhost', true)).toContain('not valid yet')
    expect(asIosSees(authority.certificate, Date.now()).issuer).toBe('self-signed')
  })

  it.each([
    ['no extended key usage', { usage: 'none' }, 'the certificate is not for servers: iOS wants the extended key usage serverAuth'],
    ['RSA with 1,024 bits', { usage: 'server', rsaBits: 1_024 }, 'its RSA key has 1024 bits: iOS takes 2048 or more'],
    ['RSA with 2,048 bits', { usage: 'server', rsaBits: 2_048 }, ''],
  ] as const)('[LPNS-25] looks at its use and its key too: %s', async (_what, o, refusal) => {
    expect(iosRefusal(asIosSees((await own(o)).certificate, Date.now()), 'localhost', true)).toBe(refusal)
  })

  it('knows a root that every system has', () => {
    const root = rootCertificates[0]!
    expect(describeCertificate(root).selfSigned).toBe(true)
  })
})

describe('a pair of your own', () => {
  it('[LPNS-25] is used from then on, kept, and given back', async () => {
    const dir = folder()
    const store = new CertificateStore(dir)
    const authority = await createAuthority('Company CA')
    const pair = { ...(await authority.issue(['lab.example.com'])), ca: authority.certificate }
    expect(store.import({ ...pair, certificate: `${pair.certificate}\n${pair.privateKey}` })).toBeNull()
    const again = await new CertificateStore(dir).presented('127.0.0.1', [])
    // A key that was pasted with it is not kept where certificates are.
    expect(again.certificate).toBe(`${pair.certificate}\n`)
    expect(again.about).toMatchObject({
      source: 'imported',
      issuer: 'CN=Company CA',
      iosRefuses: 'the certificate names lab.example.com, not 127.0.0.1',
    })
    expect(statSync(join(dir, 'certificates/server.key')).mode & 0o777).toBe(0o600)
    store.useLab()
    expect((await store.presented('127.0.0.1', [])).about.source).toBe('lab')
    expect(readdirSync(join(dir, 'certificates'))).not.toContain('server.key')
    expect(readFileSync(join(dir, 'certificates/lab-ca.pem'), 'utf8')).toContain('BEGIN CERTIFICATE')
  })

  it('[LPNS-25] is set aside in sight when it expires, and shown again when the clock was wrong', async () => {
    const dir = folder()
    const authority = await createAuthority('Company CA')
    const pair = { ...(await authority.issue(['lab.example.com'])), ca: authority.certificate }
    expect(new CertificateStore(dir).import(pair)).toBeNull()
    const end = new Date(new X509Certificate(pair.certificate).validTo).getTime()
    const shownAt = async (now: number) => (await new CertificateStore(dir, () => now).presented('127.0.0.1', [])).about
    expect(await shownAt(end)).toMatchObject({ source: 'imported', setAside: '' })
    expect(await shownAt(end + 1)).toMatchObject({
      source: 'lab',
      setAside: `the certificate expired on ${new Date(end).toISOString().slice(0, 10)}: have it renewed`,
    })
    expect(await shownAt(end)).toMatchObject({ source: 'imported', setAside: '' })
  })

  it('is refused with the reason and the way to mend it', async () => {
    const authority = await createAuthority()
    const good = { ...(await authority.issue(['localhost'])), ca: null }
    const other = await authority.issue(['localhost'])
    const now = Date.now()
    const { privateKey: locked } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
    })
    expect(faultOfPair(good, now)).toBeNull()
    expect(faultOfPair({ ...good, privateKey: other.privateKey }, now)).toContain('does not belong')
    expect(faultOfPair({ ...good, certificate: 'hello' }, now)).toContain('is no PEM')
    expect(faultOfPair({ ...good, certificate: good.certificate.replace(/[A-Z]{4}/, '@@@@') }, now)).not.toBeNull()
    expect(faultOfPair({ ...good, privateKey: 'hello' }, now)).toContain('private key is no PEM')
    expect(faultOfPair({ ...good, privateKey: locked }, now)).toContain('passphrase')
    expect(faultOfPair(good, now + 31 * DAY_MS)).toContain('expired on')
    expect(faultOfPair(good, now - DAY_MS)).toContain('valid from')
    expect(faultOfPair({ ...good, certificate: good.certificate + other.certificate }, now)).toContain('certificate 2 of the chain')
    expect(faultOfPair({ ...good, ca: (await createAuthority('stranger')).certificate }, now)).toContain('this CA has not issued')
    expect(faultOfPair({ ...good, ca: authority.certificate }, now)).toBeNull()
  })

  it('is taken as files come: CRLF, text before the PEM, a mark of byte order, parameters before the key', async () => {
    const good = { ...(await (await createAuthority()).issue(['localhost'])), ca: null }
    const now = Date.now()
    const crlf = (text: string): string => text.replaceAll(/\r?\n/g, '\r\n')
    expect(faultOfPair({ certificate: crlf(good.certificate), privateKey: crlf(good.privateKey), ca: null }, now)).toBeNull()
    expect(faultOfPair({ ...good, certificate: `Certificate:\n    Data: Version 3\n${good.certificate}` }, now)).toBeNull()
    expect(faultOfPair({ ...good, certificate: `\ufeff${good.certificate}` }, now)).toBeNull()
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
    expect(faultOfPair({ ...good, privateKey: parameters + good.privateKey }, now)).toBeNull()
  })

  it('is told what was mixed up, and what makes PEM of it', async () => {
    const authority = await createAuthority()
    const good = { ...(await authority.issue(['localhost'])), ca: null }
    const now = Date.now()
    // As a window reads a binary file: what is no UTF-8 is replaced.
    const der = Buffer.from(good.certificate.replaceAll(/-----.*-----|\s/g, ''), 'base64').toString('utf8')
    expect(faultOfPair({ ...good, certificate: der }, now)).toContain('openssl x509 -inform der')
    expect(faultOfPair({ ...good, privateKey: der }, now)).toContain('openssl pkey -inform der')
    expect(faultOfPair({ ...good, ca: der }, now)).toContain('the CA is binary')
    expect(faultOfPair({ ...good, certificate: good.privateKey }, now)).toBe('the certificate is a private key: give the certificate here')
    expect(faultOfPair({ ...good, privateKey: good.certificate }, now)).toBe('the private key is a certificate: give its private key here')
    expect(faultOfPair({ ...good, certificate: authority.certificate + good.certificate }, now)).toBe(
      'the private key belongs to certificate 2 of the chain: put that one first, then its issuer, and so on',
    )
  })

  it('is refused when it is for clients only, or when its chain has expired', async () => {
    const now = Date.now()
    expect(faultOfPair(await own({ usage: 'client' }), now)).toContain('extended key usage serverAuth')
    const old = await createAuthorityPair('Old CA', 1)
    const good = await authorityOf(old).issue(['localhost'], lasting(30))
    const chained = { ...good, certificate: good.certificate + old.certificate, ca: null }
    expect(faultOfPair(chained, now)).toBeNull()
    expect(faultOfPair(chained, now + 2 * DAY_MS)).toContain('certificate 2 of the chain expired on')
  })
})
