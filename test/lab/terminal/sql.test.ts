import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSql } from '../../../core/admin/sql/parse.ts'
import { likes } from '../../../core/admin/sql/run.ts'
import { SQL_TABLES } from '../../../core/admin/sql/tables.ts'
import { cli, MINUTE, says } from '../admin/desk.ts'
import { bench, twoPhones, type Bench } from '../bench.ts'

const lab = (rest: Parameters<typeof twoPhones>[1] = {}): Bench => {
  const b = bench(twoPhones({}, { nodes: 2, im: true, ...rest }))
  b.runUntil(1_000)
  return b
}

const sql = (b: Bench, statement: string, node = 'ucm-pub'): string => says(b, node, `run sql ${statement}`)
const refusal = (b: Bench, statement: string, node = 'ucm-pub'): string => {
  const { output, failed } = cli(b, node, `run sql ${statement}`)
  expect(failed, output).toBe(true)
  return output
}
/** Cells of the answer, without title and line. */
const cells = (b: Bench, statement: string): string[][] =>
  sql(b, statement)
    .split('\n')
    .slice(2)
    .map((line) => line.split(/ {2,}| (?=\S+$)/))

const TOKEN = 'lab-rt-11111111-2222-4333-8444-555555555555'
const tokenOn = (b: Bench, node: string): string => sql(b, 'select refreshtoken from machineaccountdetails', node).split('\n')[2] ?? ''

describe('select', () => {
  it.each(SQL_TABLES.map(({ name, columns }) => [name, columns] as const))(
    '%s has the columns that it says, and rows on every node',
    (name, columns) => {
      const b = lab()
      for (const node of ['ucm-pub', 'ucm-sub1', 'imp-pub']) {
        const lines = sql(b, `select * from ${name}`, node).split('\n')
        expect(lines[0]!.split(/ +/)).toEqual(columns)
        expect(lines.length).toBeGreaterThan(2)
      }
    },
  )

  it('columns, where, order by, first, distinct and count are those of SQL', () => {
    const b = lab()
    expect(cells(b, 'select name from device order by name desc')).toEqual([['phone'], ['desk']])
    expect(cells(b, 'select first 1 name from device order by name')).toEqual([['desk']])
    expect(cells(b, "select userid from enduser where telephonenumber='5001'")).toEqual([['ana']])
    expect(cells(b, 'SELECT userid FROM enduser WHERE telephonenumber = 5001;')).toEqual([['ana']])
    expect(cells(b, "select name from device where name like 'p%' or (name = 'desk' and not tkmodel <> 683) order by name")).toEqual([
      ['desk'],
      ['phone'],
    ])
    expect(cells(b, "select name from device where name in ('desk', 'x') and fkenduser is not null")).toEqual([['desk']])
    expect(cells(b, "select name from device where name not like 'p_one'")).toEqual([['desk']])
    expect(cells(b, 'select userid from enduser where fkucserviceprofile is null')).toHaveLength(2)
    expect(cells(b, 'select distinct tknodeusage from processnode order by tknodeusage')).toEqual([['0'], ['1']])
    expect(sql(b, 'select count(*) from processnode').split('\n')[2]).toBe('3')
    expect(sql(b, "select * from device where name = 'nobody'")).toBe('No records found')
  })

  it('joins tables as people do to find the numbers on a phone', () => {
    const b = lab()
    const join =
      'select d.name as phone, n.dnorpattern, t.name as model from device as d inner join devicenumplanmap m on m.fkdevice=d.pkid ' +
      'inner join numplan as n on m.fknumplan=n.pkid inner join typemodel t on (t.enum = d.tkmodel) order by d.name'
    const lines = sql(b, join).split('\n')
    expect(lines[0]).toMatch(/^phone +dnorpattern +model/)
    expect(lines[2]).toMatch(/^desk +5010 +Cisco 8841$/)
    expect(lines[3]).toMatch(/^phone +5001 +Cisco Dual Mode for iPhone$/)
    const outer = "select e.userid, d.name from enduser e left outer join device d on d.fkenduser=e.pkid where e.userid='ana'"
    expect(sql(b, outer)).toMatch(/ana +phone/)
    b.give('device.delete', { device: 'phone' })
    expect(sql(b, outer)).toMatch(/ana +NULL/)
  })

  it('keys are the same in every run of a seed, and others with another seed', () => {
    const key = (seed: number): string => sql(lab({ seed }), "select pkid from device where name='phone'")
    expect(key(7)).toBe(key(7))
    expect(key(7)).not.toBe(key(8))
  })

  it.each([
    ['select foo from device', 'Column (foo) not found', 8],
    ['select name from devices', 'The specified table (devices) is not in the database. Tables of this lab: machineaccountdetails', 18],
    ['select d.name from device as x', 'Column (name) not found', 8],
    ['select pkid from device d inner join enduser e on e.pkid=d.fkenduser', 'stands in more than one table', 8],
    ['select name from device where', 'A value is missing', 30],
    ['select name from device where name', 'a comparison is missing', 35],
    ['select name from device where name = desk', 'Column (desk) not found', 38],
    ["select name from device where name = 'desk", 'A quoted text does not end', 38],
    ['select name device', 'from is expected here', 13],
    ['select name from device, enduser', 'not with a comma', 24],
    ['select name from device group by name', 'A syntax error has occurred.', 25],
    ['select sum(name) from device', 'from is expected', 11],
    ['delete from device', 'this lab has select and update', 1],
    ['drop table device', 'this lab has select and update', 1],
    [
      'select * from device d inner join enduser e on e.pkid = e.userid',
      'compares a column of its table with one of a table before it',
      48,
    ],
  ])('%s is refused with its place', (statement, message, position) => {
    const output = refusal(lab(), statement)
    expect(output).toContain(message)
    expect(output).toContain(`^ position ${position}`)
    expect(output).toContain('Right form: run sql')
  })

  it.each([
    ['select * from machine account details', 'run sql select * from machineaccountdetails', 15],
    [
      'select refreshtoken from Machine Account Details where pkid is not null',
      'run sql select refreshtoken from machineaccountdetails where pkid is not null',
      26,
    ],
    ['* from machineaccountdetails', 'run sql select * from machineaccountdetails', 1],
    ['refreshtoken from machineaccountdetails', 'run sql select refreshtoken from machineaccountdetails', 1],
  ])('[DEC-16] the broken spelling "%s" gets the right form', (statement, form, position) => {
    const output = refusal(lab(), statement)
    expect(output).toContain('A syntax error has occurred')
    expect(output).toContain(`^ position ${position}\n`)
    expect(output.endsWith(`Right form: ${form}`)).toBe(true)
    // And the right form is one.
    expect(cli(lab(), 'ucm-pub', form).failed).toBe(false)
  })

  it('shows at most 1,000 rows and says how many more there are', () => {
    const many = Array.from({ length: 1_001 }, (_, i) => ({ id: `p${i}`, owner: 'ana', client: 'deskphone' as const, lines: [`6${i}`] }))
    const b = bench(twoPhones({}, { devices: many }))
    const lines = sql(b, 'select name from device').split('\n')
    expect(lines).toHaveLength(2 + 1_000 + 1)
    expect(lines.at(-1)).toContain('3 more rows')
    expect(sql(b, 'select count(*) from device')).toContain('1003')
  })
})

