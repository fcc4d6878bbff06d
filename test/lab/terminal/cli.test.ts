import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { completeLine } from '../../../core/admin/cli/complete.ts'
import { CLI_COMMANDS, changes, runLine } from '../../../core/admin/cli/reader.ts'
import { ask, cli, query, says } from '../admin/desk.ts'
import { bench, twoPhones, type Bench } from '../bench.ts'

const lab = (rest: Parameters<typeof twoPhones>[1] = {}): Bench => {
  const b = bench(twoPhones({}, { nodes: 2, im: true, ...rest }))
  b.runUntil(1_000)
  return b
}

const LISTED = 'Services of ucm-pub that take part in this lab; the product lists more:'

describe('reading a line', () => {
  it.each([
    ['utils service list', LISTED],
    ['  UTILS   Service   LIST  ', LISTED],
    ['ut ser li', LISTED],
    ['show version active', 'Active Master Version: 14SU3'],
    ['sh ver ac', 'Active Master Version: 14SU3'],
  ])('%s is understood', (line, first) => {
    expect(says(lab(), 'ucm-pub', line).split('\n')[0]).toBe(first)
  })

  it.each([
    ['foo', 'Executed command unsuccessfully\nNo valid command entered\n"foo" is not known here. Type ? for what there is.'],
    ['utils foo', 'No valid command entered\n"foo" is not known here. Type utils ? for what there is.'],
    ['utils network p x', '"x"'],
    ['s', 'Ambiguous command: "s" may be show, set'],
    ['show stat nonsense', 'takes nothing behind it: "nonsense"'],
    ['utils service', 'Incomplete command: utils service'],
    ['exit', 'choose another tab'],
    ['run sql', 'A statement is missing\nRight form: run sql select'],
    ['show risdb query phone now', 'takes nothing behind it'],
  ])('%s is refused as the CLI does, with what to type instead', (line, words) => {
    const { output, failed } = cli(lab(), 'ucm-pub', line)
    expect(failed).toBe(true)
    const wanted = line === 'utils network p x' ? 'unknown host' : words
    expect(output).toContain(wanted)
  })

  it('an empty line answers nothing', () => {
    expect(cli(lab(), 'ucm-pub', '   ')).toMatchObject({ output: '', failed: false })
  })

  it.each(['?', 'help', 'utils ?', 'help utils', 'utils service restart ?', 'help run sql', 'ut?'])(
    '%s is help, and changes nothing',
    (line) => {
      const b = lab()
      const before = b.lab.world.log.total
      expect(says(b, 'ucm-pub', line).length).toBeGreaterThan(10)
      expect(b.lab.world.log.total).toBe(before + 1)
      expect(b.events.at(-1)).toMatchObject({ from: 'ucm-pub/CLI', outcome: 'help' })
    },
  )

  it('every command is in the help, with what it takes; hidden spellings are not', () => {
    const b = lab()
    for (const command of CLI_COMMANDS) {
      if (!command.on.includes('publisher')) continue
      const help = says(b, 'ucm-pub', `${command.words.slice(0, -1).join(' ')} ?`)
      expect(help.includes(` ${command.words.at(-1)} `), command.words.join(' ')).toBe(command.hidden !== true)
    }
  })

  it('[TRB-06] the commands differ between publisher, subscriber and IM and Presence', () => {
    const b = lab()
    expect(says(b, 'ucm-pub', 'utils ?')).toContain('managementAgent')
    expect(says(b, 'ucm-sub1', 'utils ?')).not.toContain('managementAgent')
    expect(says(b, 'imp-pub', 'utils ?')).not.toContain('dbreplication')
    expect(cli(b, 'imp-pub', 'utils dbreplication runtimestate').output).toContain('on Unified CM nodes only')
    expect(says(b, 'imp-pub', 'utils service list')).toContain('Cisco XCP Router[STARTED]')
  })

  it('a node that is down does not answer; an unknown one is named', () => {
    const b = lab()
    b.give('node.crash', { node: 'ucm-sub1' })
    expect(b.try('cli.run', { node: 'ucm-sub1', line: 'show status' })).toMatchObject({
      ok: false,
      message: 'ucm-sub1 does not answer: it is crashed',
    })
    expect(b.try('cli.run', { node: 'ghost', line: 'show status' })).toMatchObject({ ok: false, code: 'not-found' })
    expect(query(b, 'cli.complete', { node: 'ghost', line: '' })).toMatchObject({ ok: false, code: 'not-found' })
    expect(b.try('cli.run', { node: 'ucm-pub', line: 'x'.repeat(2_001) })).toMatchObject({ ok: false, code: 'bad-request' })
    expect(cli(b, 'ucm-pub', 'x'.repeat(2_000)).output).toContain('No valid command entered')
  })

  it('what was typed is a hop of its own, with the first line of the answer', () => {
    const b = lab()
    cli(b, 'ucm-pub', 'show version active')
    expect(b.hop({ from: 'ucm-pub/CLI' })).toMatchObject({
      message: 'admin: show version active',
      outcome: 'Active Master Version: 14SU3',
      status: 'info',
    })
  })
})

