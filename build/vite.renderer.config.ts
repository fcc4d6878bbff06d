import vue from '@vitejs/plugin-vue'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { noteThirdParty } from './thirdParty.mjs'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// The window. Addresses stay relative, so that it loads the same from lab://app/ and from http://127.0.0.1.
export default defineConfig({
  root: at('../renderer'),
  base: './',
  publicDir: at('./icons'),
  plugins: [vue(), noteThirdParty('renderer')],
  build: {
    outDir: at('../dist/renderer'),
    emptyOutDir: true,
    target: 'chrome130',
    // Strict CSP: no data: fonts or scripts, no inline polyfill.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
})