describe('the refresh token of the machine account', () => {
  it.each([
    ['without quotes, without where', `update machineaccountdetails set refreshtoken=${TOKEN}`],
    ['in quotes', `update machineaccountdetails set refreshtoken='${TOKEN}'`],
    ['with blanks', `UPDATE MachineAccountDetails SET refreshtoken = "${TOKEN}" ;`],
  ])('[DEC-16][UPG-10] is written %s', (_how, statement) => {
    const b = lab()
    expect(sql(b, statement)).toBe('Rows: 1')
    expect(tokenOn(b, 'ucm-pub')).toBe(TOKEN)
  })

  it.each([
    ['in quotes', `'${TOKEN}'`],
    ['without', TOKEN],
  ])("[DEC-16] is written with where pkid='…', the value %s", (_how, value) => {
    const b = lab()
    const pkid = sql(b, 'select pkid from machineaccountdetails').split('\n')[2]
    expect(sql(b, `update machineaccountdetails set refreshtoken=${value} where pkid='${pkid}'`)).toBe('Rows: 1')
    expect(tokenOn(b, 'ucm-pub')).toBe(TOKEN)
    expect(sql(b, `update machineaccountdetails set refreshtoken='lab-rt-00000000' where pkid='other'`)).toBe('Rows: 0')
    expect(tokenOn(b, 'ucm-pub')).toBe(TOKEN)
  })

  it('[DEC-16][UPG-10] reaches the other databases after a second; a node that is down has the old one until it is back', () => {
    const b = lab()
    const old = tokenOn(b, 'imp-pub')
    b.give('node.shutDown', { node: 'ucm-sub1' })
    sql(b, `update machineaccountdetails set refreshtoken='${TOKEN}'`)
    b.runFor(999)
    expect(tokenOn(b, 'imp-pub')).toBe(old)
    b.runFor(1)
    expect(tokenOn(b, 'imp-pub')).toBe(TOKEN)
    b.give('node.start', { node: 'ucm-sub1' })
    expect(tokenOn(b, 'ucm-sub1')).toBe(TOKEN)
  })

  it('[DEC-16] is read on any node and written on the publisher only', () => {
    const b = lab()
    expect(refusal(b, `update machineaccountdetails set refreshtoken='${TOKEN}'`, 'ucm-sub1')).toContain('write on the publisher ucm-pub')
    expect(refusal(b, `update machineaccountdetails set refreshtoken='${TOKEN}'`, 'imp-pub')).toContain('write on the publisher ucm-pub')
    expect(refusal(b, "update device set name='x'")).toContain('only refreshtoken of machineaccountdetails')
    expect(refusal(b, "update machineaccountdetails set pkid='x'")).toContain('only refreshtoken of machineaccountdetails')
    expect(refusal(b, 'update machineaccountdetails set refreshtoken=')).toContain('A value is missing')
  })

  it('[UPG-10][TRB-11] services go by what they read at their start: pushes go on, then fail with 400, then work again', () => {
    const b = lab()
    const good = tokenOn(b, 'ucm-pub')
    sql(b, `update machineaccountdetails set refreshtoken='${TOKEN}'`)
    b.runUntil(56 * MINUTE)
    expect(b.hops({ from: 'ci', to: 'ucm-pub/CPNS', message: '200' })).toHaveLength(2)
    says(b, 'ucm-pub', 'utils service restart Cisco Push Notification Service')
    b.runFor(5_000)
    expect(b.hops({ from: 'ci', to: 'ucm-pub/CPNS', message: '400' })).toHaveLength(1)
    expect(b.alarms('AccessTokenInvalid')).toMatchObject([{ node: 'ucm-pub', clearedAt: null }])
    sql(b, `update machineaccountdetails set refreshtoken='${good}'`)
    b.runFor(10 * MINUTE + 5_000)
    expect(b.hops({ from: 'ci', to: 'ucm-pub/CPNS', message: '400' })).toHaveLength(2)
    says(b, 'ucm-pub', 'utils service restart Cisco Push Notification Service')
    b.runFor(5_000)
    expect(b.alarms('AccessTokenInvalid')).toMatchObject([{ node: 'ucm-pub', clearedAt: expect.any(Number) }])
  })

  it('[SEC-04] a token that is not of the lab is refused, and neither hops nor journal have it; of its own they have the beginning', () => {
    const journal: string[] = []
    const b = bench(twoPhones(), { journal: (line) => void journal.push(line) })
    b.runUntil(1_000)
    expect(refusal(b, "update machineaccountdetails set refreshtoken='MDM0YjQ3real'")).toContain('Never type a real token here')
    sql(b, `update machineaccountdetails set refreshtoken='${TOKEN}'`)
    sql(b, 'select * from machineaccountdetails')
    expect(journal.join('\n')).not.toContain('MDM0YjQ3real')
    expect(b.events.some(({ message, outcome }) => `${message}${outcome}`.includes(TOKEN))).toBe(false)
    expect(b.hops({ message: "set refreshtoken='lab-rt-1111…'" })).toHaveLength(1)
  })

  it('[ONB-14] there is no machine account before onboarding', () => {
    const b = bench(twoPhones({}, { cluster: { nodes: [{ id: 'ucm-pub' }], onboarded: false } }))
    expect(sql(b, 'select * from machineaccountdetails')).toBe('No records found')
    expect(sql(b, `update machineaccountdetails set refreshtoken='${TOKEN}'`)).toBe('Rows: 0')
  })
})

