/** Words about stanzas, and how the flow of one ends. */
import type { StanzaKind } from '../contract/rows.ts'
import { note, type World } from '../world.ts'
import type { Stanza } from './types.ts'

export const routerOf = (node: string): string => `${node}/XCP Router`

const WORDS: Record<StanzaKind, [one: string, many: string]> = {
  message: ['message', 'messages'],
  presence: ['presence update', 'presence updates'],
  invitation: ['chat room invitation', 'chat room invitations'],
  other: ['other stanza', 'other stanzas'],
}

const KINDS = Object.keys(WORDS) as StanzaKind[]

/** `2 messages, 1 presence update`. */
export function countText(stanzas: readonly Stanza[]): string {
  const parts: string[] = []
  for (const kind of KINDS) {
    const count = stanzas.filter((stanza) => stanza.kind === kind).length
    if (count > 0) parts.push(`${count} ${WORDS[kind][count === 1 ? 0 : 1]}`)
  }
  return parts.join(', ')
}

/** What the ladder shows on the arrow; never what a message says. */
export const stanzaText = (stanza: Stanza): string =>
  stanza.kind === 'presence'
    ? `presence of ${stanza.from}: ${stanza.text}`
    : stanza.kind === 'message'
      ? 'message'
      : stanza.kind === 'other'
        ? stanza.text
        : WORDS[stanza.kind][0]

/** A push tells its user of messages and invitations; presence and the like only wait (MSG-02). */
export const isPushed = (stanza: Stanza): boolean => stanza.kind === 'message' || stanza.kind === 'invitation'

/** One that got lost alone, with its line: whose, how many and why. */
export function loseOne(world: World, place: string, stanza: Stanza, text: string, why: string): void {
  const event = note(
    world,
    { flow: stanza.flow, place, carrier: 'XMPP' },
    `${stanzaText(stanza)} for ${stanza.toOwner} on ${stanza.toName}`,
    `1 lost: ${countText([stanza])}; ${text}`,
    'lost',
    why,
  )
  failStanza(world, stanza, 'lost', text, why, event.seq)
}

/** A stanza that does not arrive; its flow fails when nothing of it can arrive any more. */
export function failStanza(world: World, stanza: Stanza, state: 'lost' | 'refused', text: string, why: string, seq: number | null): void {
  if (!world.messages.move(stanza, state)) return
  const flow = world.flows.get(stanza.flow)
  if (!flow || flow.endedAt !== null || world.messages.isOpen(stanza.flow)) return
  world.flows.blame(flow, text, why, seq)
  world.flows.end(flow, 'failed')
}
