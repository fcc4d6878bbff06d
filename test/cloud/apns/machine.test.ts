import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PUSH_TYPES, TOPIC_SUFFIX, type HeaderList } from '../../../core/cloud/apns/headers.ts'
import {
  BAD_TOKEN_BURST,
  BAD_TOKEN_WINDOW_MS,
  bodyOf,
  createApns,
  forcedAnswer,
  MAX_PAYLOAD_BYTES,
  MAX_VOIP_PAYLOAD_BYTES,
  type ApnsAnswer,
  type ApnsRequest,
  type DeviceToken,
} from '../../../core/cloud/apns/machine.ts'
import { MAX_CLOCK_AHEAD_MS, MAX_TOKEN_AGE_MS, RENEWAL_MS, type ProviderToken } from '../../../core/cloud/apns/providerToken.ts'
import { ruleOf, STATUS_OF, type Reason } from '../../../core/cloud/apns/reasons.ts'

const BUNDLE = 'com.example.dialer'
const LIVE = 'ab'.repeat(32)
const GONE = 'de'.repeat(32)
const OTHER = '0a'.repeat(32)
const SINCE_MS = 1_700_000_000_123
const NOW_MS = 1_750_000_000_000

const DEVICES: Record<string, DeviceToken> = {
  [LIVE]: { topic: BUNDLE, environment: 'production', state: 'live', sinceMs: 0 },
  [GONE]: { topic: BUNDLE, environment: 'production', state: 'unregistered', sinceMs: SINCE_MS },
  [OTHER]: { topic: 'com.example.other', environment: 'production', state: 'live', sinceMs: 0 },
}

/** `team/key/iat` is a good token, everything else is not. */
function verify(jwt: string): ProviderToken | null {
  const [teamId = '', keyId = '', iat = ''] = jwt.split('/')
  return iat === '' ? null : { teamId, keyId, issuedAtMs: Number(iat), topics: null, environment: null }
}

const fresh = () => {
  let made = 0
  const apns = createApns({
    tokenOf: (hex) => DEVICES[hex] ?? null,
    verify,
    uuid: () => `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`,
  })
  return { apns, connection: apns.connect('production') }
}

type Draft = { method: string; path: string; headers: Map<string, string[]>; bytes: number; atMs: number }

const draft = (): Draft => ({
  method: 'POST',
  path: `/3/device/${LIVE}`,
  headers: new Map([
    ['authorization', [`bearer team/key/${NOW_MS}`]],
    ['apns-topic', [BUNDLE]],
  ]),
  bytes: 2,
  atMs: NOW_MS,
})

const requestOf = ({ method, path, headers, bytes, atMs }: Draft): ApnsRequest => ({
  method,
  path,
  headers: [...headers].flatMap(([name, values]) => values.map((value): [string, string] => [name, value])) as HeaderList,
  body: { bytes, text: 'x'.repeat(Math.min(bytes, 10)) },
  atMs,
})

const ask = (change: (request: Draft) => void, at = fresh()): ApnsAnswer => {
  const request = draft()
  change(request)
  return at.apns.answer(at.connection, requestOf(request))
}

/** A fault for each step of APNS-07, in its order. */
const STEPS: readonly { step: string; reason: Reason; spoil(request: Draft): void }[] = [
  { step: 'a repeated header', reason: 'DuplicateHeaders', spoil: ({ headers }) => headers.set('apns-expiration', ['1', '1']) },
  { step: 'id', reason: 'BadMessageId', spoil: ({ headers }) => headers.set('apns-id', ['7']) },
  { step: 'method', reason: 'MethodNotAllowed', spoil: (request) => (request.method = 'GET') },
  { step: 'topic', reason: 'MissingTopic', spoil: ({ headers }) => headers.delete('apns-topic') },
  { step: 'collapse id', reason: 'BadCollapseId', spoil: ({ headers }) => headers.set('apns-collapse-id', ['x'.repeat(65)]) },
  { step: 'priority', reason: 'BadPriority', spoil: ({ headers }) => headers.set('apns-priority', ['2']) },
  { step: 'expiration', reason: 'BadExpirationDate', spoil: ({ headers }) => headers.set('apns-expiration', ['-1']) },
  { step: 'push type', reason: 'InvalidPushType', spoil: ({ headers }) => headers.set('apns-push-type', ['telegram']) },
  { step: 'path and token', reason: 'BadPath', spoil: (request) => (request.path = '/4/device') },
  { step: '410', reason: 'Unregistered', spoil: (request) => (request.path = `/3/device/${GONE}`) },
  { step: 'topic match', reason: 'DeviceTokenNotForTopic', spoil: (request) => (request.path = `/3/device/${OTHER}`) },
  { step: 'authentication', reason: 'MissingProviderToken', spoil: ({ headers }) => headers.delete('authorization') },
  { step: 'empty', reason: 'PayloadEmpty', spoil: (request) => (request.bytes = 0) },
  { step: 'too large', reason: 'PayloadTooLarge', spoil: (request) => (request.bytes = MAX_VOIP_PAYLOAD_BYTES + 1) },
]