describe('any statement', () => {
  const word = fc.constantFrom(
    ...'select update from where set first count ( ) * , . = <> like in is not null and or order by inner left outer join on as device enduser d e name pkid userid fkenduser'.split(
      ' ',
    ),
    "'a%'",
    '5',
    '12.5',
    "'",
    ';',
  )

  it('is parsed or refused with a place inside of it, and never throws', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(word, { maxLength: 14 }).map((words) => words.join(' ')),
          fc.string({ maxLength: 60, unit: 'binary' }),
        ),
        (text) => {
          const result = parseSql(text)
          if (result.ok) return
          expect(result.problem.at).toBeGreaterThanOrEqual(0)
          expect(result.problem.at).toBeLessThanOrEqual(text.length)
          expect(result.problem.message).not.toBe('')
        },
      ),
      { numRuns: 3_000 },
    )
  })

  it('brackets deeper than 40 are refused', () => {
    const nested = (depth: number): string => `select name from device where ${'('.repeat(depth)}name='a'${')'.repeat(depth)}`
    expect(parseSql(nested(40)).ok).toBe(true)
    expect(parseSql(nested(41))).toMatchObject({ ok: false, problem: { message: expect.stringContaining('nested deeper than 40') } })
    expect(parseSql(nested(900)).ok).toBe(false)
  })

  it('like matches as a plain search over all splits does', () => {
    const slow = (text: string, pattern: string): boolean => {
      if (pattern === '') return text === ''
      if (pattern[0] === '%') return slow(text, pattern.slice(1)) || (text !== '' && slow(text.slice(1), pattern))
      return text !== '' && (pattern[0] === '_' || pattern[0] === text[0]) && slow(text.slice(1), pattern.slice(1))
    }
    const letters = (alphabet: string) => fc.array(fc.constantFrom(...alphabet), { maxLength: 8 }).map((chars) => chars.join(''))
    fc.assert(
      fc.property(letters('ab'), letters('ab%_'), (text, pattern) => {
        expect(likes(text, pattern)).toBe(slow(text, pattern))
      }),
    )
  })
})