describe('services', () => {
  it('[ONB-02] stop, list, start and restart do what the service commands do', () => {
    const b = lab()
    expect(says(b, 'ucm-pub', 'utils service stop Cisco Push Notification Service')).toContain(
      'Stopping Cisco Push Notification Service... [STOPPED]',
    )
    expect(says(b, 'ucm-pub', 'utils service list')).toContain('Cisco Push Notification Service[STOPPED]')
    expect(b.node('ucm-pub').health).toBe('degraded')
    expect(cli(b, 'ucm-pub', 'utils service stop Cisco Push Notification Service').output).toContain('already stopped')
    says(b, 'ucm-pub', 'utils service start Cisco Push Notification Service')
    expect(says(b, 'ucm-pub', 'utils service list')).toContain('Cisco Push Notification Service[STARTING]')
    b.runFor(2_000)
    expect(says(b, 'ucm-pub', 'utils service list')).toContain('Cisco Push Notification Service[STARTED]')
    expect(says(b, 'ucm-pub', 'utils service restart "Cisco Tomcat"')).toContain('Starting Cisco Tomcat... [STARTING]')
  })

  it('[ONB-02] the list says whose services these are, that the product has more, and whether this is the first node', () => {
    const b = lab()
    says(b, 'ucm-pub', 'utils service stop Cisco Tomcat')
    const lines = says(b, 'ucm-pub', 'utils service list').split('\n')
    expect(lines[0]).toBe(LISTED)
    const names = lines.slice(1, -1).map((line) => line.slice(0, line.indexOf('[')))
    expect(names).toEqual(
      b
        .node('ucm-pub')
        .services.map(({ name }) => name)
        .toSorted(),
    )
    expect(lines).toContain('Cisco Tomcat[STOPPED]  Commanded Out of Service')
    const last = (node: string) => says(b, node, 'utils service list').split('\n').at(-1)
    expect([lines.at(-1), last('ucm-sub1'), last('imp-pub')]).toEqual(['Primary Node =true', 'Primary Node =false', 'Primary Node =true'])
    b.give('service.kill', { node: 'imp-pub', service: 'XCP Router' })
    expect(says(b, 'imp-pub', 'utils service list')).toContain('Cisco XCP Router[STOPPED]  Component is not running')
    expect(b.node('imp-pub').services.find(({ short }) => short === 'XCP Router')).toMatchObject({ state: 'stopped', note: 'crashed' })
    b.runFor(20_000)
    expect(says(b, 'imp-pub', 'utils service list')).toContain('Cisco XCP Router[STARTED]')
    expect(b.node('imp-pub').services.find(({ short }) => short === 'XCP Router')).toMatchObject({ state: 'running', note: '' })
    // The event tells of what is wrong, and not of the header.
    expect(b.hops({ message: 'utils service list' })[0]!.outcome).toBe('Cisco Tomcat[STOPPED]  Commanded Out of Service')
  })

  it('[DEC-16] names of services ignore case, as the guide writes one of them differently', () => {
    const b = lab()
    says(b, 'ucm-pub', 'utils service restart Cisco Push Notification service')
    b.runFor(2_000)
    expect(b.hops({ from: 'ucm-pub', message: 'CPNS runs' })).toHaveLength(1)
  })

  it('[ONB-11] names what there is when the name is wrong or missing', () => {
    const b = lab()
    expect(cli(b, 'ucm-pub', 'utils service restart Cisco Tomcatt').output).toContain('Invalid service name "Cisco Tomcatt"')
    expect(cli(b, 'ucm-pub', 'utils service restart').output).toContain('Right form: utils service restart Cisco Tomcat')
    expect(cli(b, 'imp-pub', 'utils service restart Cisco CallManager').output).toContain('Services of imp-pub: Cisco XCP Router')
  })

  it('[ALM-04] one that cannot start says so in the list', () => {
    const b = lab({ faults: [{ fault: { kind: 'start-fails', on: 'ucm-pub/CPNS' } }] })
    says(b, 'ucm-pub', 'utils service restart Cisco Push Notification Service')
    b.runFor(3_000)
    expect(says(b, 'ucm-pub', 'utils service list')).toContain('Cisco Push Notification Service[STOPPED]  Internal fault')
  })
})