/** Both touch the same thing, so that a request has only one of them. */
const EXCLUSIVE = [
  ['DuplicateHeaders', 'BadExpirationDate'],
  ['BadPath', 'Unregistered'],
  ['BadPath', 'DeviceTokenNotForTopic'],
  ['Unregistered', 'DeviceTokenNotForTopic'],
  ['PayloadEmpty', 'PayloadTooLarge'],
]

describe('the order of checks', () => {
  it('[APNS-07] a request without a fault is accepted', () => {
    expect(ask(() => undefined)).toMatchObject({ status: 200, reason: null })
  })

  for (const [index, first] of STEPS.entries()) {
    it(`[APNS-07] ${first.step} is told alone, and before everything after it`, () => {
      expect(ask(first.spoil)).toMatchObject({ status: STATUS_OF[first.reason], reason: first.reason, accepted: null })
      let pairs = 0
      for (const second of STEPS.slice(index + 1)) {
        if (EXCLUSIVE.some(([a, b]) => a === first.reason && b === second.reason)) continue
        pairs += 1
        const both = (spoils: typeof STEPS) => ask((request) => spoils.forEach(({ spoil }) => spoil(request)))
        expect(both([first, second]).reason, `${first.step} and ${second.step}`).toBe(first.reason)
        expect(both([second, first]).reason, `${second.step} and ${first.step}`).toBe(first.reason)
      }
      // All pairs but the impossible ones.
      expect(pairs).toBe(STEPS.length - 1 - index - EXCLUSIVE.filter(([a]) => a === first.reason).length)
    })
  }

  it('[APNS-07] a device token that is gone is told before its wrong topic', () => {
    expect(
      ask((request) => {
        request.path = `/3/device/${GONE}`
        request.headers.set('apns-topic', ['com.example.other'])
      }),
    ).toMatchObject({ status: 410, reason: 'Unregistered', timestampMs: SINCE_MS })
  })

  it('[APNS-07] any set of faults gives the reason of the first one', () => {
    fc.assert(
      fc.property(fc.subarray([...STEPS.keys()], { minLength: 1 }), (picked) => {
        const first = STEPS[picked[0]!]!
        const chosen = picked
          .map((index) => STEPS[index]!)
          .filter((step) => !EXCLUSIVE.some(([a, b]) => b === step.reason && picked.some((i) => STEPS[i]!.reason === a)))
        expect(ask((request) => chosen.forEach(({ spoil }) => spoil(request))).reason).toBe(first.reason)
      }),
    )
  })
})

describe('headers', () => {
  it('[APNS-03] every push type is taken with its topic, and without the suffix or with that of VoIP it is refused', () => {
    expect(PUSH_TYPES).toHaveLength(9)
    for (const type of PUSH_TYPES) {
      const suffix = TOPIC_SUFFIX[type]
      const push = (topic: string) =>
        ask(({ headers }) => {
          headers.set('apns-push-type', [type])
          headers.set('apns-topic', [topic])
        })
      expect(push(BUNDLE + suffix), type).toMatchObject({ status: 200, accepted: { pushType: type } })
      if (suffix !== '') expect(push(BUNDLE).reason, type).toBe('TopicDisallowed')
      if (suffix !== '.voip') expect(push(`${BUNDLE}.voip`).reason, type).toBe(suffix === '' ? 'InvalidPushType' : 'TopicDisallowed')
    }
  })

  it('[APNS-03] a push type that is not given is read from the topic', () => {
    expect(ask(() => undefined).accepted).toMatchObject({ pushType: 'alert', priority: 10, expiration: null, collapseId: null })
    expect(ask(({ headers }) => headers.set('apns-topic', [`${BUNDLE}.voip`])).accepted).toMatchObject({ pushType: 'voip' })
  })

  it.each([
    ['10', 10],
    ['5', 5],
    ['1', 1],
  ])('[APNS-03] priority %s', (text, priority) => {
    expect(ask(({ headers }) => headers.set('apns-priority', [text])).accepted?.priority).toBe(priority)
  })

  it.each(['', '0', '05', '10 ', '1e1', 'high', 'constructor'])('[APNS-03] priority "%s" is refused', (text) => {
    expect(ask(({ headers }) => headers.set('apns-priority', [text])).reason).toBe('BadPriority')
  })

  it.each(['', '-1', '1.5', '1e9', 'now', '1234567890123'])('[APNS-03] expiration "%s" is refused', (text) => {
    expect(ask(({ headers }) => headers.set('apns-expiration', [text])).reason).toBe('BadExpirationDate')
  })

  it.each(['', '.com', 'com example', 'com/example', 'x'.repeat(256), 'ümlaut'])('[APNS-03] topic "%s" is refused', (text) => {
    expect(ask(({ headers }) => headers.set('apns-topic', [text])).reason).toBe(text === '' ? 'MissingTopic' : 'BadTopic')
  })

  it('[APNS-03] an apns-id comes back as it was written, a bad one is replaced', () => {
    const id = 'E977B7C3-1D0A-4B7F-9C6E-0123456789AB'
    expect(ask(({ headers }) => headers.set('apns-id', [id]))).toMatchObject({ apnsId: id, accepted: { apnsId: id } })
    expect(ask(({ headers }) => headers.set('apns-id', [id.slice(1)]))).toMatchObject({ apnsId: '00000000-0000-4000-8000-000000000001' })
  })

  it('[APNS-03] headers that are not those of a notification may come twice', () => {
    expect(ask(({ headers }) => headers.set('accept', ['a', 'b'])).status).toBe(200)
    expect(ask(({ headers }) => headers.set('authorization', [`bearer team/key/${NOW_MS}`, 'x'])).reason).toBe('DuplicateHeaders')
  })
})

