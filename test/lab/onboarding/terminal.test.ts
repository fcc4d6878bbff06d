/** The whole procedure typed into the terminals of the nodes, and nothing else. */
import { describe, expect, it } from 'vitest'
import type { CliReply } from '../../../core/contract/admin.ts'
import type { Bench } from '../bench.ts'
import { fresh, view } from './fresh.ts'

const type = (b: Bench, node: string, line: string): CliReply => {
  const reply = b.give('cli.run', { node, line }) as CliReply
  b.runFor(10_000)
  return reply
}
const refusal = (b: Bench, node: string, line: string): string => {
  const reply = b.try('cli.run', { node, line })
  return reply.ok ? (reply.value as CliReply).output : reply.message
}

describe('onboarding from the terminal', () => {
  it('[ONB-06] [ONB-07] [ONB-11] [ONB-12] [ONB-14] [ONB-15] [ONB-16] leads from a fresh cluster to the first pushed call', () => {
    const b = fresh()
    const nodes = [...b.lab.world.cluster.nodes.keys()]
    const im = [...(b.lab.world.presence?.nodes.keys() ?? [])]
    type(b, 'ucm-pub', 'lab license register')
    type(b, 'ucm-pub', 'lab onboarding open')
    b.runFor(60_000)
    type(b, 'ucm-pub', 'lab onboarding voucher')
    type(b, 'ucm-pub', 'lab onboarding tick push manageCertificates')
    type(b, 'ucm-pub', 'lab onboarding save')
    for (const node of [...nodes.slice(1), ...im, 'ucm-pub']) type(b, node, 'utils service restart Cisco Tomcat')
    expect(type(b, 'ucm-pub', 'lab onboarding show').output).toContain('Status: Cisco Cloud Onboarding Pending')
    type(b, 'ucm-pub', 'lab onboarding open')
    b.runFor(60_000)
    type(b, 'ucm-pub', 'lab onboarding tick push manageCertificates')
    type(b, 'ucm-pub', 'lab onboarding save')
    b.runFor(30_000)
    expect(view(b).status).toBe('Cloud Onboarding Completed')
    for (const node of nodes) type(b, node, 'utils service restart Cisco Push Notification Service')
    for (const node of im)
      for (const service of ['Cisco XCP Config Manager', 'Cisco XCP Router']) type(b, node, `utils service restart ${service}`)
    const flow = b.call('5001')
    b.runFor(6_000)
    expect(b.hops({ flow, to: 'push-rest', message: 'POST push' })).not.toEqual([])
    expect(b.pushes({ flow })[0]?.state).not.toBe('failed')
  })

  it('[ONB-06] is offered on the publisher only, and says how a line is meant', () => {
    const b = fresh()
    expect(refusal(b, 'ucm-sub1', 'lab onboarding open')).toContain('It exists on the Unified CM publisher only')
    expect(refusal(b, 'ucm-pub', 'lab onboarding tick everything')).toContain('there is no check box "everything"')
    expect(refusal(b, 'ucm-pub', 'lab onboarding tick')).toContain('Right form: lab onboarding tick push manageCertificates')
    expect(refusal(b, 'ucm-pub', 'lab onboarding voucher')).not.toContain('stored')
    expect(view(b).voucher.state).toBe('none')
  })

  it('[ONB-13] clears a box, too', () => {
    const b = fresh()
    type(b, 'ucm-pub', 'lab onboarding open')
    b.runFor(60_000)
    type(b, 'ucm-pub', 'lab onboarding tick push sendTroubleshooting')
    expect(type(b, 'ucm-pub', 'lab onboarding clear sendTroubleshooting').output).toContain('Cleared: sendTroubleshooting')
    expect(view(b).boxes).toMatchObject({ push: true, sendTroubleshooting: false })
  })
})
