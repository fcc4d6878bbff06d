import { afterEach, describe, expect, it } from 'vitest'
import type { CliReply } from '../../../core/contract/admin.ts'
import type { Reply } from '../../../core/contract/door.ts'
import { createLabHost, type LabHost } from '../../../core/wire/labHost.ts'
import { twoPhones } from '../bench.ts'

const SCENARIOS = new URL('../../../scenarios', import.meta.url).pathname
const hosts: LabHost[] = []
afterEach(async () => void (await Promise.all(hosts.splice(0).map((host) => host.close()))))

async function opened(): Promise<{ host: LabHost; give: <T = unknown>(name: string, args?: unknown) => Promise<T> }> {
  const host = createLabHost({ dataDir: null, scenariosDir: SCENARIOS })
  hosts.push(host)
  const give = async <T>(name: string, args: unknown = {}): Promise<T> => {
    const reply = (await host.dispatch({ name, args })) as Reply<T>
    if (!reply.ok) throw new Error(`${name}: ${reply.message}`)
    return reply.value
  }
  await give('lab.open', { text: JSON.stringify(twoPhones({}, { nodes: 2 })), name: 'cli.yaml' })
  return { host, give }
}

const journal = async (give: <T>(name: string) => Promise<T>): Promise<string> => (await give<{ text: string }>('journal.export')).text

describe('the CLI behind the door', () => {
  it('[DEC-35] a line that only reads is no input of the run, and drops nothing that was recorded ahead', async () => {
    const { give } = await opened()
    await give('time.seek', { at: '5s' })
    await give('device.unlock', { device: 'phone' })
    await give('time.seek', { at: '6s' })
    await give('time.seek', { at: '1s' })
    const answer = await give<CliReply>('cli.run', { node: 'ucm-pub', line: 'show status' })
    expect(answer).toMatchObject({ failed: false, output: expect.stringContaining('Host Name          : ucm-pub') })
    expect(await give('cli.run', { node: 'ucm-pub', line: 'nonsense' })).toMatchObject({ failed: true })
    expect(await give('cli.run', { node: 'ucm-pub', line: 'run sql select * from device' })).toMatchObject({ failed: false })
    await give('time.seek', { at: '6s' })
    const kept = await journal(give)
    expect(kept).toContain('device.unlock')
    expect(kept).not.toContain('cli.run')
  })

  it('[DEC-35] a line that changes something is an input: it forks, and comes again in a replay', async () => {
    const { give } = await opened()
    await give('time.seek', { at: '5s' })
    await give('device.unlock', { device: 'phone' })
    await give('time.seek', { at: '1s' })
    await give('cli.run', { node: 'ucm-pub', line: 'utils managementAgent alarms pushfrequency 45' })
    await give('time.seek', { at: '6s' })
    const text = await journal(give)
    expect(text).not.toContain('device.unlock')
    expect(text).toContain('pushfrequency 45')
    await give('lab.restart')
    expect(await give('agent.show')).toMatchObject({ frequencyMinutes: 30 })
    expect(await give('journal.import', { text })).toMatchObject({ events: expect.any(Number) })
    expect(await give('agent.show')).toMatchObject({ frequencyMinutes: 45 })
  })

  it('[SEC-04] a refused line leaves nothing in the run', async () => {
    const { host, give } = await opened()
    const line = "run sql update machineaccountdetails set refreshtoken='a-real-secret'"
    expect(await host.dispatch({ name: 'cli.run', args: { node: 'ucm-pub', line } })).toMatchObject({ ok: false, code: 'refused' })
    expect(await journal(give)).not.toContain('a-real-secret')
    expect(await host.dispatch({ name: 'cli.run', args: { node: 'ghost', line: 'show status' } })).toMatchObject({
      ok: false,
      code: 'not-found',
    })
    expect(await host.dispatch({ name: 'cli.run', args: { node: 'ucm-pub' } })).toMatchObject({ ok: false, code: 'bad-request' })
  })

  it('the questions of the tools are answered', async () => {
    const { give } = await opened()
    expect(await give('cli.complete', { node: 'ucm-pub', line: 'ut' })).toMatchObject({ line: 'utils ' })
    expect(await give('traces.list')).toMatchObject({ oldestEvent: 0 })
    expect(await give('traces.search', { text: 'TRACKING' })).toMatchObject({ more: false })
    expect(await give('traces.export', { node: 'ucm-pub' })).toMatchObject({ name: 'ucm-pub-traces.tar' })
    const { clusterId } = await give<{ clusterId: string }>('agent.show')
    expect(await give('support.alarms', { clusterId })).toMatchObject({ found: false })
  })
})
