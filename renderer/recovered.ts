/** After a crash of the page the shell loads it again and says why in the fragment; a person must hear of it once. */
import { useToasts } from './state/toasts.ts'

export function tellOfCrash(window: Window): void {
  const reason = /^#recovered=([\w-]+)$/.exec(window.location.hash)?.[1]
  if (reason === undefined) return
  window.history.replaceState(null, '', window.location.pathname)
  useToasts().add('warn', 'The window failed and was loaded again.', [
    `Reason: ${reason}.`,
    'The lab kept running; nothing of the run is lost.',
  ])
}
