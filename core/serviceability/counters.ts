/** Performance counters by node, object and name, as RTMT shows them (ALM-17 to ALM-22). */
import type { CounterRow } from '../contract/rows.ts'
import type { SubscriberService } from '../client/device.ts'
import type { Clock } from '../engine/clock.ts'

export type Counter = { id: string; node: string; object: string; name: string; value: number; why: string; increment: string }

/** Published names and the ledger row each comes from; the odd spellings are the published ones (DEC-21). */
export const COUNTER_RULE = {
  NumberOfPushReqSent: 'ALM-17',
  NumberOfPushResReceived: 'ALM-17',
  NumberOfPushErrorResReceived: 'ALM-17',
  CustomRegionNumofMsgPushReqSent: 'ALM-18',
  CustomRegionNumofMissedCallMsgPushReqSent: 'ALM-18',
  CustomRegionNumofSharedCancelMsgPushReqSent: 'ALM-18',
  MobilityPushNotificationCallsExtendedToMIDueToTimeout: 'ALM-20',
  MobilityPushNotificationCallsExtendedToJabber: 'ALM-20',
  NumberOfLocalPushReqSent: 'ALM-19',
  NumberOfLocalPushResReceived: 'ALM-19',
  NumberOfLocalPushTimout: 'ALM-19',
  NumberOfLocalPushErrorResReceived: 'ALM-19',
  NumberofMissedCallLocalPushReqSent: 'ALM-19',
  NumberofSharedCancelLocalPushReqSent: 'ALM-19',
  NumberOfPushSuccess: 'ALM-21',
  NumberOfPushFailure: 'ALM-21',
  TargetInvalid: 'ALM-21',
  TargetExpired: 'ALM-21',
} as const

export type CounterName = keyof typeof COUNTER_RULE

export type XcpPushFamily = 'PushEnabledSessions' | 'PushEnableReqRcvd' | 'PushErrors' | 'PushSentSilent' | 'PushSentDisconn'

/** Per-minute counters of XCP Push start again at 0 after this long; sessions are a level and do not (ALM-22). */
export const WINDOW_MS = 60_000

export class Counters {
  private readonly counters = new Map<string, Counter>()
  private readonly ofCallManager = new Map<string, Map<CounterName, Counter>>()
  /** Counters of this minute that are not 0. */
  private readonly thisMinute = new Set<Counter>()
  private readonly clock: Clock
  private readonly touch: (id: string) => void
  private readonly effect: (text: string) => void

  constructor(clock: Clock, touch: (id: string) => void, effect: (text: string) => void) {
    this.clock = clock
    this.touch = touch
    this.effect = effect
  }

  /** Adds to a counter and notes it beside the newest hop. */
  add(node: string, object: string, name: string, by: number, why: string): Counter {
    const id = `${node}/${object}/${name}`
    let counter = this.counters.get(id)
    if (!counter) {
      counter = { id, node, object, name, value: 0, why, increment: `${name} +1 on ${node}` }
      this.counters.set(id, counter)
    }
    counter.value += by
    this.touch(id)
    this.effect(by === 1 ? counter.increment : `${name} ${by < 0 ? '−' : '+'}${Math.abs(by)} on ${node}`)
    return counter
  }

  /** Moves with every push of a call: the counter is found without making its name. */
  callManager(node: string, name: CounterName): void {
    let ofNode = this.ofCallManager.get(node)
    if (!ofNode) this.ofCallManager.set(node, (ofNode = new Map()))
    const known = ofNode.get(name)
    if (!known) {
      ofNode.set(name, this.add(node, 'Cisco CallManager', name, 1, COUNTER_RULE[name]))
      return
    }
    known.value++
    this.touch(known.id)
    this.effect(known.increment)
  }

  localPush(node: string, name: CounterName): void {
    this.add(node, 'Cisco Local Push Notification Service', name, 1, COUNTER_RULE[name])
  }

  configManager(node: string, name: CounterName): void {
    this.add(node, 'Cisco XCP Config Manager', name, 1, COUNTER_RULE[name])
  }

  /** Counters of the subscriber service that the client signed in with, and of no other (AND-06, ALM-22). */
  xcpPush(node: string, family: XcpPushFamily, service: SubscriberService, by = 1): void {
    const published = `${family}${SERVICE_SUFFIX[service]}`
    const name = published === 'PushErrorsFcmDev' ? 'PushErrorFcmDev' : published // DEC-21
    const counter = this.add(node, 'Cisco XCP Push', name, by, 'ALM-22')
    if (family !== 'PushEnabledSessions') this.resetWithTheMinute(counter)
  }

  private resetWithTheMinute(counter: Counter): void {
    this.thisMinute.add(counter)
    if (this.thisMinute.size > 1) return
    const restMs = WINDOW_MS - (this.clock.now() % WINDOW_MS)
    const reset = (): void => {
      for (const each of this.thisMinute) {
        each.value = 0
        this.touch(each.id)
      }
      this.thisMinute.clear()
    }
    this.clock.schedule(restMs, reset, 'counters of this minute start again')
  }

  value(node: string, object: string, name: string): number {
    return this.counters.get(`${node}/${object}/${name}`)?.value ?? 0
  }

  get(id: string): Counter | undefined {
    return this.counters.get(id)
  }

  all(): Iterable<Counter> {
    return this.counters.values()
  }

  row(counter: Counter): CounterRow {
    const { id, node, object, name, value, why } = counter
    return { kind: 'counter', id, node, object, name, value, why }
  }
}

const SERVICE_SUFFIX: Record<SubscriberService, string> = {
  APNS: 'Apns',
  'APNS:beta': 'ApnsBeta',
  'APNS:dev': 'ApnsDev',
  'APNS:test': 'ApnsTest',
  'APNS:load': 'ApnsLoad',
  FCM: 'Fcm',
  'FCM:dev': 'FcmDev',
}
