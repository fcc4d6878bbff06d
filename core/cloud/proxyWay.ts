/**
 * The way to the cloud through a proxy: its name, its addresses in turn, the tunnel with the login, and TLS with the cloud
 * inside it. Whoever is silent is left behind, whoever says no is believed (PROXY-01 to PROXY-03, PROXY-07, DEC-15, DEC-26).
 */
import { hostPort } from '../edge/hostPort.ts'
import { challengeLine, challengeNames, readChallenges, type Challenge, type ProxyLogin } from '../edge/proxyAuth.ts'
import {
  CONNECT_TIMEOUT_MS,
  HTTPS_PORT,
  isAddress,
  PROXY_ADDRESS_TTL_MS,
  PROXY_CONNECT_MS,
  type Asked,
  type CloudFailure,
  type Line,
  type ProxySettings,
  type TunnelReply,
  type WayPort,
} from './way.ts'

/** Challenges that are answered for one tunnel: the login itself, and once more when its nonce was too old. */
const LOGINS = 2

/** What a client keeps about its proxy from one connection to the next. */
export type ProxyMemory = {
  addresses: { found: readonly string[]; lookedUpAt: number } | null
  /** The challenge that was answered last, answered again without being asked, and how often it was. */
  challenge: { asked: Challenge; uses: number } | null
}

export const newProxyMemory = (): ProxyMemory => ({ addresses: null, challenge: null })

/** Where a way leads or ended: `place` counts the addresses from 0, `next` is the address that follows, or null. */
type Spot = { place: number; next: string | null }

/** `silent`: nobody said no, so the next address may do better [DEC-15]. */
export type Way<A extends Asked> = ({ ok: true; line: Line<A> } & Spot) | ({ ok: false; failure: CloudFailure; silent: boolean } & Spot)

type Client<A extends Asked> = { port: WayPort<A>; settings: ProxySettings; memory: ProxyMemory }
type Opened<A extends Asked> = { ok: true; line: Line<A> } | CloudFailure

/** Opens a way, beginning with this address of the proxy (0 is the first). */
export function openThroughProxy<A extends Asked>(client: Client<A>, asked: A, first: number, done: (way: Way<A>) => void): void {
  addressesOf(client, asked, (found) => {
    if (!found.ok) return done({ ok: false, failure: found, silent: false, place: first, next: null })
    const { addresses } = found
    const connect = (place: number): void => {
      const address = addresses[place]
      const next = addresses[place + 1] ?? null
      if (address === undefined) {
        const failure: CloudFailure = { ok: false, stage: 'connect', text: deadText(client, addresses), why: 'PROXY-03', seq: lastSeq }
        return done({ ok: false, failure, silent: false, place, next: null })
      }
      dialProxy(client, asked, address, next, (dialled) => {
        if (dialled.ok) {
          return openTunnel(client, asked, address, dialled.line, LOGINS, (opened) =>
            done(
              opened.ok
                ? { ok: true, line: opened.line, place, next }
                : { ok: false, failure: opened, silent: opened.stage === 'timeout', place, next },
            ),
          )
        }
        if (dialled.stage !== 'connect') return done({ ok: false, failure: dialled, silent: false, place, next })
        lastSeq = dialled.seq
        connect(place + 1)
      })
    }
    let lastSeq: number | null = null
    connect(Math.min(first, addresses.length - 1))
  })
}

