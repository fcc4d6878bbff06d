import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// A benchmark as the product is built: bundled for Node, so that no loader stands between the code and the clock.
export default defineConfig({
  publicDir: false,
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: true,
    outDir: at('../dist/bench'),
    emptyOutDir: false,
    target: 'node20.18',
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: { output: { format: 'es', entryFileNames: '[name].js', codeSplitting: false } },
  },
})