describe('payloads', () => {
  it.each([
    ['alert', BUNDLE, MAX_PAYLOAD_BYTES, 4_096],
    ['background', BUNDLE, MAX_PAYLOAD_BYTES, 4_096],
    ['voip', `${BUNDLE}.voip`, MAX_VOIP_PAYLOAD_BYTES, 5_120],
  ])('[APNS-04] %s: at its limit accepted, one byte more refused', (type, topic, limit, bytes) => {
    expect(limit).toBe(bytes)
    const push = (size: number) =>
      ask((request) => {
        request.headers.set('apns-push-type', [type])
        request.headers.set('apns-topic', [topic])
        request.bytes = size
      })
    expect(push(limit).status).toBe(200)
    expect(push(limit + 1)).toMatchObject({ status: 413, reason: 'PayloadTooLarge' })
    expect(push(1).status).toBe(200)
    expect(push(0)).toMatchObject({ status: 400, reason: 'PayloadEmpty' })
  })
})

describe('provider tokens', () => {
  const withToken = (jwt: string, at = fresh(), atMs = NOW_MS) =>
    ask((request) => {
      request.headers.set('authorization', [`bearer ${jwt}`])
      request.atMs = atMs
    }, at)

  it('[APNS-02] the age of a token, at both sides of both limits', () => {
    const aged = (ageMs: number) => withToken(`team/key/${NOW_MS - ageMs}`)
    expect(aged(MAX_TOKEN_AGE_MS).status).toBe(200)
    expect(aged(MAX_TOKEN_AGE_MS + 1)).toMatchObject({ status: 403, reason: 'ExpiredProviderToken' })
    expect(aged(-MAX_CLOCK_AHEAD_MS).status).toBe(200)
    expect(aged(-MAX_CLOCK_AHEAD_MS - 1)).toMatchObject({ status: 403, reason: 'InvalidProviderToken' })
    expect(MAX_TOKEN_AGE_MS).toBe(60 * 60_000)
  })

  it('[APNS-02] a key is renewed once per 20 min, on whatever connection', () => {
    const { apns } = fresh()
    const renewed = (atMs: number, key = 'key') => withToken(`team/${key}/${atMs}`, { apns, connection: apns.connect('production') }, atMs)
    expect(RENEWAL_MS).toBe(20 * 60_000)
    expect(renewed(NOW_MS).status).toBe(200)
    expect(renewed(NOW_MS + 1_000).status).toBe(200)
    expect(renewed(NOW_MS + 2_000)).toMatchObject({ status: 429, reason: 'TooManyProviderTokenUpdates' })
    expect(renewed(NOW_MS + 2_000, 'other').status, 'another key').toBe(200)
    expect(renewed(NOW_MS + 1_000 + RENEWAL_MS - 1)).toMatchObject({ status: 429 })
    expect(renewed(NOW_MS + 1_000 + RENEWAL_MS).status).toBe(200)
  })

  it('[APNS-02] a token is no renewal because another server of the provider still has the one before', () => {
    const at = fresh()
    for (let i = 0; i < 10; i++) for (const iat of [NOW_MS - 1_000, NOW_MS]) expect(withToken(`team/key/${iat}`, at).status).toBe(200)
  })

  it('[APNS-08] the first good token decides the team of a connection', () => {
    const at = fresh()
    expect(withToken('nonsense', at).reason).toBe('InvalidProviderToken')
    expect(at.connection.team).toBeNull()
    expect(withToken(`team/key/${NOW_MS}`, at).status).toBe(200)
    expect(withToken(`other/key2/${NOW_MS}`, at).reason).toBe('InvalidProviderToken')
    expect(withToken(`team/key3/${NOW_MS}`, at).status, 'another key of the team').toBe(200)
  })

  it.each([`Bearer team/key/${NOW_MS}`, `BEARER   team/key/${NOW_MS}  `])('[APNS-02] "%s" is taken', (authorization) => {
    expect(ask(({ headers }) => headers.set('authorization', [authorization])).status).toBe(200)
  })

  it.each(['', 'bearer', 'bearer ', 'basic abc', 'bearerteam/key/1'])('[APNS-02] "%s" is none', (authorization) => {
    expect(ask(({ headers }) => headers.set('authorization', [authorization])).reason).toBe('MissingProviderToken')
  })
})

