/** The event list marks its filter with `data-event-filter`, so that `/` finds it from anywhere. */
export const focusEventFilter = (): boolean => {
  const input = document.querySelector<HTMLElement>('[data-event-filter]')
  input?.focus()
  if (input instanceof HTMLInputElement) input.select()
  return input !== null
}
