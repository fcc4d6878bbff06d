/** Quit once the journal is on disk, but never hang on the way out. */
import type { App } from 'electron'

export const CLOSE_LIMIT_MS = 5_000

export function endGracefully(app: Pick<App, 'on' | 'exit'>, close: () => Promise<void>): void {
  let closing = false
  app.on('will-quit', (event) => {
    event.preventDefault()
    if (closing) return
    closing = true
    const late = setTimeout(() => app.exit(1), CLOSE_LIMIT_MS)
    close().then(
      () => {
        clearTimeout(late)
        app.exit(0)
      },
      () => app.exit(1),
    )
  })
}
