import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { globFits } from '../../../core/admin/cli/files.ts'
import { ciscoDate, log4jDate, longDate, START_EPOCH_S } from '../../../core/serviceability/calendar.ts'
import { tar, utf8Bytes } from '../../../core/serviceability/tar.ts'
import { TraceLevels } from '../../../core/serviceability/traceLevels.ts'
import { HOPS_PER_FILE } from '../../../core/serviceability/traceLog.ts'
import { ask, cli, MINUTE, query, says } from '../admin/desk.ts'
import { bench, twoPhones, type Bench } from '../bench.ts'

const CPNS_FILE = '/var/log/active/cm/trace/ccmpns/log4j/ccmpns00000001.log'
const IMP_FILE = '/var/log/active/epas/trace/xcpconfigmgr/log4j/xcpconfigmgr00000001.log'

const REFUSING: NonNullable<Parameters<typeof twoPhones>[1]>['faults'] = [{ fault: { kind: 'answer', on: 'ci', status: 400 } }]

/** Ana answers, and hangs up. */
const TALKER = { answersAfterMs: 1_000, hangsUpAfterMs: 1_000 }

function lab(rest: Parameters<typeof twoPhones>[1] = {}, options = {}): Bench {
  return bench(twoPhones({ client: 'jabber', habits: TALKER }, { im: true, ...rest }), options)
}

const debug = (b: Bench): void => {
  says(b, 'ucm-pub', 'set trace enable Debug Cisco Push Notification Service')
  says(b, 'imp-pub', 'set trace enable Debug Cisco XCP Config Manager')
}

const lines = (b: Bench, node: string, path: string): string[] => ask(b, 'traces.read', { node, path }).lines

