import { describe, expect, it } from 'vitest'
import { fileGroups } from '../../../renderer/views/traces/fileGroups.ts'
import { atLeast, formatBytes, marked, partsOf, split, trackingIn } from '../../../renderer/views/traces/traceLine.ts'
import { CPNS_LINES, PUSH_ID, traceView } from '../fixtures/admin.ts'

describe('a line of a trace', () => {
  it('[TRB-10] is taken apart without losing a character', () => {
    for (const line of [...CPNS_LINES, 'no form at all', '1: ucm-pub: x :  %UC_CPNS-2-AccessTokenInvalid: %[ErrorCode=400]: text']) {
      const { time, level, origin, text } = partsOf(line)
      expect(time + level + origin + text).toBe(line)
    }
    expect(partsOf(CPNS_LINES[1]!)).toMatchObject({
      time: '2026-01-01 00:03:14,302 ',
      level: 'INFO  ',
      origin: '[pool-1-thread-19] ccmpns.PushRequestHandler (PushRequestHandler.java:96) - ',
      kind: 'INFO',
    })
  })

  it('[ALM-24] has the severity of syslog where it is an alarm', () => {
    expect(partsOf('1: n: t :  %UC_CPNS-2-AccessTokenInvalid: x').kind).toBe('FATAL')
    expect(partsOf('1: n: t :  %UC_CPNS-3-Name: x').kind).toBe('ERROR')
    expect(partsOf('1: n: t :  %UC_CPNS-4-Name: x').kind).toBe('WARN')
    expect(partsOf('1: n: t :  %UC_CPNS-6-Name: x').kind).toBe('INFO')
  })

  it('is shown from its level on; what has none is always shown', () => {
    expect(CPNS_LINES.filter((line) => atLeast(line, 'WARN'))).toEqual([CPNS_LINES[4], CPNS_LINES[5]])
    expect(CPNS_LINES.filter((line) => atLeast(line, 'DEBUG'))).toHaveLength(CPNS_LINES.length)
    expect(atLeast('no form', 'FATAL')).toBe(true)
  })

  it('[SEC-06] names its tracking IDs, each once', () => {
    expect(trackingIn(CPNS_LINES[2]!)).toEqual([PUSH_ID])
    expect(trackingIn(`${CPNS_LINES[2]} TrackingID: ${PUSH_ID}`)).toEqual([PUSH_ID])
    expect(trackingIn(CPNS_LINES[0]!)).toEqual([])
  })

  it('marks every place of what was searched, in any letter case', () => {
    expect(marked('push PUSH', 'Push')).toEqual([
      { text: 'push', hit: true },
      { text: ' ', hit: false },
      { text: 'PUSH', hit: true },
    ])
    expect(marked('text', '')).toEqual([{ text: 'text', hit: false }])
  })

  it('a path has folder and name; a size its unit', () => {
    expect(split('/var/log/active/syslog/CiscoSyslog')).toEqual({ folder: '/var/log/active/syslog', name: 'CiscoSyslog' })
    expect([formatBytes(1_023), formatBytes(1_024), formatBytes(1_048_576)]).toEqual(['1023 B', '1.0 KiB', '1.0 MiB'])
  })
})

it('[TRB-09] files stand by node and service; a service without one stands there with its level', () => {
  const groups = fileGroups(traceView())
  expect(groups.map(({ node, service, level, files }) => [node, service, level, files.length])).toEqual([
    ['ucm-pub', 'Cisco Push Notification Service', 'Info', 0],
    ['ucm-pub', 'syslog', null, 1],
    ['ucm-sub1', 'Cisco Push Notification Service', 'Debug', 1],
    ['ucm-sub1', 'Cisco Local Push Notification Service', 'Info', 1],
  ])
  expect(groups[2]!.folder).toBe('/var/log/active/cm/trace/ccmpns/log4j')
})
