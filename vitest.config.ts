import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

// Two worlds: everything that runs in Node, and the window (happy-dom with single-file components).
// Playwright's files end in .spec.ts and are not collected here.
export default defineConfig({
  test: {
    passWithNoTests: false,
    // By default one core is left to whoever watches; most of these tests wait for sockets and clocks anyway.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'core',
          environment: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/renderer/**', 'test/e2e/**'],
        },
      },
      {
        plugins: [vue()],
        test: {
          name: 'renderer',
          environment: 'happy-dom',
          include: ['test/renderer/**/*.test.ts'],
        },
      },
    ],
  },
})
