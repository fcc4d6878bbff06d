import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A script of build/, under a Node that says it has this version. */
function node(script: string, args: readonly string[], version?: string): Promise<{ code: number; out: string; err: string }> {
  const fake = `Object.defineProperty(process.versions, 'node', { value: ${JSON.stringify(version)} })`
  const before = version === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(fake)}`]
  return new Promise((resolve) => {
    execFile(process.execPath, [...before, `build/${script}`, ...args], { cwd: root }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    )
  })
}

describe('the commands that people type', { timeout: 30_000 }, () => {
  it('say which Node they need, and run from 20.19 on', async () => {
    const [old, almost, start, enough] = await Promise.all([
      node('lab.mjs', ['--help'], '18.20.4'),
      node('lab.mjs', ['--help'], '20.18.9'),
      node('start.mjs', ['--help'], '20.18.9'),
      node('start.mjs', ['--help'], '20.19.0'),
    ])
    for (const { code, out, err } of [old, almost, start]) {
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err).toMatch(/^Push Lab needs Node 20\.19 or newer, and this is Node (18\.20\.4|20\.18\.9) \(.*\)\.\n$/)
    }
    expect(enough).toMatchObject({ code: 0, err: '' })
    expect(enough.out).toContain('Usage: npm start')
  })

  it('npm start says what it does not understand, and starts nothing', async () => {
    const wrong: [string[], string][] = [
      [['--port', '65536'], '--port takes a number from 0 to 65535, not "65536".'],
      // An empty one is no 0.
      [['--port='], '--port takes a number from 0 to 65535, not "".'],
      [['--prot', '5000'], 'There is no option --prot.'],
      [['my-lab.yaml'], 'npm start takes no "my-lab.yaml"'],
    ]
    const ended = await Promise.all(wrong.map(([args]) => node('start.mjs', args)))
    for (const [index, { code, out, err }] of ended.entries()) {
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err.split('\n')[0]).toContain(wrong[index]?.[1])
    }
  })
})
