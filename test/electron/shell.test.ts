import { EventEmitter } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App, BrowserWindow, BrowserWindowConstructorOptions, Dialog, Session, WebContents } from 'electron'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { textFile } from '../../core/wire/http/appFiles.ts'
import { MAX_RELOADS, RELOAD_WINDOW_MS, reviveWindow } from '../../electron/crash.ts'
import { menuTemplate } from '../../electron/menu.ts'
import { stayOnPage } from '../../electron/navigation.ts'
import { limitPermissions, permits, PERMISSIONS } from '../../electron/permissions.ts'
import { answerFrom } from '../../electron/protocol.ts'
import { CLOSE_LIMIT_MS, endGracefully } from '../../electron/quit.ts'
import { openWindow } from '../../electron/window.ts'
import { placeWindow, readWindowState, writeWindowState, SMALLEST } from '../../electron/windowState.ts'

describe('lab://app/', () => {
  const answer = answerFrom(async (target) => textFile(200, target))

  it('answers with the file and the policy', async () => {
    const response = await answer(new Request('lab://app/assets/a.js?v=1#x'))
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('/assets/a.js?v=1\n')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it('knows no other host and no other method', async () => {
    expect((await answer(new Request('lab://other/'))).status).toBe(404)
    expect((await answer(new Request('lab://app/', { method: 'POST' }))).status).toBe(405)
  })
})

describe('permissions', () => {
  it('are granted to our own top frame, by the table, and to nobody else', () => {
    expect(permits('clipboard-sanitized-write', 'lab://app/#x', true)).toBe(true)
    expect(permits('clipboard-sanitized-write', 'lab://app', true)).toBe(true)
    expect(permits('clipboard-sanitized-write', 'lab://app/', false)).toBe(false)
    expect(permits('clipboard-sanitized-write', 'https://example.com/', true)).toBe(false)
    expect(permits('clipboard-sanitized-write', 'lab://app.evil/', true)).toBe(false)
    expect(permits('media', 'lab://app/', true)).toBe(false)
    expect(permits('something-new', 'lab://app/', true)).toBe(false)
  })

  it('have a reason each, and one row each', () => {
    expect(new Set(PERMISSIONS.map(({ permission }) => permission)).size).toBe(PERMISSIONS.length)
    for (const { reason } of PERMISSIONS) expect(reason).toMatch(/^[A-Z].{20,}\.$/)
  })

  it('are asked for both ways, and devices are never given', () => {
    const handlers: Record<string, (...args: never[]) => unknown> = {}
    const keep = (name: string) => (handler: unknown) => void (handlers[name] = handler as (...args: never[]) => unknown)
    limitPermissions({
      setPermissionRequestHandler: keep('request'),
      setPermissionCheckHandler: keep('check'),
      setDevicePermissionHandler: keep('device'),
    } as unknown as Session)
    const answers: boolean[] = []
    const ask = handlers['request'] as unknown as (c: unknown, p: string, a: (ok: boolean) => void, d: object) => void
    ask(null, 'fullscreen', (allowed) => answers.push(allowed), { requestingUrl: 'lab://app/', isMainFrame: true })
    ask(null, 'geolocation', (allowed) => answers.push(allowed), { requestingUrl: 'lab://app/', isMainFrame: true })
    expect(answers).toEqual([true, false])
    expect((handlers['check'] as unknown as (...args: unknown[]) => boolean)(null, 'fullscreen', 'lab://app', { isMainFrame: true })).toBe(
      true,
    )
    expect((handlers['device'] as unknown as () => boolean)()).toBe(false)
  })
})

describe('navigation', () => {
  it('is prevented everywhere, except the page itself again', () => {
    const contents = new EventEmitter() as EventEmitter & { setWindowOpenHandler: (handler: () => unknown) => void }
    let opened: unknown
    contents.setWindowOpenHandler = (handler) => (opened = handler())
    stayOnPage(contents as unknown as WebContents)
    expect(opened).toEqual({ action: 'deny' })
    for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview']) {
      const preventDefault = vi.fn<() => void>()
      contents.emit(event, { url: 'https://example.com/', preventDefault })
      expect(preventDefault, event).toHaveBeenCalledOnce()
    }
    for (const [url, kept] of [
      ['lab://app/', false],
      ['lab://app/#recovered=crashed', false],
      ['lab://app/other.html', true],
      ['lab://app.evil/', true],
      ['file:///etc/passwd', true],
    ] as const) {
      const preventDefault = vi.fn<() => void>()
      contents.emit('will-navigate', { url, preventDefault })
      expect(preventDefault.mock.calls.length > 0, url).toBe(kept)
    }
  })
})

describe('the place of the window', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1040 }
  const left = { x: -1280, y: 0, width: 1280, height: 1024 }

  it('starts in the middle of the first screen, no larger than it', () => {
    expect(placeWindow(null, [screen])).toEqual({ box: { x: 160, y: 20, width: 1600, height: 1000 }, maximized: false })
    expect(placeWindow(null, [{ x: 0, y: 0, width: 1280, height: 720 }]).box).toEqual({ x: 0, y: 0, width: 1280, height: 720 })
  })

  it('comes back to where it was, on any screen', () => {
    const box = { x: -1000, y: 50, width: 1000, height: 700 }
    expect(placeWindow({ box, maximized: true }, [screen, left])).toEqual({ box, maximized: true })
  })

  it('goes to the middle when its screen is gone or its title bar cannot be reached', () => {
    const centre = placeWindow(null, [screen]).box
    expect(placeWindow({ box: { x: -1000, y: 50, width: 1000, height: 700 }, maximized: false }, [screen]).box).toEqual(centre)
    expect(placeWindow({ box: { x: 100, y: -9, width: 1000, height: 700 }, maximized: false }, [screen]).box).toEqual(centre)
    expect(placeWindow({ box: { x: 100, y: -8, width: 1000, height: 700 }, maximized: false }, [screen]).box.y).toBe(-8)
    expect(placeWindow({ box: { x: 1761, y: 0, width: 1000, height: 700 }, maximized: false }, [screen]).box).toEqual(centre)
    expect(placeWindow({ box: { x: 1760, y: 0, width: 1000, height: 700 }, maximized: false }, [screen]).box.x).toBe(1760)
  })

  it('never comes back smaller than the smallest window', () => {
    expect(placeWindow({ box: { x: 0, y: 0, width: 10, height: 10 }, maximized: false }, [screen]).box).toMatchObject(SMALLEST)
  })

  describe('in a file', () => {
    let folder: string
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'push-lab-window-'))
    })
    afterEach(() => rmSync(folder, { recursive: true }))

    it('is read as it was written, and nothing else stays behind', () => {
      const state = { box: { x: 1, y: 2, width: 1000, height: 700 }, maximized: true }
      writeWindowState(join(folder, 'window.json'), state)
      expect(readWindowState(join(folder, 'window.json'))).toEqual(state)
      expect(readdirSync(folder)).toEqual(['window.json'])
    })

    it.each([
      '',
      '{',
      'null',
      '{"box":{"x":"1"}}',
      '{"box":{"x":1e9,"y":0,"width":1,"height":1}}',
      '{"box":{"x":0.5,"y":0,"width":1,"height":1}}',
    ])('is ignored when it holds %j', (text) => {
      writeFileSync(join(folder, 'window.json'), text)
      expect(readWindowState(join(folder, 'window.json'))).toBeNull()
    })

    it('costs nothing when it cannot be written', () => {
      writeWindowState(join(folder, 'missing/window.json'), { box: screen, maximized: false })
      expect(existsSync(join(folder, 'missing'))).toBe(false)
      expect(readWindowState(join(folder, 'missing/window.json'))).toBeNull()
    })
  })
})

