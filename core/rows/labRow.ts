import { PUSH_STATES, type LabRow, type PushState } from '../contract/rows.ts'
import type { World } from '../world.ts'

export function labRow(world: World): LabRow {
  const { scenario } = world
  const { lesson } = scenario
  return {
    kind: 'lab',
    id: 'lab',
    title: scenario.title,
    about: scenario.about,
    file: world.file,
    seed: world.seed,
    lesson: lesson ? { symptom: lesson.symptom, hints: lesson.hints, cause: lesson.cause, fixes: lesson.fixes } : null,
    releases: { unifiedCm: world.cluster.release, presence: world.presence?.release ?? null, expressway: world.expresswayRelease },
    devices: world.devices.size,
    ucServices: [...world.cluster.ucServices.keys()],
    serviceProfiles: [...world.cluster.serviceProfiles.keys()],
    pushStates: Object.fromEntries(PUSH_STATES.map((state) => [state, world.pushes.counts[state]])) as Record<PushState, number>,
    pushesCreated: world.pushes.created,
    messageStates: { ...world.messages.counts },
    messagesCreated: world.messages.created,
    eventsSoFar: world.log.total,
    eventsKept: world.log.total - world.log.oldest,
  }
}
