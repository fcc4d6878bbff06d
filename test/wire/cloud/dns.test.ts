/** The lab's DNS, asked by Node's own resolver and by hand. */
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { encode, decode, RECURSION_DESIRED } from 'dns-packet'
import { afterEach, describe, expect, it } from 'vitest'
import { answerTo, openDns } from '../../../core/wire/cloud/dns.ts'
import { CLOUD_HOSTS } from '../../../core/wire/cloud/site.ts'
import { after, eventually } from '../eventually.ts'
import { closeLabs, cloudLab, SCENARIO } from './lab.ts'

afterEach(closeLabs)

function resolverAt(port: number): Resolver {
  const resolver = new Resolver({ timeout: 1_000, tries: 1 })
  resolver.setServers([`127.0.0.1:${port}`])
  return resolver
}

const WITH_PROXY = `${SCENARIO}edge:
  proxy: { id: webproxy, fqdn: proxy.example, addresses: [10.1.1.9, 10.1.1.10] }
`

describe('an opened lab', () => {
  it('[NET-09] [NET-02] [APNS-01] [FCM-01] answers the documented names with its address, in any case', async () => {
    const lab = await cloudLab()
    const resolver = resolverAt(lab.state().dns.port)
    for (const name of Object.values(CLOUD_HOSTS).flat()) expect(await resolver.resolve4(name), name).toEqual(['127.0.0.1'])
    expect(await resolver.resolve4('Push.WebexConnect.COM')).toEqual(['127.0.0.1'])
    await eventually(() => lab.state().dns.queries >= 8, 'the counter of queries')
  })

  it('[NET-09] says REFUSED to every other name, and has no IPv6 address on IPv4 loopback', async () => {
    const lab = await cloudLab()
    const resolver = resolverAt(lab.state().dns.port)
    await expect(resolver.resolve4('example.com')).rejects.toMatchObject({ code: 'EREFUSED' })
    await expect(resolver.resolve4('evil.push.webexconnect.com')).rejects.toMatchObject({ code: 'EREFUSED' })
    await expect(resolver.resolve6('push.webexconnect.com')).rejects.toMatchObject({ code: 'ENODATA' })
  })

  it('[PROXY-03] [PROXY-07] has the addresses of the proxy in their order, and new ones from the change on', async () => {
    const lab = await cloudLab({ scenario: WITH_PROXY })
    const resolver = resolverAt(lab.state().dns.port)
    expect(await resolver.resolve4('proxy.example')).toEqual(['10.1.1.9', '10.1.1.10'])
    await lab.do('proxy.address', { addresses: ['10.1.1.20'] })
    expect(await resolver.resolve4('proxy.example')).toEqual(['10.1.1.20'])
  })
})

