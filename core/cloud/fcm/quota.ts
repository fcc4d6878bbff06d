/**
 * How much a project and a device have used (FCM-05). A window begins with the first message in it and not with
 * a minute of the clock; a message past the limit waits for the window's end and is not counted itself.
 */
import { HOUR_MS, MAX_DEVICES, MAX_PROJECTS, MINUTE_MS, type FcmQuotas } from './limits.ts'

type Window = { startedAt: number; used: number }

type DeviceUse = { minute: Window; hour: Window; permits: number; filledAt: number }

export type DeviceQuota = 'minute' | 'hour' | 'collapsible'

/** `waitMs`: until there is room again. */
export type Room = { ok: true } | { ok: false; quota: 'project' | DeviceQuota; limit: number; waitMs: number }

const ROOM: Room = { ok: true }

/** The window as it is now: a new, empty one after its end. A clock set back must not stop everything. */
function current(window: Window | undefined, spanMs: number, now: number): Window {
  return window && now >= window.startedAt && now < window.startedAt + spanMs ? window : { startedAt: now, used: 0 }
}

export class QuotaBook {
  readonly limits: FcmQuotas
  private readonly projects = new Map<string, Window>()
  private readonly devices = new Map<string, DeviceUse>()

  constructor(limits: FcmQuotas) {
    this.limits = limits
  }

  /** How many projects and devices are remembered. */
  get size(): { projects: number; devices: number } {
    return { projects: this.projects.size, devices: this.devices.size }
  }

  projectRoom(project: string, now: number): Room {
    return within('project', current(this.projects.get(project), MINUTE_MS, now), this.limits.projectPerMinute, MINUTE_MS, now)
  }

  useProject(project: string, now: number): void {
    const window = current(this.projects.get(project), MINUTE_MS, now)
    window.used++
    remember(this.projects, project, window, MAX_PROJECTS)
  }

  deviceRoom(token: string, collapsible: boolean, now: number): Room {
    const use = this.use(token, now)
    const minute = within('minute', use.minute, this.limits.devicePerMinute, MINUTE_MS, now)
    if (!minute.ok) return minute
    const hour = within('hour', use.hour, this.limits.devicePerHour, HOUR_MS, now)
    if (!hour.ok || !collapsible || use.permits > 0) return hour
    const waitMs = use.filledAt + this.limits.collapsibleRefillMs - now
    return { ok: false, quota: 'collapsible', limit: this.limits.collapsibleBurst, waitMs }
  }

  useDevice(token: string, collapsible: boolean, now: number): void {
    const use = this.use(token, now)
    use.minute.used++
    use.hour.used++
    if (collapsible) use.permits--
    remember(this.devices, token, use, MAX_DEVICES)
  }

  /** As of now; whole permits only, so that no fraction depends on how often somebody looked. */
  private use(token: string, now: number): DeviceUse {
    const { collapsibleBurst, collapsibleRefillMs } = this.limits
    const known = this.devices.get(token)
    const minute = current(known?.minute, MINUTE_MS, now)
    const hour = current(known?.hour, HOUR_MS, now)
    if (!known || known.permits >= collapsibleBurst || now < known.filledAt)
      return { minute, hour, permits: collapsibleBurst, filledAt: now }
    const gained = Math.floor((now - known.filledAt) / collapsibleRefillMs)
    if (known.permits + gained >= collapsibleBurst) return { minute, hour, permits: collapsibleBurst, filledAt: now }
    return { minute, hour, permits: known.permits + gained, filledAt: known.filledAt + gained * collapsibleRefillMs }
  }
}

function within(quota: 'project' | DeviceQuota, { startedAt, used }: Window, limit: number, spanMs: number, now: number): Room {
  return used < limit ? ROOM : { ok: false, quota, limit, waitMs: startedAt + spanMs - now }
}

/** Puts it last; the first is the one that was not used for longest. */
function remember<T>(all: Map<string, T>, key: string, value: T, most: number): void {
  all.delete(key)
  if (all.size >= most) all.delete(all.keys().next().value as string)
  all.set(key, value)
}
