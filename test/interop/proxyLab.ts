/** A whole lab whose ways to the cloud are real, behind a real squid, for calls that have to wake a phone. */
import { expect } from 'vitest'
import type { CloudName, CloudsState } from '../../core/contract/clouds.ts'
import type { HopEvent } from '../../core/contract/event.ts'
import { wireLab, type WireLab } from '../wire/lpns/lab.ts'
import { eventually } from '../wire/eventually.ts'
import { openSquid, PASSWORD, USER, type Squid, type SquidOptions } from './squid.ts'

export const PROXY_NAME = 'proxy.clinic.example'
export const LEGS: CloudName[] = ['ci', 'fos', 'push-rest']

/** Ana's desk phone calls Bob's suspended Jabber; between their one node and the cloud stands a proxy. */
const scenario = (addresses: readonly string[], product: string): string => `pushlab: 1
title: Behind a real proxy
cluster: { nodes: [{ id: ucm-pub }] }
edge:
  proxy: { fqdn: ${PROXY_NAME}, addresses: [${addresses.join(', ')}], settings: { enabled: false }${product} }
users: [{ id: ana, number: "1000" }, { id: bob, number: "2000" }]
devices:
  - { id: desk, owner: ana, client: deskphone, os: desktop }
  - { id: phone, owner: bob, client: jabber, os: ios, app: off screen, locked: true }
`

export type ProxyLab = WireLab & {
  clouds(): CloudsState
  squid(o?: Partial<SquidOptions>): Promise<Squid>
  /** What is saved on the Cloud Onboarding page; in use after `restart`, which gives the hops since CPNS runs again. */
  set(settings: object): Promise<void>
  restart(until?: Where): Promise<HopEvent[]>
  /** Calls Bob; the hops of the call once this one is among them. */
  call(until: Where): Promise<HopEvent[]>
  /** Waits for a hop with these texts in it. */
  next(where: Where, withinMs?: number): Promise<HopEvent>
}
export type Where = Partial<Record<'from' | 'to' | 'message' | 'outcome' | 'why' | 'status', string>>

const fits =
  (where: Where) =>
  (event: HopEvent): boolean =>
    Object.entries(where).every(([key, text]) => String(event[key as keyof HopEvent]).includes(text))

/** `product`: what else is known of the proxy, e.g. `, product: Cisco WSA`. */
export async function proxyLab(o: { addresses?: string[]; product?: string; dataDir?: string } = {}): Promise<ProxyLab> {
  const lab = await wireLab({ scenario: scenario(o.addresses ?? ['127.0.0.1'], o.product ?? ''), open: false, dataDir: o.dataDir ?? null })
  const ending: (() => Promise<void>)[] = []
  const clouds = (): CloudsState => {
    const state = lab.last().clouds
    if (!state) throw new Error('the clouds are not open')
    return state
  }
  const reached = async (hops: () => HopEvent[], until: Where): Promise<void> => {
    await eventually(() => hops().some(fits(until)), JSON.stringify(until), 20_000).catch((error: unknown) => {
      const seen = hops().map(({ at, from, to, message, outcome }) => `${at} ${from} > ${to} ${message}: ${outcome}`)
      throw new Error(`${String(error)}\n${seen.join('\n')}`)
    })
  }
  const next = async (where: Where, withinMs = 10_000): Promise<HopEvent> => {
    await eventually(() => lab.events.some(fits(where)), JSON.stringify(where), withinMs)
    return lab.events.find(fits(where)) as HopEvent
  }
  await lab.do('clouds.open', {})
  await eventually(() => Boolean(lab.last().clouds), 'the state of the clouds')
  await lab.do('clouds.legs', { real: LEGS })
  await lab.do('clouds.secret', { name: 'right', value: PASSWORD })
  await lab.do('clouds.secret', { name: 'wrong', value: 'of another one' })
  return {
    ...lab,
    clouds,
    next,
    async squid(change = {}) {
      const names = clouds().servers
      const squid = await openSquid({
        asks: 'none',
        hosts: Object.fromEntries(names.flatMap((server) => server.names.map((name) => [name, '127.0.0.1']))),
        ports: names.map(({ port }) => port),
        ...change,
      })
      ending.push(() => squid.close())
      return squid
    },
    async set(settings) {
      await lab.do('proxy.set', { enabled: true, user: USER, secret: 'right', ...settings })
    },
    async restart(until = { from: 'ci', message: '200' }) {
      const before = lab.events.length
      await lab.do('service.restart', { node: 'ucm-pub', service: 'CPNS' })
      const since = (): HopEvent[] => {
        const fresh = lab.events.slice(before)
        return fresh.slice(fresh.findIndex(({ message }) => message === 'CPNS runs') + 1 || fresh.length)
      }
      // It starts, and asks for its token first of all.
      await reached(since, until)
      return since()
    },
    async call(until) {
      const { flow } = await lab.do<{ flow: number }>('call.place', { from: 'desk', to: '2000' })
      const hops = (): HopEvent[] => lab.events.filter((event) => event.flow === flow)
      await reached(hops, until)
      return hops()
    },
    async close() {
      await lab.close()
      for (const end of ending) await end()
      expect(lab.logged.filter((line) => line.includes('failed'))).toEqual([])
    },
  }
}