describe('the window', () => {
  it('is sandboxed and isolated, without Node, webview or, in the product, developer tools', () => {
    let options: BrowserWindowConstructorOptions | undefined
    const loaded: string[] = []
    class Window extends EventEmitter {
      constructor(given: BrowserWindowConstructorOptions) {
        super()
        options = given
      }
      setMenuBarVisibility(): void {}
      maximize(): void {}
      loadURL(url: string): Promise<void> {
        loaded.push(url)
        return Promise.resolve()
      }
    }
    openWindow({
      BrowserWindow: Window as unknown as typeof BrowserWindow,
      screens: [{ x: 0, y: 0, width: 1920, height: 1080 }],
      stateFile: '/nowhere/window.json',
      preload: '/app/preload.cjs',
      icon: '/app/icon.png',
      dark: true,
      development: false,
    })
    expect(loaded).toEqual(['lab://app/'])
    expect(options?.webPreferences).toEqual({
      preload: '/app/preload.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      devTools: false,
    })
  })
})

describe('a page that dies', () => {
  function start(answer = 0) {
    let now = 0
    const loaded: string[] = []
    const asked: string[] = []
    const quit = vi.fn<() => void>()
    const window = {
      loadURL: (url: string) => Promise.resolve(void loaded.push(url)),
      isDestroyed: () => false,
    } as unknown as BrowserWindow
    const dialog = {
      showMessageBox: (options: { detail: string }) => {
        asked.push(options.detail)
        return Promise.resolve({ response: answer, checkboxChecked: false })
      },
    } as unknown as Dialog
    const die = reviveWindow({ window, url: 'lab://app/', dialog, quit, log: () => {}, nowMs: () => now })
    return { die, loaded, asked, quit, at: (ms: number) => (now = ms) }
  }
  const crashed = { reason: 'crashed', exitCode: 5 } as const

  it('is loaded again and told why', () => {
    const { die, loaded } = start()
    die({ reason: 'oom', exitCode: 1 })
    expect(loaded).toEqual(['lab://app/#recovered=oom'])
  })

  it('is left alone when it ended by itself', () => {
    const { die, loaded } = start()
    die({ reason: 'clean-exit', exitCode: 0 })
    expect(loaded).toEqual([])
  })

  it(`asks a person at death ${MAX_RELOADS + 1} within a minute, and loads or quits as told`, async () => {
    for (const [answer, loads, quits] of [
      [0, MAX_RELOADS + 1, 0],
      [1, MAX_RELOADS, 1],
    ] as const) {
      const { die, loaded, asked, quit } = start(answer)
      for (let n = 0; n < MAX_RELOADS; n += 1) die(crashed)
      expect(asked).toEqual([])
      die(crashed)
      expect(asked).toHaveLength(1)
      await vi.waitFor(() => expect(loaded).toHaveLength(loads))
      expect(quit).toHaveBeenCalledTimes(quits)
    }
  })

  it('forgets deaths that are a minute old', () => {
    const { die, asked, at } = start()
    for (let n = 0; n < MAX_RELOADS; n += 1) die(crashed)
    at(RELOAD_WINDOW_MS)
    die(crashed)
    expect(asked).toEqual([])
  })
})

