/**
 * The faults in force. Each is matched by what the traffic is, counted, and drawn from the seed; a spent
 * fault leaves by itself. Most labs have none at most instants, so the empty case costs one comparison.
 */
import type { Fault, FaultKind } from '../contract/fault.ts'
import type { Clock, Timer } from './clock.ts'
import type { Random } from './random.ts'

export const MAX_FAULTS = 500

export type ActiveFault = {
  id: string
  fault: Fault
  since: number
  hits: number
  /** Remaining hits; null when unlimited. */
  left: number | null
  hidden: boolean
}

/** What a fault is matched against. */
export type Traffic = { port: number; device?: string | undefined }

type OfKind<K extends FaultKind> = Extract<Fault, { kind: K }>

export class FaultBook {
  private readonly byTarget = new Map<string, ActiveFault[]>()
  private readonly byId = new Map<string, ActiveFault>()
  private readonly ends = new Map<string, Timer>()
  private readonly clock: Clock
  private readonly random: Random
  private readonly changed: (fault: ActiveFault, gone: boolean) => void
  private created = 0

  constructor(clock: Clock, random: Random, changed: (fault: ActiveFault, gone: boolean) => void) {
    this.clock = clock
    this.random = random
    this.changed = changed
  }

  /** The new fault's ID, or a text that says why it cannot be added. */
  add(fault: Fault): { ok: true; active: ActiveFault } | { ok: false; message: string } {
    if (this.byId.size >= MAX_FAULTS) return { ok: false, message: `there are already ${MAX_FAULTS} faults: remove some first` }
    if (fault.id !== undefined && this.byId.has(fault.id)) {
      return { ok: false, message: `a fault named "${fault.id}" is already in force: choose another id` }
    }
    // A refused fault is no input of the run, so it must not shift the names of later ones (DEC-35).
    this.created++
    while (fault.id === undefined && this.byId.has(`fault-${this.created}`)) this.created++
    const id = fault.id ?? `fault-${this.created}`
    const active: ActiveFault = {
      id,
      fault,
      since: this.clock.now(),
      hits: 0,
      left: fault.count ?? null,
      hidden: fault.hidden ?? false,
    }
    this.byId.set(id, active)
    const list = this.byTarget.get(fault.on)
    if (list) list.push(active)
    else this.byTarget.set(fault.on, [active])
    if (fault.forMs !== undefined) {
      this.ends.set(
        id,
        this.clock.schedule(fault.forMs, () => this.remove(id), `fault ${id} ends`),
      )
    }
    this.changed(active, false)
    return { ok: true, active }
  }

  remove(id: string): ActiveFault | null {
    const active = this.byId.get(id)
    if (!active) return null
    this.byId.delete(id)
    this.ends.get(id)?.cancel()
    this.ends.delete(id)
    const list = this.byTarget.get(active.fault.on)?.filter((other) => other !== active) ?? []
    if (list.length > 0) this.byTarget.set(active.fault.on, list)
    else this.byTarget.delete(active.fault.on)
    this.changed(active, true)
    return active
  }

  get size(): number {
    return this.byId.size
  }

  all(): Iterable<ActiveFault> {
    return this.byId.values()
  }

  get(id: string): ActiveFault | undefined {
    return this.byId.get(id)
  }

  on(target: string): readonly ActiveFault[] {
    return this.byTarget.get(target) ?? NONE
  }

  /** Shows a hidden fault; true when it was hidden. */
  reveal(active: ActiveFault): boolean {
    if (!active.hidden) return false
    active.hidden = false
    this.changed(active, false)
    return true
  }

  /** The first fault of this kind that strikes here and now; it counts as a hit. */
  strike<K extends FaultKind>(target: string, kind: K, traffic: Traffic, forward = true): OfKind<K> | null {
    if (this.byId.size === 0) return null
    const list = this.byTarget.get(target)
    if (!list) return null
    for (const active of list) {
      if (active.fault.kind !== kind || !applies(active.fault, traffic, forward)) continue
      if (active.fault.probability !== undefined && !this.random.chance(active.fault.probability)) continue
      active.hits++
      if (active.left !== null) {
        active.left--
        if (active.left === 0) {
          this.remove(active.id)
          return active.fault as OfKind<K>
        }
      }
      this.changed(active, false)
      return active.fault as OfKind<K>
    }
    return null
  }

  /** Whether a fault of this kind would surely strike: for forecasts, without counting. */
  certain<K extends FaultKind>(target: string, kind: K, traffic: Traffic, forward = true): OfKind<K> | null {
    if (this.byId.size === 0) return null
    for (const active of this.on(target)) {
      if (active.fault.kind !== kind || !applies(active.fault, traffic, forward)) continue
      if (active.fault.probability === undefined || active.fault.probability >= 1) return active.fault as OfKind<K>
    }
    return null
  }
}

const NONE: readonly ActiveFault[] = []

const applies = (fault: Fault, traffic: Traffic, forward: boolean): boolean =>
  (fault.port === undefined || fault.port === traffic.port) &&
  (fault.device === undefined || fault.device === traffic.device) &&
  (fault.direction === undefined || fault.direction === 'both' || (fault.direction === 'forward') === forward)
