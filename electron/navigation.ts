/** The window shows one page for ever: nothing navigates, opens, or embeds. */
import type { Event, WebContents } from 'electron'
import { APP_URL } from './protocol.ts'

/** A reload is the page itself again (Vite asks for it while developing), anything else is leaving. */
const isReload = (url: string): boolean => url.replace(/#.*$/s, '') === APP_URL

export function stayOnPage(contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>): void {
  const stay = (event: Event<{ url: string }>): void => {
    if (!isReload(event.url)) event.preventDefault()
  }
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', stay)
  contents.on('will-frame-navigate', stay)
  contents.on('will-redirect', stay)
  contents.on('will-attach-webview', (event) => event.preventDefault())
}
