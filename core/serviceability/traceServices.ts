/** Services that write traces, and where each of them keeps its files (TRB-09, TRB-10, DEC-34). */
import type { TraceLevel, TraceService } from '../contract/admin.ts'
import type { LabNode } from '../world.ts'

/** What `activelog` stands for in `file` commands. */
export const ACTIVE_LOG = '/var/log/active'

type Spec = {
  family: LabNode['family']
  /** End of the place whose hops it logs: `ucm-pub/CPNS`. */
  place: string
  /** Below `activelog`. */
  folder: string
  /** Files are called `prefix00000001.log`. */
  prefix: string
  suffix: string
  /** What is not published is modelled (DEC-34). */
  modelled: boolean
}

/** Two folders are those of the guide, two those of TAC 222556; that of LPNS is modelled, beside the one of CPNS (DEC-34). */
export const TRACE_SERVICES: Readonly<Record<TraceService, Spec>> = {
  'Cisco Push Notification Service': {
    family: 'ucm',
    place: 'CPNS',
    folder: '/cm/trace/ccmpns/log4j',
    prefix: 'ccmpns',
    suffix: '.log',
    modelled: false,
  },
  'Cisco Local Push Notification Service': {
    family: 'ucm',
    place: 'LPNS',
    folder: '/cm/trace/cclpns/log4j',
    prefix: 'cclpns',
    suffix: '.log',
    modelled: true,
  },
  'Cisco Management Agent Service': {
    family: 'ucm',
    place: 'CMAS',
    folder: '/cm/trace/cmas/log4j',
    prefix: 'cmas',
    suffix: '.log',
    modelled: false,
  },
  'Cisco XCP Config Manager': {
    family: 'imp',
    place: 'XCP Config Manager',
    folder: '/epas/trace/xcpconfigmgr/log4j',
    prefix: 'xcpconfigmgr',
    suffix: '.log',
    modelled: false,
  },
  'Cisco XCP Router': {
    family: 'imp',
    place: 'XCP Router',
    folder: '/epas/trace/xcp/log',
    prefix: 'rtr-jsm-1_',
    // Compressed on a real node; here it is shown as it reads when unpacked.
    suffix: '.log.gz',
    modelled: false,
  },
}

export const TRACE_SERVICE_NAMES = Object.keys(TRACE_SERVICES) as TraceService[]

export const isTraceService = (name: string): name is TraceService => Object.hasOwn(TRACE_SERVICES, name)

/** Services of this node that write traces; an old release has no LPNS. */
export function tracedOn(node: LabNode): TraceService[] {
  return TRACE_SERVICE_NAMES.filter((name) => TRACE_SERVICES[name].family === node.family && node.services.has(name))
}

/** From the least to the most that is written. */
export const TRACE_LEVELS: readonly TraceLevel[] = ['Fatal', 'Error', 'Warn', 'Info', 'Debug']

export const DEFAULT_TRACE_LEVEL: TraceLevel = 'Info' // TRB-09
