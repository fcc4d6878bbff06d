import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../build/build.mjs'
import { pack, PRODUCT, UNDER_TEST } from '../../../build/dist.ts'
import { expect, startConsole, test } from '../console.ts'
import { firstCall, hopsOf } from '../first.ts'
import { wrongOnTheWay } from '../theWay.ts'

// What people install: packed as `npm run dist -- --dir` packs it, then looked into and started.
test.describe.configure({ mode: 'serial' })
test.skip(process.platform !== 'linux', 'the folders have other names on other systems; the packing is the same')

const product = join(ROOT, 'release/linux-unpacked')
const underTest = join(ROOT, '.cache/packaged/linux-unpacked')

test('the package holds the three bundles and no node_modules, and the labs lie beside it', async () => {
  expect(await pack(PRODUCT, ['--dir'])).toBe(0)
  const names = asarNames(join(product, 'resources/app.asar'))
  expect(names).toEqual(
    expect.arrayContaining(['package.json', 'dist/main/main.cjs', 'dist/preload/preload.cjs', 'dist/renderer/index.html']),
  )
  expect(names.filter((name) => /node_modules|\.map$|\.ts$|^(core|electron|test)\//.test(name))).toEqual([])
  for (const beside of ['scenarios/first-call.yaml', 'scenarios/schema.json', 'docs/lab-cli.md', 'LICENSE', 'README.md'])
    expect(existsSync(join(product, beside)), beside).toBe(true)
})

test('the licences of everything that is bundled go with it', () => {
  const notices = readFileSync(join(product, 'THIRD-PARTY.txt'), 'utf8')
  for (const name of [
    'vue',
    'reka-ui',
    'uplot',
    'zod',
    'yaml',
    'ws',
    'undici',
    'jose',
    '@fontsource-variable/inter',
    '@fontsource/jetbrains-mono',
  ])
    expect(notices, name).toMatch(new RegExp(`^${name} \\d[^\\n]* \\((MIT|ISC|OFL-1\\.1)\\)\\n`, 'm'))
  expect(notices).not.toContain('No text of its licence')
  for (const beside of ['LICENSE.electron.txt', 'LICENSES.chromium.html']) expect(existsSync(join(product, beside)), beside).toBe(true)
})

test('the product cannot be used as plain Node, be debugged, or load another app', () => {
  const fuses = fuseWire(readFileSync(join(product, 'push-lab')))
  // In the order of Electron's fuse wire, version 1.
  const [runAsNode, , nodeOptions, cliInspect, , onlyAsar, , fileProtocol] = fuses
  expect({ runAsNode, nodeOptions, cliInspect, onlyAsar, fileProtocol }).toEqual({
    runAsNode: 'off',
    nodeOptions: 'off',
    cliInspect: 'off',
    onlyAsar: 'on',
    fileProtocol: 'off',
  })
})

test('[CH-10] the packed app passes the first call, and has nothing to complain about', async () => {
  expect(await pack(UNDER_TEST, ['--dir'])).toBe(0)
  const lab = await startConsole('electron', { executable: join(underTest, 'push-lab') })
  try {
    // Asked of the process, not of its inspector: a packed app that is starting may drop the question.
    expect(lab.app!.process().spawnfile).toBe(join(underTest, 'push-lab'))
    await firstCall(lab.page)
    expect(wrongOnTheWay(await hopsOf(lab.page))).toBeNull()
    expect(lab.complaints).toEqual([])
  } finally {
    await lab.close()
  }
})

/** Paths of all files, from the JSON that stands at the start of the archive after four 32-bit sizes. */
function asarNames(path: string): string[] {
  type Entry = { files?: Record<string, Entry> }
  const bytes = readFileSync(path)
  const header = JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12))) as Entry
  const walk = (entry: Entry, prefix: string): string[] =>
    Object.entries(entry.files ?? {}).flatMap(([name, child]) =>
      child.files === undefined ? [prefix + name] : walk(child, `${prefix}${name}/`),
    )
  return walk(header, '')
}

function fuseWire(binary: Buffer): ('on' | 'off' | 'other')[] {
  const sentinel = binary.indexOf('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX')
  const [version, length = 0] = binary.subarray(sentinel + 32)
  expect(version).toBe(1)
  return [...binary.subarray(sentinel + 34, sentinel + 34 + length)].map((state) =>
    state === 0x31 ? 'on' : state === 0x30 ? 'off' : 'other',
  )
}
