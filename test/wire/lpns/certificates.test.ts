import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { iosRefusal } from '../../../core/lpns/certificate.ts'
import { createAuthority, createAuthorityPair, DAY_MS, lasting } from '../../../core/wire/certificates.ts'
import { asIosSees, describeCertificate, faultOfPair } from '../../../core/wire/lpns/certificateCheck.ts'
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
    expect(store.import(pair)).toBeNull()
    const again = await new CertificateStore(dir).presented('127.0.0.1', [])
    expect(again.certificate).toBe(pair.certificate)
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
})
