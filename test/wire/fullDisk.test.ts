import type fs from 'node:fs'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { scenarioSchema } from '../../core/contract/scenario.ts'
import { readJournal, RunFile } from '../../core/wire/runFile.ts'
import { twoPhones } from '../lab/bench.ts'

// A disk of that many bytes: what goes beyond is written up to the limit, as a real one does it.
const disk = vi.hoisted(() => ({ left: Infinity }))
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>()
  const full = (): never => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  }
  return {
    ...real,
    appendFileSync(file: Parameters<typeof fs.appendFileSync>[0], text: string) {
      const fits = text.slice(0, Math.min(text.length, disk.left))
      real.appendFileSync(file, fits)
      disk.left -= fits.length
      if (fits.length < text.length) full()
    },
    writeFileSync(path: string, text: string, options: object) {
      const fits = text.slice(0, Math.min(text.length, disk.left))
      real.writeFileSync(path, fits, options)
      disk.left -= fits.length
      if (fits.length < text.length) full()
    },
  }
})

const folders: string[] = []
afterEach(() => {
  disk.left = Infinity
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const scenario = scenarioSchema.parse(twoPhones())
const header = (seed: number) => ({ seed, file: 'a.yaml', rehearsed: false, scenario })
const input = (at: number) => ({ at, task: 0, do: 'call.place', with: { to: '5001' } })

function kept() {
  const dataDir = mkdtempSync(join(tmpdir(), 'push-lab-disk-'))
  folders.push(dataDir)
  const logged: string[] = []
  const file = new RunFile(dataDir, (line) => void logged.push(line))
  const onDisk = (): { seed: number; inputs: number[] } => {
    const read = readJournal(readFileSync(join(dataDir, 'run.jsonl'), 'utf8'))
    if (!read.ok) throw new Error(read.issues[0]?.message)
    return { seed: read.run.seed, inputs: read.run.inputs.map(({ at }) => at) }
  }
  return { file, logged, onDisk }
}

describe('[DEC-35] a run on a disk that is full', () => {
  it('a command that did not fit leaves no half line, and is written with the next one that fits', async () => {
    const { file, logged, onDisk } = kept()
    file.begin(header(7), [])
    file.append(input(1_000))
    disk.left = 20
    file.append(input(2_000))
    expect(onDisk()).toEqual({ seed: 7, inputs: [1_000] })
    disk.left = 0
    file.append(input(3_000))
    expect(logged).toEqual([expect.stringMatching(/^the run cannot be kept on disk: the disk is full \(.*run\.jsonl\)$/)])
    expect(file.notKept).toBe('the disk is full')
    disk.left = Infinity
    file.append(input(4_000))
    expect(file.notKept).toBe('')
    expect(onDisk()).toEqual({ seed: 7, inputs: [1_000, 2_000, 3_000, 4_000] })
    await file.close()
  })

  it('a new run that did not fit never goes on in the file of the old one', async () => {
    const { file, onDisk } = kept()
    file.begin(header(7), [])
    file.append(input(1_000))
    disk.left = 100
    file.begin(header(8), [input(500)])
    file.append(input(600))
    // The old run stands as it was.
    expect(onDisk()).toEqual({ seed: 7, inputs: [1_000] })
    disk.left = Infinity
    file.append(input(700))
    expect(onDisk()).toEqual({ seed: 8, inputs: [500, 600, 700] })
    await file.close()
  })

  it('what real clients sent is written when the lab closes, if it fits then', async () => {
    const { file, onDisk } = kept()
    file.begin(header(7), [])
    disk.left = 0
    file.appendLater(JSON.stringify({ input: input(1_000) }))
    file.flush()
    disk.left = Infinity
    await file.close()
    expect(onDisk()).toEqual({ seed: 7, inputs: [1_000] })
  })
})