/** From memory while they are young enough, else from DNS; whoever is told an address needs none (PROXY-03, PROXY-07). */
function addressesOf<A extends Asked>(
  { port, settings, memory }: Client<A>,
  asked: A,
  then: (found: { ok: true; addresses: readonly string[] } | CloudFailure) => void,
): void {
  const { server } = settings
  if (isAddress(server)) return then({ ok: true, addresses: [server] })
  const kept = memory.addresses
  if (kept && port.clock.now() - kept.lookedUpAt < PROXY_ADDRESS_TTL_MS) return then({ ok: true, addresses: kept.found })
  port.resolve(asked, server, (found) => {
    if (found.ok) memory.addresses = { found: found.addresses, lookedUpAt: port.clock.now() }
    then(found)
  })
}

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`

function deadText<A extends Asked>({ port, settings, memory }: Client<A>, addresses: readonly string[]): string {
  const text = `no connection to the proxy at ${addresses.join(' or ')}`
  const kept = memory.addresses
  if (!kept || isAddress(settings.server)) return text
  const age = port.clock.now() - kept.lookedUpAt
  return `${text}; addresses of ${settings.server} were looked up ${seconds(age)} ago and are kept for another ${seconds(Math.max(0, PROXY_ADDRESS_TTL_MS - age))}`
}

/** Connects to one address within 2 s; a failure `connect` means that the next one has its turn. */
function dialProxy<A extends Asked>(
  { port, settings }: Client<A>,
  asked: A,
  address: string,
  next: string | null,
  done: (dialled: Opened<A>) => void,
): void {
  const sentAt = port.clock.now()
  let open = true
  const endBar = port.wait(asked, `connect to the proxy at ${address}`, PROXY_CONNECT_MS, 'PROXY-03')
  const timer = port.clock.schedule(
    PROXY_CONNECT_MS,
    () => {
      open = false
      endBar(true)
      abandon()
      const text = `no connection to the proxy at ${address} within ${seconds(PROXY_CONNECT_MS)}`
      const outcome = next === null ? `${text}, and it has no further address` : `${text}: next address, ${next}`
      const message = `connect ${hostPort(address, settings.port)}`
      const status = next === null ? 'fail' : 'warn'
      const seq = port.tell(asked, { about: 'connection', message, sentAt, outcome, status, why: 'PROXY-03' })
      done({ ok: false, stage: 'connect', text, why: 'PROXY-03', seq })
    },
    'proxy connect timeout',
  )
  const target = { address, port: settings.port, tls: settings.kind === 'HTTPS' ? settings.server : null }
  const abandon = port.dial(asked, target, (dialled) => {
    if (!open) {
      if (dialled.ok) dialled.line.close()
      return
    }
    open = false
    timer.cancel()
    endBar(false)
    done(dialled)
  })
}

/** CONNECT, the login when it is asked for, and TLS with the cloud: five seconds for all of it. */
function openTunnel<A extends Asked>(
  client: Client<A>,
  asked: A,
  address: string,
  line: Line<A>,
  logins: number,
  done: (opened: Opened<A>) => void,
): void {
  const { port, settings } = client
  const { clock } = port
  const sentAt = clock.now()
  const target = `${asked.name}:${HTTPS_PORT}`
  let open = true
  const finish = (opened: Opened<A>): void => {
    if (!open) return
    open = false
    timer.cancel()
    if (!opened.ok) line.close()
    done(opened)
  }
  const timer = clock.schedule(
    CONNECT_TIMEOUT_MS,
    () => {
      const text = `no tunnel to ${target} through the proxy at ${address} within ${seconds(CONNECT_TIMEOUT_MS)}`
      const seq = port.tell(asked, {
        about: 'connection',
        message: `CONNECT ${target}`,
        sentAt,
        outcome: text,
        status: 'fail',
        why: 'PROXY-05',
      })
      finish({ ok: false, stage: 'timeout', text, why: 'PROXY-05', seq })
    },
    'tunnel timeout',
  )
  const secure = (): void =>
    line.secure(asked, (result) => {
      finish(result.ok ? { ok: true, line } : result)
    })
  /** `answers`: this login answers a question of this very tunnel, so the same question again is a refusal. */
  const send = (login: ProxyLogin | null, left: number, answers: boolean): void =>
    line.tunnel(asked, login, (reply) => {
      if (!open) return
      if (!reply.ok) return finish(reply)
      if (reply.status >= 200 && reply.status < 300) return secure()
      if (reply.status !== 407) return finish(refusal(reply))
      const answer = left > 0 ? answerTo(client, reply, answers) : null
      if (answer === null) return finish(loginFailure(client, reply, login !== null))
      client.memory.challenge = { asked: answer, uses: 0 }
      if (!reply.closes) return send(loginFor(client), left - 1, true)
      // The proxy hung up after asking, as HTTP allows: the login goes over a new connection.
      open = false
      timer.cancel()
      line.close()
      dialProxy(client, asked, address, null, (dialled) =>
        dialled.ok ? openTunnel(client, asked, address, dialled.line, left - 1, done) : done(dialled),
      )
    })
  send(settings.authentication === 'none' ? null : loginFor(client), logins, false)
}

/** The login for the challenge that is kept; null while there is none. */
function loginFor<A extends Asked>({ port, settings, memory }: Client<A>): ProxyLogin | null {
  const { challenge } = memory
  const { user, password: secret } = settings
  if (challenge === null || challenge.asked.scheme === 'other') return null
  if (challenge.asked.scheme === 'Basic') return { scheme: 'Basic', user, secret }
  challenge.uses++
  return { scheme: 'Digest', user, secret, challenge: challengeLine(challenge.asked), uses: challenge.uses, cnonce: port.cnonce() }
}

/** The challenge that can be answered with what is set; null when none can, or when the answer to it was wrong. */
function answerTo<A extends Asked>({ settings, memory }: Client<A>, reply: TunnelReply, answered: boolean): Challenge | null {
  const fitting = readChallenges(reply.challenges).find((each) => each.scheme === settings.authentication)
  if (!fitting || !answered) return fitting ?? null
  // A new nonce for an old one is no refusal; the same question again is one.
  const before = memory.challenge?.asked
  return fitting.scheme === 'Digest' && before?.scheme === 'Digest' && fitting.stale && fitting.nonce !== before.nonce ? fitting : null
}

function loginFailure<A extends Asked>({ settings, memory }: Client<A>, reply: TunnelReply, answered: boolean): CloudFailure {
  memory.challenge = null // the next connection asks anew, perhaps with other settings
  const challenges = readChallenges(reply.challenges)
  const fits = challenges.some((each) => each.scheme === settings.authentication)
  const text =
    fits && answered
      ? `the proxy answers 407 to the user "${settings.user}": wrong user name or password`
      : `the proxy answers 407 and asks for ${challengeNames(challenges) || 'a login of no named kind'}; authentication is set to ${settings.authentication}`
  // Unified CM speaks Basic and Digest: a proxy that wants something else follows neither call flow.
  const spoken = challenges.some((each) => each.scheme !== 'other')
  return { ok: false, stage: 'proxy', text, why: spoken || challenges.length === 0 ? 'PROXY-02' : 'PROXY-01', seq: reply.seq }
}

/** Any other answer than a tunnel or a challenge. From 500 on it is the proxy's way to the cloud that fails. */
function refusal({ status, text, seq }: TunnelReply): CloudFailure {
  const said = `the proxy answers ${status} ${text} to CONNECT`
  if (status >= 502 && status <= 504)
    return { ok: false, stage: 'connect', text: `${said}: it does not reach the cloud`, why: 'PROXY-05', seq }
  if (status === 403) return { ok: false, stage: 'proxy', text: `${said}: its rules forbid this host or port`, why: 'PROXY-01', seq }
  return { ok: false, stage: 'proxy', text: `${said}: it follows neither of the two call flows`, why: 'PROXY-01', seq }
}