describe('form of a line', () => {
  /** Date with ms, level, thread, class, then file and line where the field has them, text. */
  const LOG4J = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO |WARN |ERROR|FATAL) \[[\w-]+\] [\w.]+( \(\w+\.java:\d+\))? - .+$/

  it('[TRB-10][DEC-34] every line of every service has log4j form', () => {
    const b = bench(
      twoPhones(
        { client: 'jabber', habits: TALKER },
        {
          im: true,
          cluster: {
            nodes: [{ id: 'ucm-pub' }],
            ucServices: [{ id: 'wifi', localPushSsidList: 'Office' }],
            serviceProfiles: [{ id: 'p', mobile: 'wifi' }],
          },
        },
      ),
    )
    for (const level of ['Debug', 'Info']) {
      for (const [node, services] of [
        ['ucm-pub', ['Cisco Push Notification Service', 'Cisco Local Push Notification Service', 'Cisco Management Agent Service']],
        ['imp-pub', ['Cisco XCP Config Manager', 'Cisco XCP Router']],
      ] as const)
        for (const service of services) b.try('trace.level', { node, service, level })
      b.call('5001')
      b.runFor(20_000)
      b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' })
      b.runFor(31 * MINUTE)
    }
    const files = ask(b, 'traces.list').files.filter(({ service }) => service !== 'syslog')
    expect(files.map(({ service }) => service).toSorted()).toEqual(
      expect.arrayContaining([
        'Cisco Management Agent Service',
        'Cisco Push Notification Service',
        'Cisco XCP Config Manager',
        'Cisco XCP Router',
      ]),
    )
    let seen = 0
    for (const { node, path } of files) {
      for (const line of lines(b, node, path)) {
        expect(line).toMatch(LOG4J)
        seen++
      }
    }
    expect(seen).toBeGreaterThan(30)
  })

  it('[TRB-10][UPG-08] the lines of TAC 222556 are found by their known patterns', () => {
    const b = lab({ faults: REFUSING })
    debug(b)
    b.runUntil(1_000)
    expect(lines(b, 'ucm-pub', CPNS_FILE).filter((line) => line.includes('Response received'))).toEqual([
      expect.stringMatching(
        /^2026-01-01 00:00:00,\d{3} DEBUG \[Timer-1\] ccmpns\.CCMPNServer \(CCMPNServer\.java:306\) - fetchAndStoreAccessToken\(\) Response received : 400/,
      ),
    ])
    const imp = lines(b, 'imp-pub', IMP_FILE)
    expect(imp).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          / DEBUG \[Timer-1\] xmlframework\.XCPConfigMgr - FetchAndStoreAccessToken: Calling createAccessToken\(\) with granttype:refresh_token/,
        ),
        expect.stringMatching(
          / INFO  \[Timer-1\] utilities\.CloudOnboarding - TRACKING ID:::::::FOS_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        ),
        expect.stringMatching(/ utilities\.TomcatTrustManager - checkServerTrusted:entered$/),
        expect.stringMatching(
          / ERROR \[Timer-1\] xmlframework\.XCPConfigMgr - 400 Bad Request: invalid_request, unsupported_grant_type, invalid_client, invalid_refresh_token, tokenlimit_reached$/,
        ),
      ]),
    )
    // The refresh token itself is nowhere.
    expect(imp.join('\n')).not.toContain('lab-rt-')
  })

  it('[TRB-11][SCN-01] a failed fetch comes back 600 s later, on a thread with a higher number', () => {
    const b = lab({ faults: REFUSING })
    debug(b)
    b.runUntil(10 * MINUTE + 5_000)
    const failing = ask(b, 'traces.search', { text: 'Response received : 400', node: 'ucm-pub' }).hits
    expect(failing).toHaveLength(2)
    const [first, second] = failing
    // The retry counts from the failure; the request itself then takes its time.
    expect(second!.at - first!.at).toBe(600_000 + 62)
    const thread = (text: string): number => Number(/\[Timer-(\d+)\]/.exec(text)?.[1])
    expect(thread(second!.text)).toBeGreaterThan(thread(first!.text))
  })

  it('a line says only what its service knows: a request that got lost is sent, and that is all', () => {
    const b = lab()
    b.runUntil(1_000)
    b.call('5001')
    b.runFor(10_000)
    b.give('device.lock', { device: 'phone' })
    b.give('fault.add', { fault: { kind: 'drop', on: 'firewall~push-rest' } })
    b.runFor(20_000)
    const flow = b.call('5001')
    b.runFor(3_000)
    const push = b.pushes({ flow }).at(-1)!
    const mine = lines(b, 'ucm-pub', CPNS_FILE).filter((line) => line.includes(push.id))
    expect(mine.join('\n')).not.toMatch(/lost/)
    expect(mine.at(-1)).toMatch(/POST push, VoIP, incoming call to push-rest TRACKING ID/)
    b.runFor(3_000)
    expect(lines(b, 'ucm-pub', CPNS_FILE).at(-1)).toMatch(/ERROR .* no answer from push\.webexconnect\.com within 5 s/)
    // Nor does it know of what Push REST did with it.
    expect(lines(b, 'ucm-pub', CPNS_FILE).join('\n')).not.toContain('nothing kept')
  })

  it('[TRB-01][TRB-09] a service that does not run writes nothing: not that it was skipped, lost or crashed', () => {
    const b = lab({ nodes: 2 })
    b.runUntil(1_000)
    const at = (node: string, path: string): string[] => lines(b, node, path)
    const CMAS_FILE = '/var/log/active/cm/trace/cmas/log4j/cmas00000001.log'
    b.give('service.stop', { node: 'ucm-pub', service: 'CMAS' })
    b.runUntil(31 * MINUTE)
    expect(b.hops({ from: 'ucm-pub/CMAS', outcome: 'skipped', why: 'TRB-01' })).toHaveLength(1)
    expect(ask(b, 'traces.list').files.filter(({ service }) => service === 'Cisco Management Agent Service')).toEqual([])
    b.give('service.start', { node: 'ucm-pub', service: 'CMAS' })
    b.runUntil(61 * MINUTE)
    expect(at('ucm-pub', CMAS_FILE).join('\n')).toMatch(/POST 0 alarms/)

    const router = '/var/log/active/epas/trace/xcp/log/rtr-jsm-1_00000001.log.gz'
    b.give('device.background', { device: 'phone' })
    b.runFor(30_000)
    b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' })
    b.runFor(2_000)
    const before = at('imp-pub', router)
    expect(before.length).toBeGreaterThan(0)
    b.give('node.crash', { node: 'imp-pub' })
    b.runFor(60_000)
    expect(b.hops({ from: 'imp-pub/XCP Router', status: 'lost', why: 'HA-03' })).toHaveLength(1)
    b.give('node.start', { node: 'imp-pub' })
    // While it was down nothing was added; what comes with its return stands behind.
    const after = at('imp-pub', router)
    expect(after.slice(0, before.length)).toEqual(before)
    expect(after.join('\n')).not.toContain('lost')
  })

  it('[ALM-04][TRB-09] one that cannot start still writes why, and then nothing more', () => {
    const b = lab({ faults: [{ fault: { kind: 'start-fails', on: 'ucm-pub/CPNS' } }] })
    b.runUntil(1_000)
    b.give('service.restart', { node: 'ucm-pub', service: 'CPNS' })
    b.runFor(2 * 60 * MINUTE)
    expect(lines(b, 'ucm-pub', CPNS_FILE).at(-1)).toContain('cannot start: internal fault')
  })

  it('[TRB-09] what is sent in the instant of a restart, before its end and after its beginning, is written', () => {
    const levels = new TraceLevels()
    const there = (at: number) => levels.wasThere('ucm-pub', 'Cisco Push Notification Service', 0, at)
    const ran = (runs: boolean, seq: number, at: number) => levels.ran('ucm-pub', 'Cisco Push Notification Service', runs, seq, at)
    expect(there(0)).toBe(true)
    ran(false, 10, 1_000)
    ran(false, 11, 1_001) // no turn: it did not run before either
    expect([there(999), there(1_000), there(1_001), there(9_999)]).toEqual([true, true, false, false])
    ran(true, 20, 2_000)
    expect([there(1_999), there(2_000), there(2_001)]).toEqual([false, true, true])
    const bySeq = (seq: number) => levels.wasThere('ucm-pub', 'Cisco Push Notification Service', seq, null)
    expect([bySeq(9), bySeq(10), bySeq(19), bySeq(20)]).toEqual([true, false, false, true])
    for (let i = 0; i < 200; i++) ran(i % 2 === 1, 30 + i, 3_000 + i)
    expect(levels.forgotten).toBe(1)
    expect([bySeq(9), bySeq(15), bySeq(25), bySeq(30), bySeq(31)]).toEqual([true, true, true, false, true])
  })

  it('lines of a file stand in the order of their times', () => {
    const b = lab()
    debug(b)
    for (let i = 0; i < 5; i++) {
      b.call('5001')
      b.runFor(30_000)
    }
    const dates = lines(b, 'ucm-pub', CPNS_FILE).map((line) => line.slice(0, 23))
    expect(dates.length).toBeGreaterThan(20)
    expect(dates).toEqual(dates.toSorted())
  })
})

