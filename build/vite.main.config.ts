import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { noteThirdParty } from './thirdParty.mjs'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// Electron's main process. Every library goes into the bundle, so the packaged app has no node_modules.
// CommonJS, because it must have run before `ready` (the scheme is registered there) and import() may be later.
export default defineConfig({
  publicDir: false,
  plugins: [noteThirdParty('main')],
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: true,
    outDir: at('../dist/main'),
    emptyOutDir: true,
    target: 'node20.18',
    minify: false,
    sourcemap: true,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { main: at('../electron/main.ts') },
      external: ['electron', 'bufferutil', 'utf-8-validate'],
      output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    },
  },
})
