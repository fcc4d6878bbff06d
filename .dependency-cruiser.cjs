/**
 * The doors between the rooms. `npm run doors` walks every import, type-only ones too, and fails on the
 * first that goes through a wall. What each room may use inside the language (Date, timers, async) is in
 * .oxlintrc.json.
 */
const CORE = '^core/(?!wire/)'
const npm = (names) => `node_modules/(${names.join('|')})(/|$)`

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle of code has no first file to run. Types may point back: they are gone before anything runs.',
      severity: 'error',
      from: { path: '^(core|electron|renderer|build)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'An import that cannot be resolved hides from every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'product-not-from-tests',
      severity: 'error',
      from: { path: '^(core|electron|renderer|build)/', pathNot: '^build/bench\\.ts$' },
      to: { path: '^test/' },
    },
    {
      name: 'contract-alone',
      comment: 'What the outside may know depends on nothing but zod.',
      severity: 'error',
      from: { path: '^core/contract/' },
      to: { pathNot: ['^core/contract/', npm(['zod'])] },
    },
    {
      name: 'core-pure',
      comment:
        'The lab runs on core and zod: no node:*, no sockets, no window. The YAML parser is pure and only the scenario room reads files.',
      severity: 'error',
      from: { path: CORE, pathNot: '^core/scenario/' },
      to: { pathNot: [CORE, npm(['zod'])] },
    },
    {
      name: 'scenario-pure',
      severity: 'error',
      from: { path: '^core/scenario/' },
      to: { pathNot: [CORE, npm(['zod', 'yaml'])] },
    },
    {
      name: 'wire-own-libraries',
      severity: 'error',
      from: { path: '^core/wire/' },
      to: {
        pathNot: [
          '^core/',
          npm(['ws', '@types/ws', 'undici', 'jose', 'selfsigned', 'dns-packet', '@types/dns-packet', '@peculiar/[^/]+', 'yaml', 'zod']),
        ],
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'preload-alone',
      comment: 'The preload runs beside the page: it gets electron and the types of the contract.',
      severity: 'error',
      from: { path: '^electron/preload\\.ts$' },
      to: { pathNot: [npm(['electron']), '^core/contract/'] },
    },
    {
      name: 'preload-types-only',
      severity: 'error',
      from: { path: '^electron/preload\\.ts$' },
      to: { path: '^core/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'electron-room',
      severity: 'error',
      from: { path: '^electron/' },
      to: { pathNot: ['^electron/', '^core/', npm(['electron'])], dependencyTypesNot: ['core'] },
    },
    {
      name: 'electron-imported-once',
      comment: 'Logic takes Electron objects as parameters, so that it is tested without Electron.',
      severity: 'error',
      from: { path: '^electron/', pathNot: '^electron/(main|preload)\\.ts$' },
      to: { path: npm(['electron']), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'renderer-room',
      severity: 'error',
      from: { path: '^renderer/' },
      to: {
        pathNot: [
          '^renderer/',
          '^core/contract/',
          npm(['vue', '@vue/[^/]+', 'pinia', 'reka-ui', 'uplot', '@tanstack/[^/]+', '@lucide/vue', '@fontsource[^/]*/[^/]+', 'vite']),
        ],
      },
    },
    {
      name: 'renderer-contract-types-only',
      comment: 'The window knows the shape of the lab, none of its code.',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: '^core/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nobody-imports-the-window',
      severity: 'error',
      from: { path: '^(core|electron)/' },
      to: { path: '^renderer/' },
    },
    {
      name: 'core-does-not-know-its-shells',
      severity: 'error',
      from: { path: '^core/' },
      to: { path: ['^electron/', '^renderer/', '^build/', npm(['electron', 'vue'])] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|release|\\.cache)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mts', '.cts', '.vue', '.js', '.mjs', '.cjs', '.json', '.d.ts', '.css'],
    },
  },
}