describe('level', () => {
  it('[TRB-09] is Info by default; a change holds from then on, and does not write the past anew', () => {
    const b = lab({ faults: REFUSING })
    b.runUntil(1_000)
    expect(ask(b, 'traces.list').levels.every(({ level }) => level === 'Info')).toBe(true)
    const before = lines(b, 'ucm-pub', CPNS_FILE)
    expect(before.some((line) => line.includes(' DEBUG '))).toBe(false)
    b.give('trace.level', { node: 'ucm-pub', service: 'Cisco Push Notification Service', level: 'Debug' })
    expect(lines(b, 'ucm-pub', CPNS_FILE)).toEqual(before)
    b.runUntil(11 * MINUTE)
    const after = lines(b, 'ucm-pub', CPNS_FILE)
    expect(after.slice(0, before.length)).toEqual(before)
    expect(after.some((line) => line.includes(' DEBUG '))).toBe(true)
    b.give('trace.level', { node: 'ucm-pub', service: 'Cisco Push Notification Service', level: 'Fatal' })
    b.runUntil(21 * MINUTE)
    expect(lines(b, 'ucm-pub', CPNS_FILE)).toEqual(after)
  })

  it('[TRB-09] is of one service on one node', () => {
    const b = lab({ nodes: 2, faults: REFUSING })
    says(b, 'ucm-sub1', 'set trace enable debug CPNS')
    b.runUntil(1_000)
    const levels = (node: string): boolean => lines(b, node, CPNS_FILE).some((line) => line.includes(' DEBUG '))
    expect([levels('ucm-pub'), levels('ucm-sub1')]).toEqual([false, true])
    expect(says(b, 'ucm-sub1', 'show trace')).toMatch(/Cisco Push Notification Service +Debug\nCisco Local/)
    says(b, 'ucm-sub1', 'set trace default Cisco Push Notification Service')
    expect(says(b, 'ucm-sub1', 'show trace CPNS')).toMatch(/Info +default/)
    expect(cli(b, 'ucm-sub1', 'set trace default CPNS').output).toContain('is Info already')
    expect(cli(b, 'ucm-sub1', 'set trace enable Loud CPNS').output).toContain('is no trace level')
    expect(cli(b, 'ucm-sub1', 'set trace enable Debug Cisco XCP Router').output).toContain('Services: Cisco Push Notification Service')
    expect(b.try('trace.level', { node: 'imp-pub', service: 'Cisco Push Notification Service', level: 'Debug' })).toMatchObject({
      ok: false,
      code: 'refused',
    })
  })
})

