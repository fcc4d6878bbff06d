/** A ladder for other programs. Documented in docs/ladder-json.md; the version changes with the shape. */
import type { Ladder } from '../contract/results.ts'
import { MODELLED_NOTE, allPlaces } from './words.ts'
import type { RunName } from './words.ts'

export const LADDER_JSON_VERSION = 1

/** Fields stand in a fixed order, so that two exports of one run are the same byte for byte. Ends in `\n`. */
export function ladderJson(ladder: Ladder, run?: RunName): string {
  const { flow } = ladder
  const document = {
    format: 'push-lab-ladder',
    version: LADDER_JSON_VERSION,
    run: run === undefined ? null : { title: run.title, seed: run.seed },
    note: MODELLED_NOTE,
    flow: {
      number: flow.flow,
      type: flow.type,
      title: flow.title,
      from: flow.from,
      to: flow.to,
      state: flow.state,
      startedAtMs: flow.startedAt,
      pushAtMs: flow.pushAt,
      offeredAtMs: flow.offeredAt,
      answeredAtMs: flow.answeredAt,
      endedAtMs: flow.endedAt,
      tracking: [...flow.tracking],
      cause: flow.cause === '' ? null : { text: flow.cause, seq: flow.causeSeq, why: flow.causeWhy },
      linkedTo: flow.linkedTo,
    },
    complete: !ladder.cut,
    places: allPlaces(ladder).map((place) => ({ id: place.id, label: place.label, node: place.node })),
    hops: ladder.hops.map((hop) => ({
      seq: hop.seq,
      sentAtMs: hop.sentAt,
      atMs: hop.at,
      from: hop.from,
      to: hop.to,
      carrier: hop.carrier,
      message: hop.message,
      outcome: hop.outcome,
      status: hop.status,
      why: hop.why,
      tracking: hop.tracking ?? null,
    })),
    timers: ladder.bars.map((bar) => ({
      name: bar.name,
      place: bar.place,
      startAtMs: bar.startAt,
      dueAtMs: bar.dueAt,
      endedAtMs: bar.endedAt,
      fired: bar.fired,
      why: bar.why,
    })),
    pushes: ladder.pushes.map((push) => ({
      tracking: push.id,
      device: push.device,
      purpose: push.purpose,
      channel: push.channel,
      path: push.path,
      sender: push.sender,
      state: push.state,
      createdAtMs: push.createdAt,
      changedAtMs: push.changedAt,
      queuedMs: push.queuedMs,
      reason: push.reason,
    })),
  }
  return `${JSON.stringify(document, null, 2)}\n`
}
