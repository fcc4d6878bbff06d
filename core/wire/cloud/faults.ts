/** Faults that wait for the next requests or handshakes of one cloud, and how each is said (SCN-15). */
import type { CloudServer, WireFault } from '../../contract/clouds.ts'

export type WrongCertificate = Extract<WireFault, { kind: 'certificate' }>['wrong']
export type RequestFault = Exclude<WireFault, { kind: 'certificate' }>

/** Faults that wait; one is many requests, so nobody needs more. */
export const MAX_WAITING = 100

/** A page as a captive portal has it in place of any answer: whoever expects JSON finds HTML. */
export const LOGIN_PAGE =
  '<!doctype html>\n<html lang="en">\n<title>Guest network</title>\n<h1>Welcome</h1>\n<form action="/login"><button>Log in to go on</button></form>\n</html>\n'

export class WireFaults {
  private readonly waiting: { fault: WireFault; left: number }[] = []

  /** Hits the next `times` requests, or handshakes, after those of faults before it; false when too many wait. */
  add(fault: WireFault, times: number): boolean {
    if (this.waiting.length >= MAX_WAITING) return false
    this.waiting.push({ fault, left: times })
    return true
  }

  clear(): void {
    this.waiting.length = 0
  }

  take(): RequestFault | null {
    const index = this.waiting.findIndex(({ fault }) => fault.kind !== 'certificate')
    return index < 0 ? null : (this.use(index) as RequestFault)
  }

  takeHandshake(): WrongCertificate | null {
    const index = this.waiting.findIndex(({ fault }) => fault.kind === 'certificate')
    if (index < 0) return null
    const fault = this.use(index)
    return fault.kind === 'certificate' ? fault.wrong : null
  }

  rows(): CloudServer['faults'] {
    return this.waiting.map(({ fault, left }) => ({ text: textOf(fault), left }))
  }

  private use(index: number): WireFault {
    const next = this.waiting[index] as { fault: WireFault; left: number }
    if (--next.left === 0) this.waiting.splice(index, 1)
    return next.fault
  }
}

export function textOf(fault: WireFault): string {
  switch (fault.kind) {
    case 'answer':
      return `answer ${fault.status}${fault.reason === undefined ? '' : ` ${fault.reason}`}`
    case 'reset':
      return 'connection reset'
    case 'stall':
      return 'no answer'
    case 'slow-body':
      return `answer byte by byte, over ${fault.ms / 1_000} s`
    case 'half-close':
      return 'hangs up halfway through the answer'
    case 'page':
      return 'login page in place of the answer'
    case 'certificate':
      return { authority: 'certificate of another authority', name: 'certificate for another name', expired: 'expired certificate' }[
        fault.wrong
      ]
    case 'goaway':
      return `GOAWAY ${fault.reason}`
  }
}
