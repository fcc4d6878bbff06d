/** The lab for `npm run dev` in the browser: a process of its own, so that it can be restarted. */
import { ROOT } from './build.mjs'

const { serve, DEFAULT_PORT } = await import(new URL('../dist/serve/serve.js', import.meta.url).href)
const served = await serve({
  root: ROOT,
  port: Number(process.env.PUSHLAB_PORT ?? DEFAULT_PORT),
  dataDir: null,
  vite: process.env.PUSHLAB_VITE,
  token: process.env.PUSHLAB_TOKEN,
})
console.log(`Push Lab, developing: ${served.url}`)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void served.close().finally(() => process.exit(0)))
