import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/**
 * No test takes this long by itself: it is for machines that are several times slower, or have others at work. What
 * has to be quick says so in an assertion.
 */
const PATIENCE_MS = 30_000

/** Real sockets, processes and the memory they hold: each of these files has a process of its own. */
const WITH_SOCKETS = ['test/wire/**/*.test.ts', 'test/interop/**/*.test.ts', 'test/build/**/*.test.ts', 'test/electron/**/*.test.ts']

// Three worlds: the lab in virtual time, what runs in Node around it, and the window (happy-dom with single-file
// components). A lab shares nothing with another one, and a window leaves nothing behind (test/renderer/setup.ts), so
// both are loaded once for many files. Playwright's files end in .spec.ts and are not collected here.
export default defineConfig({
  test: {
    passWithNoTests: false,
    // By default one core is left to whoever watches; most of these tests wait for sockets and clocks anyway.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'wire',
          environment: 'node',
          testTimeout: PATIENCE_MS,
          hookTimeout: PATIENCE_MS,
          include: WITH_SOCKETS,
        },
      },
      {
        test: {
          name: 'core',
          environment: 'node',
          isolate: false,
          testTimeout: PATIENCE_MS,
          hookTimeout: PATIENCE_MS,
          include: ['test/**/*.test.ts'],
          exclude: [...WITH_SOCKETS, 'test/renderer/**', 'test/e2e/**'],
        },
      },
      {
        plugins: [vue()],
        test: {
          name: 'renderer',
          environment: 'happy-dom',
          isolate: false,
          testTimeout: PATIENCE_MS,
          hookTimeout: PATIENCE_MS,
          setupFiles: ['test/renderer/setup.ts'],
          include: ['test/renderer/**/*.test.ts'],
        },
      },
    ],
  },
})
