/** The one window: a sandboxed page at `lab://app/`, back where it was. */
import type { BrowserWindow, BrowserWindowConstructorOptions, Rectangle } from 'electron'
import { APP_URL } from './protocol.ts'
import { placeWindow, readWindowState, SMALLEST, writeWindowState, type Box } from './windowState.ts'

export type WindowOptions = {
  BrowserWindow: new (options: BrowserWindowConstructorOptions) => BrowserWindow
  screens: readonly Rectangle[]
  stateFile: string
  preload: string
  icon: string
  dark: boolean
  development: boolean
}

export function openWindow(o: WindowOptions): BrowserWindow {
  const state = placeWindow(readWindowState(o.stateFile), o.screens)
  const window = new o.BrowserWindow({
    ...state.box,
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    show: false,
    title: 'Push Lab',
    icon: o.icon,
    // The colour of the page's ground, so that opening does not flash.
    backgroundColor: o.dark ? '#0d1116' : '#eef1f5',
    autoHideMenuBar: false,
    webPreferences: {
      preload: o.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      devTools: o.development,
    },
  })
  window.setMenuBarVisibility(false)
  if (state.maximized) window.maximize()

  window.once('ready-to-show', () => window.show())
  window.on('close', () => {
    const box: Box = window.getNormalBounds()
    writeWindowState(o.stateFile, { box, maximized: window.isMaximized() })
  })
  void window.loadURL(APP_URL).catch(() => {})
  return window
}
