/**
 * One context menu for the whole window (drawn by ContextMenu.vue in App). Anything opens it, by right
 * click or with Shift+F10 or the Menu key:
 *
 *   const menu = useContextMenu()
 *   <g tabindex="0" v-on="menu.on(() => actionsFor({ kind: 'node', id }))">
 */
import { shallowRef } from 'vue'
import type { Action } from '../state/actions.ts'

export type OpenMenu = { x: number; y: number; actions: Action[]; title: string; returnTo: HTMLElement | SVGElement | null }

const shown = shallowRef<OpenMenu | null>(null)

const isMenuKey = (event: KeyboardEvent): boolean => event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)

const open = (event: MouseEvent | KeyboardEvent, actions: Action[], title = ''): void => {
  event.preventDefault()
  event.stopPropagation()
  if (actions.length === 0) return
  const target = event.currentTarget ?? event.target
  const element = target instanceof HTMLElement || target instanceof SVGElement ? target : null
  // Opened by key, a contextmenu event has no place of its own worth using: stand at the thing itself.
  const byPointer = event instanceof MouseEvent && (event.clientX !== 0 || event.clientY !== 0)
  const box = element?.getBoundingClientRect()
  const x = byPointer ? event.clientX : (box?.left ?? 0) + Math.min(24, (box?.width ?? 0) / 2)
  const y = byPointer ? event.clientY : (box?.top ?? 0) + Math.min(24, box?.height ?? 0)
  shown.value = { x, y, actions, title, returnTo: element }
}

export const useContextMenu = () => ({
  shown,
  open,
  close: (): void => {
    shown.value = null
  },
  /** Listeners for `v-on`; the actions are computed when the menu opens. */
  on: (actions: () => Action[], title?: () => string) => ({
    contextmenu: (event: MouseEvent): void => open(event, actions(), title?.()),
    keydown: (event: KeyboardEvent): void => {
      if (isMenuKey(event)) open(event, actions(), title?.())
    },
  }),
  isMenuKey,
})