describe('network', () => {
  it.each([
    ['utils network ping push.webexconnect.com', '4 packets transmitted, 4 received, 0% packet loss'],
    ['utils network ping ucm-sub1 2', '2 packets transmitted, 2 received'],
    ['utils network ping ucm-pub 1', '1 packets transmitted, 1 received'],
    ['utils network host idbroker.webex.com', 'idbroker.webex.com resolves'],
    ['utils network connectivity fos-a.wbx2.com 443', 'Service accessible at fos-a.wbx2.com port 443'],
  ])('[NET-02] %s', (line, words) => {
    expect(says(lab(), 'ucm-pub', line)).toContain(words)
  })

  it('[NET-01] tells a blocked port from a dead host, and sends nothing for it', () => {
    const b = lab({ faults: [{ fault: { kind: 'refuse', on: 'ucm-pub~firewall', port: 443 } }] })
    expect(says(b, 'ucm-pub', 'utils network ping push.webexconnect.com 1')).toContain('1 received')
    expect(cli(b, 'ucm-pub', 'utils network connectivity push.webexconnect.com 443').output).toContain(
      'cannot be reached: port 443 refused',
    )
    expect(says(b, 'ucm-sub1', 'utils network connectivity push.webexconnect.com 443')).toContain('accessible')
    b.give('node.isolate', { node: 'ucm-sub1' })
    const { output, failed } = cli(b, 'ucm-pub', 'utils network ping ucm-sub1')
    expect(failed).toBe(true)
    expect(output).toContain('4 packets transmitted, 0 received, 100% packet loss')
    expect(b.lab.world.faults.get('fault-1')?.hits).toBe(b.hops({ from: 'ucm-pub/CPNS', outcome: 'refused at' }).length)
  })

  it('[NET-09] without DNS names of the cloud do not resolve, names of nodes do', () => {
    const b = lab()
    b.give('node.dns', { node: 'ucm-pub', configured: false })
    expect(cli(b, 'ucm-pub', 'utils network host push.webexconnect.com').output).toContain('cannot be resolved on ucm-pub')
    expect(cli(b, 'ucm-pub', 'utils network ping push.webexconnect.com').output).toContain('NET-09')
    expect(says(b, 'ucm-pub', 'utils network ping imp-pub 1')).toContain('1 received')
  })

  it.each([
    'utils network ping',
    'utils network ping ucm-pub 0',
    'utils network ping ucm-pub 101',
    'utils network connectivity ucm-pub',
    'utils network connectivity ucm-pub 0',
    'utils network connectivity ucm-pub 65536',
  ])('%s is refused', (line) => {
    expect(cli(lab(), 'ucm-pub', line)).toMatchObject({
      failed: true,
      output: expect.stringMatching(/^Executed command unsuccessfully\n./),
    })
  })

  it('replication is 2 where the nodes see each other', () => {
    const b = lab()
    expect(says(b, 'ucm-pub', 'utils dbreplication runtimestate')).toMatch(/ucm-sub1 +Yes +\(2\) Setup Completed/)
    b.give('node.crash', { node: 'ucm-sub1' })
    expect(says(b, 'ucm-pub', 'utils dbreplication runtimestate')).toMatch(/ucm-sub1 +No +\(4\) crashed/)
  })
})

