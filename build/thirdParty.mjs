/** The notices of the libraries that are inside our bundles: their licences ask that the text goes with every copy. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FOLDER = join(ROOT, 'dist/notices')
export const NOTICES = join(ROOT, 'dist/THIRD-PARTY.txt')

/** @typedef {{ name: string, version: string, license: string, texts: string[] }} Notice */

/**
 * A Vite plugin that notes which packages went into a bundle, fonts and styles as well.
 *
 * @param {string} bundle its name
 */
export function noteThirdParty(bundle) {
  return {
    name: 'note-third-party',
    /**
     * @this {{ getModuleIds(): Iterable<string> }}
     * @param {unknown} _options
     * @param {Record<string, { originalFileNames?: string[] }>} output
     */
    generateBundle(_options, output) {
      /** @type {Map<string, Notice>} */
      const notices = new Map()
      // Fonts are files that a style names, and no modules; their names are relative to the window's folder.
      const files = Object.values(output).flatMap(({ originalFileNames = [] }) => originalFileNames)
      for (const id of [...this.getModuleIds(), ...files.map((file) => join(ROOT, 'renderer', file))]) {
        const folder = packageOf(id)
        if (folder !== null && !notices.has(folder)) notices.set(folder, noticeOf(folder))
      }
      mkdirSync(FOLDER, { recursive: true })
      writeFileSync(join(FOLDER, `${bundle}.json`), JSON.stringify([...notices.values()]))
    },
  }
}

/**
 * Folder of the package that a module belongs to; null for our own.
 *
 * @param {string} id
 */
function packageOf(id) {
  const path = id
    .replace(/^\0+/, '')
    .replace(/[?#].*$/, '')
    .replaceAll('\\', '/')
  const found = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)
  return found?.[1] !== undefined && existsSync(join(found[1], 'package.json')) ? found[1] : null
}

/**
 * @param {string} folder
 * @returns {Notice}
 */
function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice|copyright)/i.test(file))
    .toSorted()
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim())
  return { name, version, license: String(license ?? 'see below'), texts }
}

/**
 * Writes the notices of all bundles that are shipped, by name.
 *
 * @param {string[]} bundles
 */
export function writeNotices(bundles) {
  /** @type {Map<string, Notice>} */
  const all = new Map()
  for (const bundle of bundles) {
    /** @type {Notice[]} */
    const notices = JSON.parse(readFileSync(join(FOLDER, `${bundle}.json`), 'utf8'))
    for (const notice of notices) all.set(`${notice.name} ${notice.version}`, notice)
  }
  const parts = [...all.keys()].toSorted().map((key) => {
    const { license, texts } = /** @type {Notice} */ (all.get(key))
    const title = `${key} (${license})`
    return [title, '-'.repeat(title.length), ...(texts.length > 0 ? texts : ['No text of its licence comes with this package.'])].join(
      '\n\n',
    )
  })
  const head = `Push Lab contains these libraries and fonts. Electron's own notices stand in LICENSE.electron.txt and LICENSES.chromium.html.`
  mkdirSync(dirname(NOTICES), { recursive: true })
  writeFileSync(NOTICES, `${head}\n\n\n${parts.join('\n\n\n')}\n`)
}
