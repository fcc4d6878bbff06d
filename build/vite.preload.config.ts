import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { noteThirdParty } from './thirdParty.mjs'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// A sandboxed preload is one CommonJS file that may require electron and nothing else.
export default defineConfig({
  publicDir: false,
  plugins: [noteThirdParty('preload')],
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: true,
    outDir: at('../dist/preload'),
    emptyOutDir: true,
    target: 'chrome130',
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { preload: at('../electron/preload.ts') },
      external: ['electron'],
      output: { format: 'cjs', entryFileNames: '[name].cjs' },
    },
  },
})