describe('a burst of bad device tokens', () => {
  it('[APNS-08] ends the connection with the last of them, one less does not, and time forgives', () => {
    const bad = (at: ReturnType<typeof fresh>, atMs: number) =>
      ask((request) => {
        request.path = '/3/device/bad'
        request.atMs = atMs
      }, at)
    const at = fresh()
    for (let i = 1; i < BAD_TOKEN_BURST; i++) expect(bad(at, NOW_MS + i).goAway).toBeNull()
    expect(bad(at, NOW_MS + BAD_TOKEN_BURST)).toMatchObject({ status: 400, goAway: 'BadDeviceToken' })
    const slow = fresh()
    for (let i = 0; i < 2 * BAD_TOKEN_BURST; i++)
      expect(bad(slow, NOW_MS + (i * BAD_TOKEN_WINDOW_MS) / (BAD_TOKEN_BURST - 1)).goAway).toBeNull()
  })
})

describe('reasons', () => {
  it('[APNS-06] every reason has its status, its row and its JSON', () => {
    const counts = Object.values(STATUS_OF).reduce<Record<number, number>>(
      (sum, status) => ({ ...sum, [status]: (sum[status] ?? 0) + 1 }),
      {},
    )
    expect(counts).toEqual({ 400: 14, 403: 8, 404: 1, 405: 1, 410: 2, 413: 1, 429: 2, 500: 1, 503: 2 })
    for (const reason of Object.keys(STATUS_OF) as Reason[]) {
      const answer = forcedAnswer(reason, 'id')
      expect(answer.status).toBe(STATUS_OF[reason])
      expect(JSON.parse(bodyOf(answer))).toEqual({ reason })
      expect(ruleOf(reason)).toMatch(/^APNS-0[1-6]$/)
    }
    expect(ruleOf('Shutdown')).toBe('APNS-06')
    expect(ruleOf('Unregistered')).toBe('APNS-05')
    expect(JSON.parse(bodyOf(forcedAnswer('Unregistered', 'id', SINCE_MS)))).toEqual({ reason: 'Unregistered', timestamp: SINCE_MS })
    expect(bodyOf({ reason: null, timestampMs: null })).toBe('')
  })

  it('[APNS-07] whatever is asked, the answer is one of the known, and the same again', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.constantFrom('', '0', '10', BUNDLE, `${BUNDLE}.voip`, 'voip', 'alert', `bearer team/key/${NOW_MS}`),
    )
    const names = fc.constantFrom(
      'apns-id',
      'apns-topic',
      'apns-priority',
      'apns-push-type',
      'apns-expiration',
      'apns-collapse-id',
      'authorization',
      '__proto__',
    )
    const anyRequest = fc.record({
      method: fc.constantFrom('POST', 'GET', ''),
      path: fc.oneof(fc.string(), fc.constantFrom(`/3/device/${LIVE}`, `/3/device/${GONE}`, '/3/device/')),
      headers: fc.array(fc.tuple(names, texts), { maxLength: 8 }),
      body: fc.record({ bytes: fc.nat(6_000), text: fc.string() }),
      atMs: fc.constant(NOW_MS),
    })
    fc.assert(
      fc.property(anyRequest, (request) => {
        const [one, two] = [fresh(), fresh()]
        const answer = one.apns.answer(one.connection, request)
        expect(two.apns.answer(two.connection, request)).toEqual(answer)
        expect(answer.status).toBe(answer.reason === null ? 200 : STATUS_OF[answer.reason])
        expect(answer.accepted === null).toBe(answer.reason !== null)
      }),
      { numRuns: 300 },
    )
  })
})
