import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { claimDataFolder, makeDataFolder, type Claim } from '../../build/dataFolder.ts'

const open: { dir: string[]; server: Server[] } = { dir: [], server: [] }
afterEach(() => {
  for (const server of open.server.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  for (const dir of open.dir.splice(0)) rmSync(dir, { recursive: true, force: true })
})

function folder(): { dir: string; note: string } {
  const dir = mkdtempSync(join(tmpdir(), 'push-lab-data-'))
  open.dir.push(dir)
  return { dir, note: join(dir, 'served.json') }
}

/** What answers at the address of a note: a lab that knows the token, another program, or nothing ever. */
async function answering(how: 'lab' | 'other' | 'silent'): Promise<string> {
  const server = createServer((request, response) => {
    if (how === 'silent') return
    request.resume()
    response.writeHead(how === 'lab' ? 200 : 404).end()
  }).listen(0, '127.0.0.1')
  open.server.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/#token=secret`
}

/** Two processes that are alive, so that one test can play both. */
const FIRST = process.pid
const SECOND = process.ppid
const NOBODY = 2 ** 22 + 1
const silence = (): void => undefined
const ours = (claim: Claim): Extract<Claim, { kind: 'ours' }> => {
  if (claim.kind !== 'ours') throw new Error(`served at ${claim.url}`)
  return claim
}

describe('one data folder, one writer', () => {
  it('of two that start at the same moment one has it, and the other waits for its address', async () => {
    const { dir, note } = folder()
    const url = await answering('lab')
    const claims = [FIRST, SECOND].map((pid) => claimDataFolder(dir, silence, pid))
    const winner = ours(await Promise.race(claims))
    expect(statSync(note).mode & 0o777).toBe(0o600)
    winner.tell(url)
    const both = await Promise.all(claims)
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(['elsewhere', 'ours'])
    expect(both.find(({ kind }) => kind === 'elsewhere')).toEqual({ kind: 'elsewhere', url })
    winner.release()
    expect(existsSync(note)).toBe(false)
  })

  it.each([
    ['a process that is gone before it had an address', async () => ({ url: null, pid: NOBODY })],
    ['a process that is gone', async () => ({ url: 'http://127.0.0.1:9/#token=x', pid: NOBODY })],
    ['an earlier version', async () => ({ url: 'http://127.0.0.1:9/#token=x' })],
    ['an address where another program answers', async () => ({ url: await answering('other'), pid: SECOND })],
  ])('a note of %s is in nobody’s way', async (_which, made) => {
    const { dir, note } = folder()
    writeFileSync(note, JSON.stringify(await made()))
    ours(await claimDataFolder(dir, silence, FIRST)).tell('http://127.0.0.1:1/#token=y')
    expect(JSON.parse(readFileSync(note, 'utf8'))).toEqual({ url: 'http://127.0.0.1:1/#token=y', pid: FIRST })
  })

  it('what is served and does not answer is not written over: its process is named', async () => {
    const { dir, note } = folder()
    writeFileSync(note, JSON.stringify({ url: await answering('silent'), pid: SECOND }))
    await expect(claimDataFolder(dir, silence, FIRST)).rejects.toThrow(`Process ${SECOND} serves this data folder and does not answer`)
    expect(JSON.parse(readFileSync(note, 'utf8'))).toMatchObject({ pid: SECOND })
  })

  it('a note that another start has put there meanwhile is not removed', async () => {
    const { dir, note } = folder()
    const first = ours(await claimDataFolder(dir, silence, FIRST))
    writeFileSync(note, JSON.stringify({ url: null, pid: SECOND }))
    first.release()
    expect(existsSync(note)).toBe(true)
  })

  it('where nothing can be kept the lab is served all the same, and a folder that cannot be made is told', async () => {
    const { dir } = folder()
    const logged: string[] = []
    const file = join(dir, 'file')
    writeFileSync(file, '')
    ours(await claimDataFolder(file, (line) => void logged.push(line))).release()
    expect(logged).toEqual([`Nothing can be kept in ${file}: a file stands in its place.`])
    expect(() => makeDataFolder(file)).toThrow(`The data folder ${file} cannot be made: a file stands in its place.`)
    expect(() => makeDataFolder(join(file, 'inside'))).toThrow('a file stands in its place')
  })
})
