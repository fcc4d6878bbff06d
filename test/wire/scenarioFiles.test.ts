/** Files of the scenario folder: by name, and nothing outside it, whoever gives the name. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SCENARIO_LIMITS } from '../../core/contract/scenario.ts'
import { createLabHost } from '../../core/wire/labHost.ts'
import { listScenarios, readScenarioFile } from '../../core/wire/scenarioFiles.ts'

const LAB = `pushlab: 1
title: One phone
cluster: { nodes: [{ id: ucm-pub }] }
users: [{ id: ana, number: "1000" }]
devices: [{ id: phone, owner: ana }]
`
const SECRET = 'password: correct horse\n'

let root: string
let dir: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'push-lab-files-'))
  dir = join(root, 'scenarios')
  mkdirSync(dir)
  writeFileSync(join(dir, 'first-call.yaml'), LAB)
  writeFileSync(join(root, 'secret.yaml'), SECRET)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('a name', () => {
  it('of a file in the folder opens it', () => {
    expect(readScenarioFile(dir, 'first-call.yaml')).toEqual({ ok: true, value: { name: 'first-call.yaml', text: LAB } })
  })

  it.each([
    '../secret.yaml',
    'x/../../secret.yaml',
    './first-call.yaml',
    '..\\secret.yaml',
    '\\\\evil.example\\share\\x.yaml',
    'C:x.yaml',
    'first-call.yaml\0.yaml',
    'first-call.yaml:stream.yaml',
    '/etc/passwd',
    'first-call',
    '.yaml/..',
  ])('that leads elsewhere is refused: %j', (name) => {
    expect(readScenarioFile(dir, name)).toMatchObject({ ok: false, code: 'bad-request' })
  })

  it('that is an absolute path is refused, also one that exists', () => {
    expect(readScenarioFile(dir, join(root, 'secret.yaml'))).toMatchObject({ ok: false, code: 'bad-request' })
  })

  it('in a journal of somebody else’s shows no file of this machine', async () => {
    const host = createLabHost({ dataDir: null, scenariosDir: dir })
    const ask = async (name: string, args: unknown = {}): Promise<Record<string, unknown>> => {
      const reply = await host.dispatch({ name, args })
      if (!reply.ok) throw new Error(reply.message)
      return reply.value as Record<string, unknown>
    }
    const [header, ...lines] = ((await ask('journal.export'))['text'] as string).split('\n')
    const evil = { ...(JSON.parse(header!) as object), file: join(root, 'secret.yaml') }
    await ask('journal.import', { text: [JSON.stringify(evil), ...lines].join('\n') })
    expect((await ask('lab.source'))['text']).toContain('One phone')
    expect(JSON.stringify(await ask('lab.source'))).not.toContain('correct horse')
    await host.close()
  })
})

describe('one bad file', () => {
  it('is listed as such, and the others are there', () => {
    const bad = join(root, 'bad')
    mkdirSync(bad)
    writeFileSync(join(bad, 'good.yaml'), LAB)
    writeFileSync(join(bad, 'long.yaml'), `# ${'x'.repeat(SCENARIO_LIMITS.fileBytes)}`)
    mkdirSync(join(bad, 'folder.yaml'))
    symlinkSync(join(bad, 'nothing'), join(bad, 'dangling.yaml'))
    if (process.platform !== 'win32') execFileSync('mkfifo', [join(bad, 'pipe.yaml')])
    const listed = Object.fromEntries(listScenarios(bad).map(({ file, title, bad: issues }) => [file, issues[0]?.message ?? title]))
    expect(listed).toMatchObject({ 'good.yaml': 'One phone', 'folder.yaml': 'cannot be read', 'dangling.yaml': 'cannot be read' })
    expect(listed['long.yaml']).toContain('a scenario file may have')
    expect(readScenarioFile(bad, 'long.yaml')).toMatchObject({ ok: false, code: 'limit' })
    if (process.platform !== 'win32') expect(listed['pipe.yaml']).toBe('cannot be read')
    expect(readScenarioFile(bad, 'folder.yaml')).toMatchObject({ ok: false, code: 'not-found' })
  })
})
