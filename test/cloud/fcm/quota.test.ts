/** Windows and permits in virtual time, at both sides of each limit. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { QUOTA_FAILURE } from '../../../core/cloud/fcm/errors.ts'
import { FCM_QUOTAS, HOUR_MS, MAX_DEVICES, MAX_PROJECTS, MINUTE_MS } from '../../../core/cloud/fcm/limits.ts'
import { QuotaBook } from '../../../core/cloud/fcm/quota.ts'
import { alive, send, service, TOKENS } from './fake.ts'

/** No minute of any clock begins here. */
const START = 17_300
const COLLAPSIBLE = alive({ android: { collapse_key: 'sync' } })

describe('a device', () => {
  it('[FCM-05] gets 240 messages a minute; the 241st is QUOTA_EXCEEDED until the minute that began with the first is over', () => {
    const fcm = service()
    for (let i = 0; i < 240; i++) expect(send(fcm, alive(), START + i * 100).status).toBe(200)
    const over = send(fcm, alive(), START + 40_000)
    expect([over.status, over.code, over.json.error?.status, over.headers['retry-after']]).toEqual([
      429,
      'QUOTA_EXCEEDED',
      'RESOURCE_EXHAUSTED',
      '20',
    ])
    expect(over.json.error?.details.find((each) => each['@type'] === QUOTA_FAILURE)).toMatchObject({
      violations: [
        {
          subject: expect.stringMatching(/^device:alive/),
          description: 'Device message rate exceeded; messages to one device: 240 per minute.',
        },
      ],
    })
    // The clock has begun a new minute at 60,000; the window has not.
    expect(send(fcm, alive(), 60_000).status).toBe(429)
    expect(send(fcm, alive(), START + MINUTE_MS - 1).status).toBe(429)
    expect(send(fcm, alive(), START + MINUTE_MS).status).toBe(200)
    expect(send(fcm, { token: TOKENS.second }, START + 40_000).status).toBe(200)
  })

  it('[FCM-05] gets 5,000 messages an hour', () => {
    const fcm = service()
    let now = START
    for (let sent = 0; sent < 5_000; now += MINUTE_MS)
      for (let i = 0; i < 240 && sent < 5_000; i++, sent++) expect(send(fcm, alive(), now).status).toBe(200)
    const over = send(fcm, alive(), now)
    expect([over.status, over.json.error?.message]).toEqual([429, 'Device message rate exceeded; messages to one device: 5000 per hour.'])
    expect(send(fcm, alive(), START + HOUR_MS - 1).status).toBe(429)
    expect(send(fcm, alive(), START + HOUR_MS).status).toBe(200)
  })

  it('[FCM-05] gets 20 collapsible messages at once and one more every 3 minutes; others are not held up', () => {
    const fcm = service()
    for (let i = 0; i < 20; i++) expect(send(fcm, COLLAPSIBLE, START).status).toBe(200)
    const over = send(fcm, COLLAPSIBLE, START)
    expect([over.status, over.code, over.headers['retry-after']]).toEqual([429, 'QUOTA_EXCEEDED', '180'])
    expect(over.json.error?.message).toBe(
      'Device message rate exceeded; collapsible messages to one device: 20 at once, then one more every 3 minutes.',
    )
    expect(send(fcm, alive(), START).status).toBe(200)
    expect(send(fcm, COLLAPSIBLE, START + 180_000 - 1).status).toBe(429)
    expect(send(fcm, COLLAPSIBLE, START + 180_000).status).toBe(200)
    expect(send(fcm, COLLAPSIBLE, START + 180_000).status).toBe(429)
    // All 20 are back after an hour, and not more than 20 after a day.
    for (const wait of [HOUR_MS, 24 * HOUR_MS]) {
      const later = START + 180_000 + wait
      for (let i = 0; i < 20; i++) expect(send(fcm, COLLAPSIBLE, later).status).toBe(200)
      expect(send(fcm, COLLAPSIBLE, later).status).toBe(429)
    }
  })

  it('[FCM-05] an empty collapse key is none', () => {
    const fcm = service()
    for (let i = 0; i < 21; i++) expect(send(fcm, alive({ android: { collapse_key: '' } }), START).status).toBe(200)
  })

  it('[FCM-05] a dry run reaches no device', () => {
    const fcm = service()
    for (let i = 0; i < 241; i++) expect(send(fcm, alive(), START, { dryRun: true }).status).toBe(200)
    expect(send(fcm, alive(), START).status).toBe(200)
  })
})

