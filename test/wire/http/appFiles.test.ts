import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cleanPath, folderFiles } from '../../../core/wire/http/appFiles.ts'
import { contentSecurityPolicy } from '../../../core/wire/http/policy.ts'

describe('the files of the app', () => {
  let top: string
  beforeAll(() => {
    top = mkdtempSync(join(tmpdir(), 'push-lab-files-'))
    mkdirSync(join(top, 'app/assets'), { recursive: true })
    writeFileSync(join(top, 'app/index.html'), '<!doctype html>')
    writeFileSync(join(top, 'app/assets/a-1.js'), 'let a')
    writeFileSync(join(top, 'app/.stamp.json'), '{}')
    writeFileSync(join(top, 'secret.json'), '{}')
  })
  afterAll(() => rmSync(top, { recursive: true }))

  it('gives index.html for the root, never kept by the browser without asking', async () => {
    const file = await folderFiles(join(top, 'app'))('/?x=1')
    expect(file).toMatchObject({ status: 200, type: 'text/html; charset=utf-8', cache: 'no-cache' })
    expect(new TextDecoder().decode(file.body)).toBe('<!doctype html>')
  })

  it('gives hashed assets with their type, to be kept for ever', async () => {
    const file = await folderFiles(join(top, 'app'))('/assets/a-1.js')
    expect(file).toMatchObject({ status: 200, type: 'text/javascript; charset=utf-8', cache: 'public, max-age=31536000, immutable' })
  })

  it.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/assets/../../secret.json',
    '/.stamp.json',
    '/%00',
    '/a%5c..%5cb.js',
    '/c:/x.js',
    '/%zz',
    'x.js',
    '',
  ])('refuses %j, which leaves the folder or is no path', async (target) => {
    expect((await folderFiles(join(top, 'app'))(target)).status).toBe(400)
  })

  it.each(['/missing.js', '/assets', '/assets/', '/index.php'])('says not found for %j', async (target) => {
    expect((await folderFiles(join(top, 'app'))(target)).status).toBe(404)
  })

  it('keeps dots inside names', () => {
    expect(cleanPath('/assets/inter-latin.v1.woff2?b#c')).toBe('/assets/inter-latin.v1.woff2')
  })
})

describe('the content security policy', () => {
  it('allows nothing inline, nothing from elsewhere, no frames, and closes markup sinks', () => {
    const policy = contentSecurityPolicy()
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
      ]),
    )
  })

  it('loosens only styles, and only while developing', () => {
    expect(contentSecurityPolicy({ development: true })).toContain("style-src 'self' 'unsafe-inline'")
    expect(contentSecurityPolicy({ development: true })).toContain("script-src 'self';")
  })
})
