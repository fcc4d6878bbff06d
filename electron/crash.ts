/** The page may die; the lab runs in the main process and goes on. Bring the page back and say so. */
import type { BrowserWindow, Dialog, RenderProcessGoneDetails } from 'electron'

/** More deaths than this within the window of time is a loop, and a person decides. */
export const MAX_RELOADS = 3
export const RELOAD_WINDOW_MS = 60_000

type Page = Pick<BrowserWindow, 'loadURL' | 'isDestroyed'>

export type AfterCrash = {
  window: Page
  url: string
  dialog: Pick<Dialog, 'showMessageBox'>
  quit: () => void
  log: (line: string) => void
  nowMs?: () => number
}

/** The returned function is the listener of `render-process-gone`. */
export function reviveWindow(o: AfterCrash): (details: Pick<RenderProcessGoneDetails, 'reason' | 'exitCode'>) => void {
  const nowMs = o.nowMs ?? Date.now
  let deaths: number[] = []

  // The page reads the fragment and tells what happened.
  const reload = (reason: string): void => {
    if (!o.window.isDestroyed()) void o.window.loadURL(`${o.url}#recovered=${encodeURIComponent(reason)}`).catch(() => {})
  }

  return ({ reason, exitCode }) => {
    if (reason === 'clean-exit' || o.window.isDestroyed()) return
    o.log(`window process gone: ${reason} (exit code ${exitCode})`)
    deaths = [...deaths.filter((at) => at > nowMs() - RELOAD_WINDOW_MS), nowMs()]
    if (deaths.length <= MAX_RELOADS) return reload(reason)
    deaths = []
    void o.dialog
      .showMessageBox({
        type: 'error',
        message: 'The window keeps failing.',
        detail: `It ended ${MAX_RELOADS + 1} times within a minute (${reason}). The lab itself is still running and its journal is on disk.`,
        buttons: ['Load the window again', 'Quit'],
        defaultId: 0,
        cancelId: 1,
      })
      .then(({ response }) => (response === 0 ? reload(reason) : o.quit()))
  }
}