describe('a project', () => {
  it('[FCM-05] has 600,000 a minute', () => {
    expect(FCM_QUOTAS.projectPerMinute).toBe(600_000)
    const book = new QuotaBook(FCM_QUOTAS)
    for (let i = 0; i < 599_999; i++) book.useProject('p', START)
    expect(book.projectRoom('p', START)).toEqual({ ok: true })
    book.useProject('p', START + 1)
    expect(book.projectRoom('p', START + 2)).toEqual({ ok: false, quota: 'project', limit: 600_000, waitMs: MINUTE_MS - 2 })
    expect(book.projectRoom('p', START + MINUTE_MS - 1).ok).toBe(false)
    expect(book.projectRoom('p', START + MINUTE_MS).ok).toBe(true)
    expect(book.projectRoom('q', START).ok).toBe(true)
  })

  it('[FCM-05] the first excess call gets QUOTA_EXCEEDED, with the metric that Google names', () => {
    const fcm = service({ projectPerMinute: 3 })
    for (const now of [START, START + 1, START + 2]) expect(send(fcm, alive(), now).status).toBe(200)
    const over = send(fcm, alive(), START + 3)
    expect([over.status, over.code, over.headers['retry-after']]).toEqual([429, 'QUOTA_EXCEEDED', '60'])
    expect(over.json.error?.message).toContain("limit 'Send requests per minute' of service 'fcm.googleapis.com'")
    expect(over.json.error?.details.at(-1)).toMatchObject({ reason: 'RATE_LIMIT_EXCEEDED', metadata: { quota_limit_value: '3' } })
    expect(send(fcm, alive(), START + MINUTE_MS).status).toBe(200)
  })

  it.each([
    ['400', () => ({ message: alive({ zzz: 1 }) }), 400],
    ['401', () => ({ change: { authorization: 'Bearer bad' } }), 401],
    ['403', () => ({ message: { token: TOKENS.foreign } }), 403],
    ['404', () => ({ message: { token: TOKENS.gone } }), 404],
    ['413', () => ({ change: { body: null } }), 413],
  ])('[FCM-05] an answer of %s uses quota up', (_which, fault, status) => {
    const fcm = service({ projectPerMinute: 2 })
    const { message = alive(), change = {} } = fault() as { message?: unknown; change?: object }
    expect(send(fcm, message, START, change).status).toBe(status)
    expect(send(fcm, alive(), START).status).toBe(200)
    expect(send(fcm, alive(), START).status).toBe(429)
  })

  it('[FCM-05] an answer of 429 does not: neither of the device nor of the project', () => {
    const fcm = service({ projectPerMinute: 4, devicePerMinute: 1 })
    expect(send(fcm, alive(), START).status).toBe(200)
    for (let i = 0; i < 50; i++) expect(send(fcm, alive(), START).status).toBe(429)
    const second = { token: TOKENS.second }
    expect([
      send(fcm, second, START).status,
      send(fcm, second, START, { dryRun: true }).status,
      send(fcm, second, START, { dryRun: true }).status,
    ]).toEqual([200, 200, 200])
    expect(send(fcm, second, START, { dryRun: true }).json.error?.message).toContain('Send requests per minute')
    for (let i = 0; i < 50; i++) send(fcm, alive(), START + 30_000)
    expect(send(fcm, alive(), START + MINUTE_MS).status).toBe(200)
  })

  it('[FCM-05] what never was a message of a project is counted nowhere', () => {
    const fcm = service()
    send(fcm, alive(), START, { path: '/v1/projects/nobody/messages:send' })
    send(fcm, { token: 'nobody' }, START, { method: 'GET' })
    expect(fcm.quotas.size).toEqual({ projects: 0, devices: 0 })
  })
})

describe('memory and clocks', () => {
  it('[FCM-05] of the devices and projects those seen last are remembered, and no more', () => {
    const book = new QuotaBook({ ...FCM_QUOTAS, devicePerMinute: 1, projectPerMinute: 1 })
    for (let i = 0; i < MAX_DEVICES + 10; i++) book.useDevice(`t${i}`, false, START)
    for (let i = 0; i < MAX_PROJECTS + 10; i++) book.useProject(`p${i}`, START)
    expect(book.size).toEqual({ projects: MAX_PROJECTS, devices: MAX_DEVICES })
    expect(book.deviceRoom('t10', false, START).ok).toBe(false)
    expect(book.deviceRoom('t9', false, START).ok).toBe(true)
    expect(book.projectRoom('p10', START).ok).toBe(false)
  })

  it('[FCM-05] a clock that was set back does not close a window for good', () => {
    const fcm = service({ devicePerMinute: 1, projectPerMinute: 1 })
    expect(send(fcm, COLLAPSIBLE, HOUR_MS).status).toBe(200)
    expect(send(fcm, COLLAPSIBLE, START).status).toBe(200)
  })

  it('[FCM-05] however often somebody asks, no minute from a first message has more than 240 accepted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ wait: fc.integer({ min: 0, max: 20_000 }), burst: fc.integer({ min: 1, max: 150 }) }), { maxLength: 40 }),
        (steps) => {
          const book = new QuotaBook(FCM_QUOTAS)
          const windows: { from: number; used: number }[] = []
          let now = START
          for (const { wait, burst } of steps) {
            now += wait
            for (let i = 0; i < burst; i++) {
              if (!book.deviceRoom('t', false, now).ok) continue
              book.useDevice('t', false, now)
              const last = windows.at(-1)
              if (last && now < last.from + MINUTE_MS) last.used++
              else windows.push({ from: now, used: 1 })
            }
          }
          expect(Math.max(0, ...windows.map(({ used }) => used))).toBeLessThanOrEqual(240)
        },
      ),
      { numRuns: 60, seed: 4 },
    )
  })
})
