import { describe, expect, it } from 'vitest'
import { asText, exchangeMark, exchangesOf, readable, realHops } from '../../../renderer/views/clouds/exchanges.ts'
import { ports } from '../../../renderer/state/clouds.ts'
import { cloudsState, exchange, exchanges } from '../fixtures/clouds.ts'
import { events } from '../fixtures/rows.ts'

const ofFlow = exchanges.filter(({ flow }) => flow === 18)
const hop = (seq: number) => events.find((event) => event.seq === seq)!

describe('hops and their exchanges', () => {
  it('a request to Push REST and its forward to APNs are two exchanges; what APNs tells the phone is none', () => {
    expect(exchangesOf(hop(6), ofFlow).map(({ number }) => number)).toEqual([3])
    expect(exchangesOf(hop(7), ofFlow).map(({ number }) => number)).toEqual([4])
    expect(exchangesOf(hop(8), ofFlow)).toEqual([])
    expect([...realHops(events, ofFlow)]).toEqual([6, 7])
    expect(realHops(events, []).size).toBe(0)
  })

  it('another tracking ID is another push, and a hop of another moment is not it', () => {
    expect(exchangesOf(hop(6), [exchange(9, { tracking: 'CPNS_other' })])).toEqual([])
    expect(exchangesOf(hop(6), [exchange(9, { tracking: null })])).toHaveLength(1)
    // 100 ms between the two clocks, not more.
    expect(exchangesOf(hop(6), [exchange(9, { at: hop(6).at + 100 })])).toHaveLength(1)
    expect(exchangesOf(hop(6), [exchange(9, { at: hop(6).at + 101 })])).toEqual([])
    expect(exchangesOf(hop(6), [exchange(9, { at: hop(6).sentAt - 138, ms: 38 })])).toHaveLength(1)
    expect(exchangesOf(hop(6), [exchange(9, { at: hop(6).sentAt - 139, ms: 38 })])).toEqual([])
  })

  it('the platforms know a push by the UUID of its tracking ID', () => {
    const uuid = hop(7).tracking!.replace('CPNS_', '')
    expect(exchangesOf(hop(7), [exchange(9, { cloud: 'apns', tracking: uuid })])).toHaveLength(1)
    expect(exchangesOf(hop(7), [exchange(9, { cloud: 'apns', tracking: uuid.slice(1) })])).toEqual([])
  })

  it('a run that is given again has no exchanges: what the lab says of a hop stands for the whole way of that push', () => {
    const answer = { ...hop(6), seq: 99, from: hop(6).to, to: hop(6).from, outcome: 'accepted, over a real socket' }
    expect([...realHops([...events, answer], [])]).toEqual([6, 99])
    expect([...realHops([...events, { ...answer, tracking: 'CPNS_other' }], [])]).toEqual([99])
  })

  it('an answer is a state with its status; no answer says why', () => {
    expect(exchangeMark(exchange(1))).toEqual({ state: 'up', word: '200' })
    expect(exchangeMark(exchange(1, { response: { status: 399, headers: [], body: '' } })).state).toBe('up')
    expect(exchangeMark(exchange(1, { response: { status: 400, headers: [], body: '' } }))).toEqual({ state: 'down', word: '400' })
    expect(exchangeMark(exchange(1, { fault: true })).state).toBe('degraded')
    expect(exchangeMark(exchange(1, { response: null, outcome: 'reset' }))).toEqual({ state: 'down', word: 'reset' })
  })

  it('JSON is laid out, anything else stays as it travelled', () => {
    expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}')
    expect(readable('{"a":1… cut')).toBe('{"a":1… cut')
    expect(readable('<html>')).toBe('<html>')
  })

  it('is copied as two messages with what was around them', () => {
    const text = asText(exchange(3))
    expect(text).toMatch(/^# 03:14\.320, 38 ms, push-rest 3, 127\.0\.0\.1:50112, TLSv1\.3\nPOST \/v1\/push HTTP\/1\.1\nhost: push/)
    expect(text).toContain('\n\nHTTP/1.1 200\ncontent-type: application/json\n\n{"status":"accepted"}\n')
    expect(asText(exchange(3, { response: null, outcome: 'reset' }))).toContain('# no answer: reset')
  })
})

describe('ports', () => {
  it('ports in a row are a range', () => {
    expect(ports(cloudsState())).toBe('ports 7440–7444')
    const { servers } = cloudsState()
    expect(ports(cloudsState({ servers: [servers[0]!, servers[2]!] }))).toBe('ports 7440, 7442')
    expect(ports(cloudsState({ servers: [servers[0]!] }))).toBe('port 7440')
    expect(ports(cloudsState({ servers: [] }))).toBe('no port')
  })
})