describe('show', () => {
  it('[ALM-17] a counter by its class, with and without quotes, in any letter case', () => {
    const b = lab()
    b.call('5001')
    b.runFor(5_000)
    for (const line of ['"Cisco CallManager" "NumberOfPushReqSent"', 'cisco callmanager numberofpushreqsent'])
      expect(says(b, 'ucm-pub', `show perf query counter ${line}`)).toContain('NumberOfPushReqSent of class Cisco CallManager = 1')
    expect(says(b, 'ucm-pub', 'show perf query class Cisco CallManager')).toContain('-> NumberOfPushReqSent = 1')
    expect(says(b, 'ucm-pub', 'show perf list classes').split('\n')).toEqual(['Cisco CallManager', 'Cisco Local Push Notification Service'])
    expect(cli(b, 'ucm-pub', 'show perf query counter "Cisco CallManager" Foo').output).toContain('has no counter "Foo"')
    expect(cli(b, 'ucm-pub', 'show perf query class Foo').output).toContain('Classes of ucm-pub: Cisco CallManager')
  })

  it('[ALM-19][ALM-21][ALM-22][ALM-23] classes follow product and release', () => {
    const b = lab()
    expect(says(b, 'imp-pub', 'show perf list classes').split('\n')).toEqual(['Cisco XCP Config Manager', 'Cisco XCP Push'])
    expect(says(b, 'imp-pub', 'show perf list counters Cisco XCP Push').split('\n')).toHaveLength(35)
    expect(says(b, 'ucm-pub', 'show perf list counters Cisco Local Push Notification Service').split('\n')).toHaveLength(6)
    b.give('cluster.release', { component: 'Unified CM', release: '14SU2' })
    expect(says(b, 'ucm-pub', 'show perf list classes')).not.toContain('Local Push')
  })

  it.each([
    ['12.5(1)SU2', 25],
    ['12.5(1)SU3', 35],
    ['14', 35],
  ])('[ALM-23] in %s XCP Push has %i counters: the families of FCM came with 12.5(1)SU3', (release, counters) => {
    const names = says(
      lab({ cluster: { release, nodes: [{ id: 'ucm-pub' }] } }),
      'imp-pub',
      'show perf list counters Cisco XCP Push',
    ).split('\n')
    expect(names).toHaveLength(counters)
    expect(names.some((name) => /Fcm/.test(name))).toBe(counters === 35)
  })

  it('status, date, cluster and registrations are those of the lab', () => {
    const b = lab()
    b.runUntil(86_400_000 + 61_000)
    expect(says(b, 'ucm-pub', 'show date')).toBe('Fri Jan 02 00:01:01 UTC 2026')
    expect(says(b, 'ucm-pub', 'show status')).toContain('Uptime             : 1 days, 00:01')
    expect(says(b, 'ucm-pub', 'show risdb query phone')).toContain('Total count 2')
    b.give('node.crash', { node: 'ucm-sub1' })
    expect(says(b, 'ucm-pub', 'show network cluster')).toMatch(/ucm-sub1 +Subscriber callmanager DBSub +offline: crashed/)
    expect(says(b, 'ucm-pub', 'show network cluster')).toMatch(/imp-pub +Publisher +cups/)
  })
})

