/** The keys of the window, as one table: the key sheet shows it and the listener obeys it. */

export type KeyBinding = {
  /** As `KeyboardEvent.key`; one letter means with or without Shift as written. */
  key: string
  shown: string
  text: string
  group: 'Time' | 'Phones' | 'Window' | 'Look' | 'Tabs'
  ctrl?: true
  alt?: true
  shift?: true
  run: () => void
}

const TYPING =
  'input, textarea, select, [contenteditable=""], [contenteditable="true"], [role="textbox"], [role="searchbox"], [role="combobox"]'
/** Open menus and dialogs have keys of their own. */
const OVERLAY = '[role="menu"], [role="dialog"], [role="listbox"]'
/** Space presses these; so it must not run the lab as well. */
const PRESSED_BY_SPACE =
  'button, a[href], summary, [role="button"], [role="tab"], [role="menuitem"], [role="option"], [role="checkbox"], [role="switch"], [role="radio"], [role="slider"]'

const isTyping = (target: EventTarget | null): boolean => target instanceof Element && target.closest(TYPING) !== null

/** The binding that a key press means, or null when it belongs to what has the focus. */
export const bindingFor = (event: KeyboardEvent, bindings: readonly KeyBinding[]): KeyBinding | null => {
  if (event.defaultPrevented || event.isComposing) return null
  const target = event.target
  const ctrl = event.ctrlKey || event.metaKey
  const found = bindings.find(
    (binding) =>
      binding.key.toLowerCase() === event.key.toLowerCase() &&
      (binding.ctrl ?? false) === ctrl &&
      (binding.alt ?? false) === event.altKey &&
      // "?" needs Shift on some keyboards and not on others; letters mean Shift only where they say so.
      (/^[^a-z0-9 ]$/i.test(binding.key) || (binding.shift ?? false) === event.shiftKey),
  )
  if (!found) return null
  // Ctrl-K works everywhere, also while typing: that is what it is for.
  if (found.ctrl) return found
  if (isTyping(target)) return null
  if (target instanceof Element && target.closest(OVERLAY) !== null) return null
  if (found.key === ' ' && target instanceof Element && target.closest(PRESSED_BY_SPACE) !== null) return null
  return found
}
