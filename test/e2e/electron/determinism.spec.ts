import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { ROOT } from '../../../build/build.mjs'
import { installedElectron } from '../../../build/electronRuntime.mjs'
import { expect, test } from '../console.ts'
import type { Journal } from './journals.ts'

const BUNDLE = join(ROOT, '.cache/journals')

test('[DEC-35] the journal of every shipped scenario is the same over two runs, and in Electron as in plain Node', async () => {
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: true,
      outDir: BUNDLE,
      emptyOutDir: true,
      target: 'node20.18',
      minify: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: { journals: join(import.meta.dirname, 'journals.ts') },
        output: { format: 'es', entryFileNames: '[name].mjs', codeSplitting: false },
      },
    },
  })
  const run = (program: string, env: NodeJS.ProcessEnv = process.env): { node: string; v8: string; journals: Journal[] } =>
    JSON.parse(execFileSync(program, [join(BUNDLE, 'journals.mjs'), join(ROOT, 'scenarios')], { env, encoding: 'utf8' }))

  const first = run(process.execPath)
  // Neither the language of the machine nor where it stands decides anything.
  const again = run(process.execPath, { ...process.env, TZ: 'Pacific/Auckland', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' })
  const electron = run(installedElectron()!, { ...process.env, ELECTRON_RUN_AS_NODE: '1' })
  // Another engine, or the comparison would say little.
  expect(electron.v8).toMatch(/-electron/)

  expect(first.journals.map(({ file }) => file)).toEqual(
    readdirSync(join(ROOT, 'scenarios'))
      .filter((file) => file.endsWith('.yaml'))
      .toSorted(),
  )
  expect(first.journals.length).toBeGreaterThanOrEqual(13)
  expect(again.journals).toEqual(first.journals)
  expect(electron.journals).toEqual(first.journals)
  for (const { file, lines, sha256, otherSeed } of first.journals) {
    expect(lines, file).toBeGreaterThan(10)
    expect(otherSeed, `${file}: the seed decides, too`).not.toBe(sha256)
  }
})
