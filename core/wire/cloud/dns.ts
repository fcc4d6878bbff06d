/**
 * The lab's own DNS over UDP: the documented names of the clouds lead to the lab, the proxy's name to the proxy (NET-09).
 * It knows nothing else and asks nobody, so it says REFUSED, and answers are never longer than their question allows.
 */
import { createSocket, type RemoteInfo } from 'node:dgram'
import { isIP } from 'node:net'
import { AUTHORITATIVE_ANSWER, decode, encode, RECURSION_DESIRED, type Answer, type Packet, type Question } from 'dns-packet'

/** Addresses of clouds may change with the next opening; that of a proxy is for its clients to keep (PROXY-07). */
const TTL_S = 60

/** Without EDNS no answer has more (RFC 1035). */
const MAX_ANSWER_BYTES = 512
const MAX_QUESTION_BYTES = 512
/** Answers within a second; more questions are not answered: a flood of them is no use to anybody. */
const ANSWERS_PER_SECOND = 2_000

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
    const reply = answerTo(message, lookUp)
    if (reply) socket.send(reply, peer.port, peer.address, () => undefined)
    changed?.()
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', reject)
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

/** The answer to one datagram; null for what is no question. */
export function answerTo(message: Buffer, lookUp: DnsOptions['lookUp']): Buffer | null {
  if (message.length < 12 || message.length > MAX_QUESTION_BYTES) return null
  // An answer is never answered: two servers would talk for ever.
  if ((message[2] as number) & 0x80) return null
  let asked: Packet
  try {
    asked = decode(message)
  } catch {
    return encode({ type: 'response', id: message.readUInt16BE(0), flags: FORMERR })
  }
  const { id, questions = [] } = asked
  const [question] = questions
  const flags = AUTHORITATIVE_ANSWER | ((asked.flags ?? 0) & RECURSION_DESIRED)
  const refuse = (rcode: number): Buffer =>
    limited({ type: 'response', id: id ?? 0, flags: flags | rcode, questions: questions.slice(0, 1) })
  if (((message[2] as number) & 0x78) !== 0) return refuse(NOTIMP)
  if (!question || questions.length > 1) return refuse(FORMERR)
  const addresses = lookUp(question.name.toLowerCase().replace(/\.$/, ''))
  if (addresses === null) return refuse(REFUSED)
  return limited({ type: 'response', id: id ?? 0, flags: flags | NOERROR, questions: [question], answers: answersOf(question, addresses) })
}

/** A name that is known, but has no address of this kind, is answered with none. */
function answersOf({ name, type }: Question, addresses: readonly string[]): Answer[] {
  const family = type === 'A' ? 4 : type === 'AAAA' ? 6 : 0
  return addresses.filter((data) => isIP(data) === family).map((data) => ({ name, type: family === 4 ? 'A' : 'AAAA', ttl: TTL_S, data }))
}

function limited(packet: Packet): Buffer {
  for (;;) {
    const bytes = encode(packet)
    if (bytes.length <= MAX_ANSWER_BYTES || !packet.answers?.length) return bytes
    packet.answers = packet.answers.slice(0, -1)
  }
}
