/** To the clipboard, and a word on how that went: a page may be refused it. */
import { useToasts } from '../state/toasts.ts'

export function useCopy() {
  const toasts = useToasts()
  /** `what` is told to be copied. */
  return async (text: string, what: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      toasts.add('info', `${what} copied`)
    } catch {
      toasts.add('warn', 'Copying is not allowed here', ['Select the text and press Ctrl+C.'])
    }
  }
}