describe('completion', () => {
  const done = (b: Bench, line: string, node = 'ucm-pub') => ask(b, 'cli.complete', { node, line })

  it.each([
    ['ut', 'utils '],
    ['utils m', 'utils managementAgent '],
    ['utils managementAgent alarms push', 'utils managementAgent alarms push'],
    ['utils managementAgent alarms pushf', 'utils managementAgent alarms pushfrequency '],
    ['utils service restart Cisco Pu', 'utils service restart Cisco Push Notification Service '],
    ['utils service restart ci', 'utils service restart Cisco '],
    ['show perf query class "', 'show perf query class "Cisco '],
    ['show perf query class "cisco c', 'show perf query class "Cisco CallManager" '],
    ['show perf query class cisco c', 'show perf query class Cisco CallManager '],
    ['show perf query counter cisco callmanager numberofpushe', 'show perf query counter cisco callmanager NumberOfPushErrorResReceived '],
    [
      'show perf query counter "Cisco CallManager" "NumberOfPushE',
      'show perf query counter "Cisco CallManager" "NumberOfPushErrorResReceived" ',
    ],
    ['utils network ping push', 'utils network ping push.webexconnect.com '],
    ['utils network connectivity ucm-s', 'utils network connectivity ucm-sub1 '],
    ['utils network connectivity ucm-sub1 99', 'utils network connectivity ucm-sub1 9966 '],
    ['set trace enable debug cisco p', 'set trace enable debug Cisco Push Notification Service '],
    ['set trace default cisco m', 'set trace default Cisco Management Agent Service '],
    ['lab onboarding tick push m', 'lab onboarding tick push manageCertificates '],
    ['utils managementAgent alarms pushlevel W', 'utils managementAgent alarms pushlevel Warning '],
    ['utils service list p', 'utils service list page '],
    ['run sql sel', 'run sql select '],
    ['run sql select * f', 'run sql select * from '],
    ['run sql select * from mach', 'run sql select * from machineaccountdetails '],
    ['run sql select * from device', 'run sql select * from device'],
    ['run sql select name from device where descr', 'run sql select name from device where description '],
    ["run sql select name from device where name = 'se", "run sql select name from device where name = 'se"],
    ['run sql update mach', 'run sql update machineaccountdetails '],
    ['run sql update machineaccountdetails set ref', 'run sql update machineaccountdetails set refreshtoken '],
    ['set trace enable d', 'set trace enable Debug '],
    ['file view ac', 'file view activelog '],
    ['file list activelog c', 'file list activelog cm/'],
    ['file list activelog cm/', 'file list activelog cm/trace/'],
    ['file list activelog cm/trace/', 'file list activelog cm/trace/c'],
    ['file list activelog cm/trace/cc', 'file list activelog cm/trace/cc'],
    ['file list activelog CM/TRACE/CCM', 'file list activelog CM/TRACE/CCM'],
    ['file list activelog cm/trace/CCM', 'file list activelog cm/trace/ccmpns/'],
    ['file get activelog cm/trace/ccmpns/', 'file get activelog cm/trace/ccmpns/log4j/'],
    ['file view activelog cm/trace/ccmpns/log4j/', 'file view activelog cm/trace/ccmpns/log4j/ccmpns00000001.log '],
    ['file tail activelog /cm/trace/ccmpns/log4j/c', 'file tail activelog /cm/trace/ccmpns/log4j/ccmpns00000001.log '],
    ['file view activelog /var/log/active/cm/tr', 'file view activelog /var/log/active/cm/trace/'],
    ['file view activelog no/such/', 'file view activelog no/such/'],
    ['file list activelog cm/trace/ccmpns/log4j/* de', 'file list activelog cm/trace/ccmpns/log4j/* detail '],
    ['file list activelog cm/trace/* detail d', 'file list activelog cm/trace/* detail date '],
    ['file view activelog cm/trace/ccmpns/log4j/ccmpns00000001.log d', 'file view activelog cm/trace/ccmpns/log4j/ccmpns00000001.log d'],
    ['foo ba', 'foo ba'],
    ['', ''],
  ])('[TRB-06][TRB-09] %s becomes %s', (line, completed) => {
    expect(done(lab(), line).line).toBe(completed)
  })

  it('offers what may stand next, with what it does', () => {
    const b = lab()
    // One level of a path at a time, each with who writes there, a file with how much.
    expect(done(b, 'file list activelog cm/trace/').words).toEqual([
      { word: 'cclpns/', help: 'Cisco Local Push Notification Service' },
      { word: 'ccmpns/', help: 'Cisco Push Notification Service' },
      { word: 'cmas/', help: 'Cisco Management Agent Service' },
    ])
    expect(done(b, 'file view activelog cm/trace/ccmpns/log4j/').words).toEqual([
      { word: 'ccmpns00000001.log', help: expect.stringMatching(/^\d+ lines, until 2026-01-01 00:00:00$/) },
    ])
    expect(done(b, 'file list activelog ', 'imp-pub').words.map(({ word }) => word)).toEqual(['epas/', 'syslog/'])
    expect(done(b, 'utils service restart Cisco ').words.map(({ word }) => word)).toEqual(
      done(b, 'utils service restart Cisco ')
        .words.map(({ word }) => word)
        .toSorted(),
    )
    expect(done(b, 'utils service restart Cisco Tomcat ').words).toEqual([])
    expect(done(b, 'utils service ').words.map(({ word }) => word)).toEqual(['list', 'restart', 'start', 'stop'])
    expect(done(b, 'utils network ping ').words).toContainEqual({ word: 'push.webexconnect.com', help: 'push-rest' })
    expect(done(b, 'utils managementAgent alarms minpushlevel ').words.map(({ word }) => word)).toEqual([
      'Critical',
      'Error',
      'Warning',
      'Notice',
      'Information',
    ])
    expect(done(b, '', 'imp-pub').words.map(({ word }) => word)).toEqual(['file', 'run', 'set', 'show', 'utils'])
  })
})

