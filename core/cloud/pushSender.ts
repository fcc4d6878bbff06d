/**
 * Sending one push from a server (CPNS or XCP Config Manager) to Push REST. Message pushes wait their turn
 * when many are under way; a VoIP push never waits (CALL-06).
 */
import { settlePushSession } from '../presence/pushSession.ts'
import type { Push } from '../pushBook.ts'
import type { LabNode, World } from '../world.ts'
import { hasToken, withToken } from './accessAgent.ts'
import { HTTPS_PORT, request, type CloudResult } from './connection.ts'
import { PUSH_PATH, servePushRest } from './pushRest.ts'

/** Message pushes that one sender has under way at once; the next wait. Our choice, no source names one. */
export const MESSAGE_PUSHES_AT_ONCE = 20

/** Message pushes that may wait at one sender; more are refused. */
export const MESSAGE_PUSH_QUEUE = 10_000

export type SendResult = CloudResult | { ok: false; stage: 'token' | 'queue'; text: string; why: string; seq: number | null }

export function sendPush(world: World, node: LabNode, push: Push, done: (result: SendResult) => void): void {
  if (push.channel === 'VoIP' || push.purpose !== 'message') return dispatch(world, node, push, done)
  const { agent } = node
  const start = (): void => {
    agent.messagesUnderWay++
    push.queuedMs = world.clock.now() - push.createdAt
    dispatch(world, node, push, (result) => {
      agent.messagesUnderWay--
      agent.queue.shift()?.()
      if (result.ok && result.status === 410) stopMessages(world, push)
      done(result)
    })
  }
  if (agent.messagesUnderWay < MESSAGE_PUSHES_AT_ONCE) return start()
  if (agent.queue.length >= MESSAGE_PUSH_QUEUE) {
    return done({
      ok: false,
      stage: 'queue',
      text: `more than ${MESSAGE_PUSH_QUEUE} message pushes wait on ${node.id}`,
      why: 'CALL-06',
      seq: null,
    })
  }
  agent.queue.push(start)
}

/** The target is gone: no more message pushes to it until its client has a new one (ALM-08, FCM-04). */
function stopMessages(world: World, push: Push): void {
  const device = world.devices.get(push.device)
  if (!device?.subscription || device.subscription.token !== push.target) return
  device.subscription.imStopped = true
  settlePushSession(world, device)
  world.touch('device', device.id)
}

function dispatch(world: World, node: LabNode, push: Push, done: (result: SendResult) => void): void {
  const { agent } = node
  withToken(world, node, (available) => {
    if (!available || !hasToken(world, agent)) {
      return done({ ok: false, stage: 'token', text: `${agent.place} has no access token`, why: 'NET-02', seq: null })
    }
    push.unsealed = world.faults.strike(agent.place, 'unsealed', { port: HTTPS_PORT, device: push.device }) !== null
    const payload = push.unsealed ? JSON.stringify(push.fields) : push.payload
    request(
      world,
      {
        flow: push.flow,
        from: agent.place,
        node,
        host: 'push-rest',
        carrier: 'HTTPS',
        message: `POST push, ${push.channel}, ${push.purpose}`,
        tracking: push.id,
        device: push.device,
        real: () => ({
          method: 'POST',
          path: PUSH_PATH,
          headers: [['content-type', 'application/json']],
          body: JSON.stringify({ version: 1, service: push.service, type: push.pushType, target: push.target, payload }),
          bearer: agent.token,
          refresh: null,
        }),
        leaving: () => {
          world.pushes.move(push, 'sent')
          if (node.family === 'ucm') world.counters.callManager(node.id, 'NumberOfPushReqSent')
        },
      },
      (hop, respond, brought) =>
        servePushRest(world, push, brought?.what === 'push' ? brought : { token: agent.token, payload }, hop, respond),
      (result) => {
        if (result.ok && result.status === 200) passedOn(world, push, result.seq)
        done(result)
      },
    )
  })
}

/** Success of somebody who is not Push REST, a fault or a proxy: no platform has the push, and nothing follows. */
function passedOn(world: World, push: Push, seq: number): void {
  if (push.state !== 'sent') return
  const text = 'answered 200, but passed on to nobody'
  const flow = world.flows.get(push.flow)
  if (flow) world.flows.suspect(flow, `the push was ${text}`, 'DEC-33', seq)
  world.pushes.move(push, 'failed', text)
}