describe('files', () => {
  it('[TRB-09][TRB-10] lie under the documented paths', () => {
    const b = lab()
    b.call('5001')
    b.runFor(10_000)
    b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' })
    b.runFor(31 * MINUTE)
    const paths = ask(b, 'traces.list').files.map(({ node, path }) => `${node} ${path}`)
    expect(paths).toEqual(
      [
        `imp-pub ${IMP_FILE}`,
        'imp-pub /var/log/active/epas/trace/xcp/log/rtr-jsm-1_00000001.log.gz',
        `ucm-pub ${CPNS_FILE}`,
        'ucm-pub /var/log/active/cm/trace/cmas/log4j/cmas00000001.log',
      ].toSorted(),
    )
  })

  it('[TRB-09] file list, view, search and tail read them on the CLI', () => {
    const b = lab({ faults: REFUSING })
    debug(b)
    b.runUntil(11 * MINUTE)
    expect(says(b, 'ucm-pub', 'file list activelog /cm/trace/ccmpns/log4j/*')).toBe(
      '        ccmpns00000001.log\ndir count = 0, file count = 1',
    )
    expect(says(b, 'ucm-pub', 'file list activelog cm/trace/ccmpns/log4j')).toContain('file count = 1')
    expect(says(b, 'ucm-pub', 'file list activelog cm/trace detail reverse')).toContain('<dir>   cmas')
    expect(says(b, 'ucm-pub', 'file list activelog cm/trace/cmas/log4j')).toBe('dir count = 0, file count = 0')
    const all = says(b, 'ucm-pub', 'file view activelog cm/trace/ccmpns/log4j/ccmpns00000001.log').split('\n')
    expect(all).toEqual(lines(b, 'ucm-pub', CPNS_FILE))
    expect(says(b, 'ucm-pub', `file tail activelog ${CPNS_FILE} 2`).split('\n')).toEqual(all.slice(-2))
    const found = says(b, 'ucm-pub', 'file search activelog cm/trace/ccmpns/log4j/* "Response received : 4.."')
    expect(found).toContain(`Searching path: ${CPNS_FILE}`)
    expect(found).toContain('Search completed: 2 lines in 1 file')
    expect(says(b, 'imp-pub', 'file search activelog epas/trace/xcpconfigmgr/log4j/xcpconfigmgr*.log invalid_refresh_token')).toContain(
      '2 lines in 1 file',
    )
  })

  it.each([
    ['file view activelog cm/trace/none.log', 'no such file or directory can be found'],
    ['file view activelog cm/trace/ccmpns/log4j/*', 'without wildcards'],
    ['file view inactivelog cm/trace', 'inactivelog is not modelled'],
    ['file view', 'a log is needed'],
    ['file list activelog', 'a path is needed'],
    ['file tail activelog x 0', 'not a number of lines'],
    ['file search activelog cm/trace/ccmpns/log4j/*', 'files and an expression are needed'],
    ['file search activelog cm/trace/ccmpns/log4j/* "(a+)+"', 'repeats a group'],
    ['file search activelog cm/trace/ccmpns/log4j/* "[Timer"', 'not a valid regular expression'],
    ['file get activelog cm/trace/ccmpns/log4j/*', 'no SFTP server'],
  ])('%s is refused: %s', (line, words) => {
    const b = lab()
    b.runUntil(5_000)
    expect(cli(b, 'ucm-pub', line)).toMatchObject({ failed: true, output: expect.stringContaining(words) })
  })

  it('[TRB-09] a new file begins every 10,000 hops; what fell out of the kept hops is said to be missing', () => {
    const b = lab({}, { eventsKept: 12_000 })
    let calls = 0
    const until = (hops: number): void => {
      while (b.lab.world.log.total < hops) {
        if (calls++ % 2 === 0) b.give('check.reachability', {})
        b.runFor(2_000)
      }
    }
    until(HOPS_PER_FILE + 100)
    const paths = ask(b, 'traces.list', { node: 'ucm-pub' }).files.filter(({ service }) => service === 'Cisco Push Notification Service')
    expect(paths.map(({ path, cut }) => [path.slice(-12), cut])).toEqual([
      ['00000001.log', false],
      ['00000002.log', false],
    ])
    expect(says(b, 'ucm-pub', `file view activelog ${CPNS_FILE}`)).not.toContain('# lines')
    until(13_000)
    const { oldestEvent, files } = ask(b, 'traces.list', { node: 'ucm-pub' })
    expect(oldestEvent).toBe(b.lab.world.log.total - 12_000)
    expect(files.find(({ path }) => path === CPNS_FILE)).toMatchObject({ cut: true })
    expect(says(b, 'ucm-pub', `file view activelog ${CPNS_FILE}`).split('\n')[0]).toBe(
      `# lines of hops before ${oldestEvent} are missing: only the newest hops are kept; go back in time to have them again`,
    )
    expect(ask(b, 'traces.export').text).toContain('are missing: only the newest hops are kept')
    until(22_100)
    expect(query(b, 'traces.read', { node: 'ucm-pub', path: CPNS_FILE })).toMatchObject({ ok: false, code: 'not-found' })
  })

  it('traces.read pages from the end, or from a line', () => {
    const b = lab()
    debug(b)
    b.runUntil(1_000)
    const all = lines(b, 'ucm-pub', CPNS_FILE)
    const read = (args: object) => ask(b, 'traces.read', { node: 'ucm-pub', path: CPNS_FILE, ...args })
    expect(read({ limit: 2 })).toMatchObject({ from: all.length - 1, lines: all.slice(-2), total: all.length })
    expect(read({ from: 2, limit: 1 })).toMatchObject({ from: 2, lines: [all[1]] })
    expect(read({ from: 1_000 })).toMatchObject({ lines: [] })
    for (const path of [
      '/etc/passwd',
      `${CPNS_FILE}x`,
      CPNS_FILE.replace('00000001', '00000000'),
      CPNS_FILE.replace('00000001', '99999999'),
    ])
      expect(query(b, 'traces.read', { node: 'ucm-pub', path })).toMatchObject({ ok: false, code: 'not-found' })
    expect(query(b, 'traces.list', { node: 'ghost' })).toMatchObject({ ok: false, code: 'not-found' })
  })

  it.each([
    ['/a/*', '/a/b', true],
    ['/a/*', '/a/b/c', false],
    ['/a/*.log', '/a/x.log', true],
    ['/a/*.log', '/a/x.log.gz', false],
    ['/*/x*', '/a/xyz', true],
    ['/a/?', '/a/b', true],
    ['/a?b', '/a/b', false],
    ['***', 'a', true],
    ['/a', '/a', true],
    ['/a', '/ab', false],
  ])('%s fits %s: %s', (pattern, name, fits) => {
    expect(globFits(pattern, name)).toBe(fits)
  })
})