describe('odd datagrams', () => {
  const lookUp = (): string[] => ['127.0.0.1']
  const question = (change: object = {}): Buffer =>
    encode({ type: 'query', id: 7, flags: RECURSION_DESIRED, questions: [{ type: 'A', name: 'x.example' }], ...change })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['eleven bytes', Buffer.alloc(11)],
    ['an answer', encode({ type: 'response', id: 7, questions: [{ type: 'A', name: 'x.example' }] })],
    ['more than a question may have', Buffer.concat([question(), Buffer.alloc(600)])],
  ])('%s gets no answer', (_which, bytes) => {
    expect(answerTo(bytes, lookUp)).toBeNull()
  })

  it.each([
    ['a question', question(), 'NOERROR', 1],
    ['garbage after the header', Buffer.concat([Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), Buffer.from([63, 1])]), 'FORMERR', 0],
    ['two questions', question({ questions: [1, 2].map((n) => ({ type: 'A', name: `${n}.example` })) }), 'FORMERR', 0],
    ['an update', Buffer.concat([question().subarray(0, 2), Buffer.from([0x28]), question().subarray(3)]), 'NOTIMP', 0],
    ['a question for text', question({ questions: [{ type: 'TXT', name: 'x.example' }] }), 'NOERROR', 0],
  ])('%s gets an answer of its kind', (_which, bytes, rcode, answers) => {
    const answer = decode(answerTo(bytes, lookUp)!)
    expect([answer.id, (answer as { rcode?: string }).rcode, answer.answers?.length ?? 0]).toEqual([7, rcode, answers])
  })

  /** A question by hand: its labels in bytes, whatever they are. */
  const byHand = (labels: Buffer, type = 1, klass = 1): Buffer =>
    Buffer.concat([
      Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
      labels,
      Buffer.from([type >> 8, type & 255, klass >> 8, klass & 255]),
    ])
  const label = (text: string | Buffer): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])
  const END = Buffer.from([0])

  it.each([
    ['a pointer to itself', byHand(Buffer.from([0xc0, 12]))],
    ['a pointer to the pointer before it', byHand(Buffer.concat([label('a'), Buffer.from([0xc0, 16, 0xc0, 14])]))],
    ['a label of the length that is reserved', byHand(Buffer.concat([Buffer.from([0x40]), Buffer.alloc(64, 97), END]))],
    ['a name of 256 bytes', byHand(Buffer.concat([...Array.from({ length: 4 }, () => label('x'.repeat(62))), label('yy'), END]))],
    ['a name without its end', byHand(label('x')).subarray(0, 14)],
    ['no class', byHand(Buffer.concat([label('x'), END])).subarray(0, 17)],
  ])('[NET-09] %s is FORMERR, in no more bytes than a header', (_which, bytes) => {
    const answer = answerTo(bytes, lookUp)!
    expect([answer.length, decode(answer)]).toMatchObject([12, { id: 7, rcode: 'FORMERR' }])
  })

  it.each([
    ['bytes that are no text', Buffer.concat([...Array.from({ length: 4 }, () => label(Buffer.alloc(62, 0xff))), END]), 1, 1],
    ['a dot within a label', Buffer.concat([label('push.webexconnect'), label('com'), END]), 1, 1],
    ['the root', END, 1, 1],
    ['a class other than IN', Buffer.concat([label('x'), END]), 1, 3],
    ['a type of nobody’s', Buffer.concat([label('x'), END]), 65_280, 1],
  ])('[NET-09] %s: REFUSED, and the question goes back byte for byte', (_which, name, type, klass) => {
    const asked = byHand(name, type, klass)
    // Whatever comes behind the question is not sent back: an answer is no longer than what was asked.
    const answer = answerTo(Buffer.concat([asked, Buffer.alloc(100, 9)]), (known) => (known === 'push.webexconnect.com' ? [] : null))!
    expect(answer.subarray(12)).toEqual(asked.subarray(12))
    expect(answer.readUInt16BE(2) & 15).toBe(5)
    expect([4, 6, 8, 10].map((at) => answer.readUInt16BE(at))).toEqual([1, 0, 0, 0])
  })

  it('whatever the bytes are, an answer has at most 512 of them, and nothing throws', () => {
    const good = question()
    let state = 1
    const random = (below: number): number => (state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) % below
    let longest = 0
    let grown = 0
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.concat([good, Buffer.alloc(random(40), random(256))])
      for (let change = random(8); change > 0; change--) bytes[random(bytes.length)] = random(256)
      const answer = answerTo(bytes, (name) => (name.startsWith('x') ? ['10.0.0.1', '::1'] : null))
      longest = Math.max(longest, answer?.length ?? 0)
      grown = Math.max(grown, (answer?.length ?? 0) - bytes.length)
    }
    expect(longest).toBeLessThanOrEqual(512)
    // One address, version 6 at most, with all that belongs to it.
    expect([16, 28]).toContain(grown)
  })

  it('an answer never has more than 512 bytes', () => {
    const many = Array.from({ length: 100 }, (_, n) => `10.0.0.${n}`)
    const answer = answerTo(question(), () => many)!
    expect(answer.length).toBeLessThanOrEqual(512)
    expect(decode(answer).answers!.length).toBeGreaterThan(10)
  })

  it('a flood is answered up to a limit, and others are served in the next second', async () => {
    const dns = await openDns({ address: '127.0.0.1', port: 0, lookUp, answersPerSecond: 50 })
    const socket = createSocket('udp4')
    let answered = 0
    socket.on('message', () => answered++)
    const started = performance.now()
    for (let sent = 0; sent < 150; sent++) await new Promise((resolve) => socket.send(question(), dns.port, '127.0.0.1', resolve))
    await eventually(() => dns.queries === 150, 'the flood')
    // It may have lasted from one second into the next, on a busy machine into more.
    const seconds = Math.floor((performance.now() - started) / 1_000) + 2
    expect(answered).toBeLessThanOrEqual(50 * seconds)
    expect(answered).toBeGreaterThan(0)
    await after(1_100)
    expect(await resolverAt(dns.port).resolve4('x.example')).toEqual(['127.0.0.1'])
    socket.close()
    await dns.close()
  })
})
