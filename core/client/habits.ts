/** What the person holding the phone does by itself, so that a run needs no hand. */
import type { Hand, World } from '../world.ts'
import type { Device } from './device.ts'

export function ringHabit(world: World, device: Device): void {
  const flow = device.call?.flow
  const { answersAfterMs, declinesAfterMs } = device.habits
  if (answersAfterMs !== null) {
    later(
      world,
      device,
      answersAfterMs,
      'answers',
      () => device.call?.flow === flow && device.call?.canAnswer === true,
      (hand) => hand.answer(device),
    )
  } else if (declinesAfterMs !== null) {
    later(
      world,
      device,
      declinesAfterMs,
      'declines',
      () => device.call?.flow === flow && device.call?.canDecline === true,
      (hand) => hand.decline(device),
    )
  }
}

export function tapHabit(world: World, device: Device): void {
  const { tapsAfterMs } = device.habits
  if (tapsAfterMs === null) return
  const banner = device.banners[0]?.id
  later(
    world,
    device,
    tapsAfterMs,
    'taps',
    () => device.banners[0]?.id === banner,
    (hand) => hand.tap(device),
  )
}

export function talkHabit(world: World, device: Device): void {
  const flow = device.call?.flow
  const { hangsUpAfterMs } = device.habits
  if (hangsUpAfterMs === null) return
  later(
    world,
    device,
    hangsUpAfterMs,
    'hangs up',
    () => device.call?.flow === flow,
    (hand) => hand.hangUp(device),
  )
}

function later(world: World, device: Device, afterMs: number, what: string, still: () => boolean, act: (hand: Hand) => void): void {
  world.clock.schedule(
    afterMs,
    () => {
      if (still()) act(world.hand)
    },
    `${device.label} ${what}`,
  )
}