describe('the menu', () => {
  it('leaves Alt to the page: no label has a mnemonic', () => {
    for (const mac of [true, false]) expect(JSON.stringify(menuTemplate({ mac, development: true }))).not.toContain('&')
  })

  it('has zoom everywhere, copy and paste on macOS, developer tools only while developing', () => {
    expect(JSON.stringify(menuTemplate({ mac: false, development: false }))).toMatch(/resetZoom.*zoomIn.*zoomOut/)
    expect(JSON.stringify(menuTemplate({ mac: true, development: false }))).toContain('editMenu')
    expect(JSON.stringify(menuTemplate({ mac: false, development: false }))).not.toContain('toggleDevTools')
    expect(JSON.stringify(menuTemplate({ mac: false, development: true }))).toContain('toggleDevTools')
  })
})

describe('quitting', () => {
  function start(close: () => Promise<void>) {
    const app = new EventEmitter() as EventEmitter & { exit: (code: number) => void }
    const codes: number[] = []
    app.exit = (code) => void codes.push(code)
    endGracefully(app as unknown as App, close)
    const quit = (): void => void app.emit('will-quit', { preventDefault: () => {} })
    return { codes, quit }
  }
  afterEach(() => vi.useRealTimers())

  it('waits for the lab, closes it once, and ends with 0', async () => {
    let finish = (): void => {}
    const close = vi.fn<() => Promise<void>>(() => new Promise((resolve) => (finish = resolve)))
    const { codes, quit } = start(close)
    quit()
    quit()
    await Promise.resolve()
    expect(codes).toEqual([])
    finish()
    await vi.waitFor(() => expect(codes).toEqual([0]))
    expect(close).toHaveBeenCalledOnce()
  })

  it('ends with 1 when the lab cannot close', async () => {
    const { codes, quit } = start(() => Promise.reject(new Error('disk full')))
    quit()
    await vi.waitFor(() => expect(codes).toEqual([1]))
  })

  it('does not wait longer than its limit', () => {
    vi.useFakeTimers()
    const { codes, quit } = start(() => new Promise(() => {}))
    quit()
    vi.advanceTimersByTime(CLOSE_LIMIT_MS - 1)
    expect(codes).toEqual([])
    vi.advanceTimersByTime(1)
    expect(codes).toEqual([1])
  })
})
