/**
 * The lab's own DNS over UDP: the documented names of the clouds lead to the lab, the proxy's name to the proxy (NET-09).
 * It knows nothing else and asks nobody, so it says REFUSED, and answers are never longer than their question allows.
 */
import { createSocket, type RemoteInfo } from 'node:dgram'
import { isIP } from 'node:net'
import { AUTHORITATIVE_ANSWER, encode, RECURSION_DESIRED } from 'dns-packet'
import { whyNot } from '../listening.ts'
import { CLASS_IN, HEADER_BYTES, readQuestion, TYPE_A, TYPE_AAAA, type DnsQuestion } from './dnsQuestion.ts'

/** Addresses of clouds may change with the next opening; that of a proxy is for its clients to keep (PROXY-07). */
const TTL_S = 60

/** Without EDNS no answer has more (RFC 1035). */
const MAX_ANSWER_BYTES = 512
const MAX_QUESTION_BYTES = 512
/** Answers within a second; more questions are not answered: a flood of them is no use to anybody. */
const ANSWERS_PER_SECOND = 2_000

/** In the flags of a header (RFC 1035, 4.1.1). */
const RESPONSE = 0x8000
const OPCODE = 0x7800

const NOERROR = 0
const FORMERR = 1
const NOTIMP = 4
const REFUSED = 5

export type Dns = { readonly port: number; readonly queries: number; close(): Promise<void> }

export type DnsOptions = {
  address: string
  /** 0 takes any free one. */
  port: number
  /** Addresses of a name, in lower case and without its last dot; null when it is none of the lab's. */
  lookUp(name: string): readonly string[] | null
  changed?: () => void
  answersPerSecond?: number
}

/** Rejects when it cannot listen. */
export async function openDns({ address, port, lookUp, changed, answersPerSecond = ANSWERS_PER_SECOND }: DnsOptions): Promise<Dns> {
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4')
  let queries = 0
  let second = 0
  let answered = 0
  socket.on('message', (message: Buffer, peer: RemoteInfo) => {
    queries++
    const now = Math.floor(performance.now() / 1_000)
    if (now !== second) [second, answered] = [now, 0]
    if (++answered > answersPerSecond) return
    // Port 0 can be forged, and nothing can be sent there.
    const bytes = peer.port === 0 ? null : answerTo(message, lookUp)
    if (bytes) socket.send(bytes, peer.port, peer.address, () => undefined)
    changed?.()
  })
  await new Promise<void>((resolve, reject) => {
    const refused = (error: Error): void => {
      socket.close()
      reject(new Error(whyNot(error, { address, port }), { cause: error }))
    }
    socket.once('error', refused)
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', refused)
      resolve()
    })
  })
  socket.on('error', () => undefined)
  return {
    port: socket.address().port,
    get queries() {
      return queries
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

/** The answer to one datagram; null for what is no question. Never throws, whatever the bytes are. */
export function answerTo(message: Buffer, lookUp: DnsOptions['lookUp']): Buffer | null {
  if (message.length < HEADER_BYTES || message.length > MAX_QUESTION_BYTES) return null
  const flags = message.readUInt16BE(2)
  // An answer is never answered: two servers would talk for ever.
  if ((flags & RESPONSE) !== 0) return null
  if ((flags & OPCODE) !== 0) return reply(message, HEADER_BYTES, NOTIMP)
  const question = message.readUInt16BE(4) === 1 ? readQuestion(message) : null
  if (question === null) return reply(message, HEADER_BYTES, FORMERR)
  const addresses = question.class === CLASS_IN ? lookUp(question.name.toLowerCase()) : null
  return addresses === null ? reply(message, question.end, REFUSED) : answer(message, question, addresses)
}

/** The first `end` bytes of what was asked, as an answer: header, and question if it is in them. */
function reply(message: Buffer, end: number, rcode: number, records: readonly Buffer[] = []): Buffer {
  const bytes = Buffer.concat([message.subarray(0, end), ...records])
  bytes.writeUInt16BE(RESPONSE | AUTHORITATIVE_ANSWER | (bytes.readUInt16BE(2) & (OPCODE | RECURSION_DESIRED)) | rcode, 2)
  bytes.writeUInt16BE(end > HEADER_BYTES ? 1 : 0, 4)
  bytes.writeUInt16BE(records.length, 6)
  bytes.writeUInt32BE(0, 8) // nothing beside them
  return bytes
}

/** A name that is known, but has no address of this kind, is answered with none. */
function answer(message: Buffer, { type, end }: DnsQuestion, addresses: readonly string[]): Buffer {
  const family = type === TYPE_A ? 4 : type === TYPE_AAAA ? 6 : 0
  const records = addresses.filter((address) => isIP(address) === family).map(recordOf)
  const room = Math.floor((MAX_ANSWER_BYTES - end) / (records[0]?.length ?? 1))
  return reply(message, end, NOERROR, records.slice(0, room))
}

/** Its name is that of the question, which begins behind the header. */
function recordOf(data: string): Buffer {
  const whole = encode({ type: 'response', answers: [{ name: '.', type: isIP(data) === 4 ? 'A' : 'AAAA', ttl: TTL_S, data }] })
  return Buffer.concat([Buffer.from([0xc0, HEADER_BYTES]), whole.subarray(HEADER_BYTES + 1)])
}
