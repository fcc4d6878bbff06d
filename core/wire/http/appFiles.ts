/** The built window as files: from a folder (also inside an asar archive), or from Vite while developing. */
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'

export type AppFile = { status: number; type: string; cache: string; body: Uint8Array<ArrayBuffer> }

/** `target` is path and query as they stand in the request, e.g. `/assets/x.js?v=1`. Never throws. */
export type AppFiles = (target: string) => Promise<AppFile>

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.txt': 'text/plain; charset=utf-8',
}

/** Vite names everything under assets/ by its content, so it may be kept for ever. */
const HASHED = /^\/assets\//

export function textFile(status: number, text: string): AppFile {
  return { status, type: 'text/plain; charset=utf-8', cache: 'no-store', body: new TextEncoder().encode(`${text}\n`) }
}

export function folderFiles(root: string): AppFiles {
  return async (target) => {
    const path = cleanPath(target)
    if (path === null) return textFile(400, 'This path is not a path inside the app.')
    const type = TYPES[extname(path)]
    if (type === undefined) return textFile(404, 'There is no such file in the app.')
    try {
      const body = new Uint8Array(await readFile(join(root, path)))
      return { status: 200, type, cache: HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache', body }
    } catch {
      return textFile(404, 'There is no such file in the app.')
    }
  }
}

/** `origin` is Vite's, e.g. `http://127.0.0.1:5173`. */
export function viteFiles(origin: string): AppFiles {
  return async (target) => {
    try {
      const url = new URL(target, origin)
      if (url.origin !== origin) return textFile(400, 'This path is not a path inside the app.')
      const answer = await fetch(url, { headers: { accept: '*/*' } })
      return {
        status: answer.status,
        type: answer.headers.get('content-type') ?? 'text/plain; charset=utf-8',
        cache: 'no-store',
        body: new Uint8Array(await answer.arrayBuffer()),
      }
    } catch {
      return textFile(502, `The development server at ${origin} does not answer: is \`npm run dev\` still running?`)
    }
  }
}

/** The path inside the app, `/index.html` for the root; null for anything that tries to leave it. */
export function cleanPath(target: string): string | null {
  let path: string
  try {
    path = decodeURIComponent(target.replace(/[?#].*$/s, ''))
  } catch {
    return null
  }
  if (!path.startsWith('/') || path.includes('\\') || path.includes('\0') || path.includes(':')) return null
  if (path.split('/').some((part) => part.startsWith('.'))) return null
  return path.endsWith('/') ? `${path}index.html` : path
}