describe('? in the middle of a command', () => {
  it.each([
    ['utils service restart ?', ['utils service restart <service name>', 'Cisco Push Notification Service        running']],
    ['utils service restart cisco t?', ['Cisco Tomcat  running']],
    ['utils network connectivity push.webexconnect.com ?', ['443   Cisco cloud, HTTPS']],
    ['file view activelog cm/trace/ccmpns/log4j/?', ['ccmpns00000001.log  ']],
    ['set trace enable ?', ['Info   default']],
    ['run sql select * from ?', ['machineaccountdetails  machine account at Common Identity']],
    ['show status ?', ['show status']],
  ])('[TRB-06] %s shows what may stand there', (line, words) => {
    const output = says(lab(), 'ucm-pub', line)
    for (const each of words) expect(output).toContain(each)
  })

  it.each([
    [16, 19, null],
    [17, 20, null],
    [18, 20, '    ... 1 more'],
  ])('[TRB-06] shows twenty values at most, and how many more there are: %i nodes', (nodes, shown, more) => {
    const b = bench({
      ...twoPhones(),
      cluster: { nodes: Array.from({ length: nodes }, (_, i) => ({ id: i === 0 ? 'ucm-pub' : `ucm-${i}` })) },
    })
    const lines = says(b, 'ucm-pub', 'utils network ping ?').split('\n')
    expect(lines).toHaveLength(2 + shown + (more === null ? 0 : 1))
    if (more !== null) expect(lines.at(-1)).toBe(more)
  })
})

describe('file search', () => {
  it('[TRB-09] tells letters apart, unless ignorecase stands behind the expression', () => {
    const b = lab()
    const search = (rest: string): string => says(b, 'ucm-pub', `file search activelog cm/trace/ccmpns/log4j/* ${rest}`)
    const found = /Search completed: ([1-9]\d*) line/
    expect(search('TOKEN')).toContain('Search completed: 0 lines')
    expect(search('TOKEN ignorecase')).toMatch(found)
    expect(search('token')).toMatch(found)
  })
})

describe('any line', () => {
  const words = [
    ...new Set(CLI_COMMANDS.flatMap((command) => command.words)),
    '?',
    'activelog',
    'select',
    '*',
    'from',
    'device',
    'where',
    "'",
    '"',
    'cm/trace/*',
    '443',
    'Cisco',
    'help',
  ]
  const line = fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 })), { maxLength: 9 })
        .map((parts) => parts.join(' ')),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: 200, unit: 'binary' }) },
    { weight: 1, arbitrary: fc.string({ maxLength: 60 }).map((text) => `run sql ${text}`) },
    { weight: 1, arbitrary: fc.string({ maxLength: 60 }).map((text) => `file search activelog * ${text}`) },
  )

  it(
    '[TRB-06] never crashes the CLI of any node, always answers with text, and what only reads changes nothing',
    { timeout: 60_000 },
    () => {
      const b = lab()
      const { world } = b.lab
      const nodes = [...world.cluster.nodes.values(), ...(world.presence?.nodes.values() ?? [])]
      fc.assert(
        fc.property(line, fc.constantFrom(...nodes), (text, node) => {
          const context = { world, node }
          const total = world.log.total
          const reads = !changes(context, text)
          const answer = runLine(context, text)
          expect(typeof answer.output).toBe('string')
          expect(answer.summary.length).toBeLessThanOrEqual(160)
          if (reads) expect(world.log.total).toBe(total)
          const completed = completeLine(context, text)
          // Whatever is typed already is not lost by a press of Tab.
          expect(completed.line.length).toBeGreaterThanOrEqual(text.length)
        }),
        { numRuns: 3_000 },
      )
      b.runFor(60_000)
    },
  )
})