describe('search and bundle', () => {
  it('[SEC-06][TRB-10] a tracking ID leads to its lines on every node, and to the hop of each', () => {
    const b = lab()
    b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' })
    b.runFor(10_000)
    b.call('5001')
    b.runFor(10_000)
    const [call] = b.pushes({ purpose: 'incoming call' })
    const { hits, more } = ask(b, 'traces.search', { text: call!.id.toLowerCase() })
    expect(more).toBe(false)
    expect(hits.length).toBeGreaterThanOrEqual(3)
    for (const hit of hits) {
      expect(hit.node).toBe('ucm-pub')
      expect(b.events[hit.seq!]!.tracking).toBe(call!.id)
      expect(lines(b, hit.node, hit.path)[hit.line - 1]).toBe(hit.text)
    }
    const [message] = b.pushes({ purpose: 'message' })
    expect(ask(b, 'traces.search', { text: message!.id }).hits.every(({ node }) => node === 'imp-pub')).toBe(true)
    expect(ask(b, 'traces.search', { text: message!.id, node: 'ucm-pub' }).hits).toEqual([])
    const few = ask(b, 'traces.search', { text: 'TRACKING ID', limit: 2 })
    expect(few.hits).toHaveLength(2)
    expect(few.more).toBe(true)
  })

  it('[TRB-09] the bundle is a tar that tar itself opens, with all files of all nodes', () => {
    const b = lab()
    b.call('5001')
    b.runFor(20_000)
    b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' })
    b.runFor(31 * MINUTE)
    const bundle = ask(b, 'traces.export')
    expect(bundle).toMatchObject({ name: 'StandAloneCluster-traces.tar', mediaType: 'application/x-tar', leftOut: [] })
    const folder = mkdtempSync(join(tmpdir(), 'bundle-'))
    try {
      writeFileSync(join(folder, 'b.tar'), bundle.text, 'utf8')
      const names = execFileSync('tar', ['-tf', 'b.tar'], { cwd: folder, encoding: 'utf8' }).trim().split('\n')
      const files = ask(b, 'traces.list').files
      expect(names).toEqual([
        'README.txt',
        ...files.map(({ node, path }) => `${node}${path.slice('/var/log/active'.length).replace('.gz', '')}`).toSorted(),
      ])
      execFileSync('tar', ['-xf', 'b.tar'], { cwd: folder })
      expect(readFileSync(join(folder, 'ucm-pub/cm/trace/ccmpns/log4j/ccmpns00000001.log'), 'utf8').trim().split('\n')).toEqual(
        lines(b, 'ucm-pub', CPNS_FILE),
      )
      expect(readFileSync(join(folder, 'README.txt'), 'utf8')).toContain('modelled')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('tar holds any UTF-8 text, long names in two parts, and refuses what it cannot hold', () => {
    for (const text of ['', 'a', 'ü→😀', '\ud800', 'x'.repeat(512), 'x'.repeat(513)]) expect(utf8Bytes(text)).toBe(Buffer.byteLength(text))
    const folder = mkdtempSync(join(tmpdir(), 'tar-'))
    try {
      const long = `${'n'.repeat(64)}/${'p'.repeat(90)}`
      writeFileSync(
        join(folder, 'b.tar'),
        tar(
          [
            { path: 'a.txt', text: 'grüße → 😀\n' },
            { path: long, text: 'x'.repeat(512) },
            { path: 'c', text: '' },
          ],
          START_EPOCH_S,
        ),
        'utf8',
      )
      execFileSync('tar', ['-xf', 'b.tar'], { cwd: folder })
      expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('grüße → 😀\n')
      expect(readFileSync(join(folder, long), 'utf8')).toHaveLength(512)
      expect(readFileSync(join(folder, 'c'), 'utf8')).toBe('')
    } finally {
      rmSync(folder, { recursive: true })
    }
    expect(() => tar([{ path: 'ü', text: '' }], 0)).toThrow(RangeError)
    expect(() => tar([{ path: `x/${'y'.repeat(101)}`, text: '' }], 0)).toThrow(RangeError)
  })
})

describe('dates', () => {
  it.each([
    [0, '2026-01-01 00:00:00,000', 'Jan  1 2026 00:00:00.000 UTC', 'Thu Jan 01 00:00:00 UTC 2026'],
    [59 * 86_400_000 - 1, '2026-02-28 23:59:59,999', 'Feb 28 2026 23:59:59.999 UTC', 'Sat Feb 28 23:59:59 UTC 2026'],
    [59 * 86_400_000, '2026-03-01 00:00:00,000', 'Mar  1 2026 00:00:00.000 UTC', 'Sun Mar 01 00:00:00 UTC 2026'],
    [400 * 86_400_000, '2027-02-05 00:00:00,000', 'Feb  5 2027 00:00:00.000 UTC', 'Fri Feb 05 00:00:00 UTC 2027'],
    [788 * 86_400_000, '2028-02-28 00:00:00,000', 'Feb 28 2028 00:00:00.000 UTC', 'Mon Feb 28 00:00:00 UTC 2028'],
  ])('%i ms is %s', (at, log4j, cisco, long) => {
    expect([log4jDate(at), ciscoDate(at), longDate(at)]).toEqual([log4j, cisco, long])
    expect(new Date(START_EPOCH_S * 1_000 + at).toISOString().slice(0, 10)).toBe(log4j.slice(0, 10))
  })

  it('are those of a calendar on each of 4,000 days', () => {
    for (let day = 0; day < 4_000; day++) {
      const at = day * 86_400_000 + 12_345_678
      const real = new Date(START_EPOCH_S * 1_000 + at)
      expect(log4jDate(at)).toBe(real.toISOString().replace('T', ' ').replace('.', ',').slice(0, -1))
      expect(longDate(at).slice(0, 3)).toBe(real.toUTCString().slice(0, 3))
    }
  })
})
