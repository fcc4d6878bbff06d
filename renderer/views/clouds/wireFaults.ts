/** The faults of a real socket as a form can ask for them: a word, what it takes besides, and the argument it becomes. */
import type { CloudName, CommandInput } from '../../../core/contract/index.ts'

export type FaultInput = CommandInput<'clouds.fault'>['fault']
export type FaultKind = FaultInput['kind']
export type Breakable = CommandInput<'clouds.fault'>['cloud']

export const FAULTS: readonly { kind: FaultKind; label: string; about: string; only?: CloudName; never?: Breakable }[] = [
  { kind: 'answer', label: 'Answer with a status', about: 'Instead of its own answer.' },
  { kind: 'reset', label: 'Reset', about: 'TCP reset in the middle of the request.' },
  { kind: 'stall', label: 'Stall', about: 'Takes the request and never answers.' },
  { kind: 'slow-body', label: 'Slow body', about: 'The answer comes byte after byte.', never: 'proxy' },
  { kind: 'half-close', label: 'Half-close', about: 'Ends its side after the request; no answer.' },
  { kind: 'page', label: 'Captive portal page', about: 'HTML with status 200 instead of JSON, as a hotel’s login page.' },
  { kind: 'certificate', label: 'Bad certificate', about: 'From the next handshake on.' },
  { kind: 'goaway', label: 'GOAWAY', about: 'HTTP/2: cuts the streams in flight.', only: 'apns' },
]

export const CERTIFICATES = [
  { value: 'authority', label: 'of an unknown authority' },
  { value: 'name', label: 'of another name' },
  { value: 'expired', label: 'expired' },
] as const

export type FaultForm = {
  kind: FaultKind
  status: string
  reason: string
  retryAfterS: string
  seconds: string
  wrong: (typeof CERTIFICATES)[number]['value']
  goaway: string
}

export const EMPTY_FAULT: FaultForm = {
  kind: 'answer',
  status: '503',
  reason: '',
  retryAfterS: '',
  seconds: '10',
  wrong: 'authority',
  goaway: 'Shutdown',
}

/** What the form says as an argument; the lab checks the numbers and says what is wrong with them. */
export function faultOf(form: FaultForm): FaultInput {
  switch (form.kind) {
    case 'answer':
      return {
        kind: 'answer',
        status: Number(form.status),
        ...(form.reason.trim() === '' ? {} : { reason: form.reason.trim() }),
        ...(form.retryAfterS.trim() === '' ? {} : { retryAfterS: Number(form.retryAfterS) }),
      }
    case 'slow-body':
      return { kind: 'slow-body', ms: Math.round(Number(form.seconds) * 1_000) }
    case 'certificate':
      return { kind: 'certificate', wrong: form.wrong }
    case 'goaway':
      return { kind: 'goaway', ...(form.goaway.trim() === '' ? {} : { reason: form.goaway.trim() }) }
    case 'reset':
    case 'stall':
    case 'half-close':
    case 'page':
      return { kind: form.kind }
  }
}
