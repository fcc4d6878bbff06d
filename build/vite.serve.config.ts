import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { noteThirdParty } from './thirdParty.mjs'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// The browser host for plain Node, in one file so that `npm start` starts fast. bufferutil and utf-8-validate are
// optional native helpers of ws that it does without.
export default defineConfig({
  publicDir: false,
  plugins: [noteThirdParty('serve')],
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: true,
    outDir: at('../dist/serve'),
    emptyOutDir: true,
    target: 'node20.18',
    minify: false,
    sourcemap: true,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { serve: at('./serve.ts') },
      external: ['bufferutil', 'utf-8-validate'],
      output: { format: 'es', entryFileNames: '[name].js', codeSplitting: false },
    },
  },
})
