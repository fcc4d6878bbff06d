/**
 * What the window remembers: theme, layout, last lab. The lab's host keeps it (`settings.get/set`); a copy
 * in the page's own storage is there before the first paint, so that a light window does not start dark.
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { CommandInput } from '../../core/contract/index.ts'
import { useLab } from './lab.ts'

export type Theme = 'system' | 'light' | 'dark'
/** Sizes in CSS pixels. */
export type Layout = {
  tree: number
  inspector: number
  bottom: number
  treeOpen: boolean
  inspectorOpen: boolean
  bottomOpen: boolean
}

export const DEFAULT_LAYOUT: Layout = { tree: 226, inspector: 330, bottom: 232, treeOpen: true, inspectorOpen: true, bottomOpen: true }
export const LAYOUT_LIMITS = { tree: [160, 420], inspector: [240, 560], bottom: [110, 560] } as const
export type Pane = keyof typeof LAYOUT_LIMITS

const STORAGE_KEY = 'push-lab-window'
/** Dragging a pane must not send a request per pixel. */
const SAVE_AFTER_MS = 400

const clamp = (value: number, [low, high]: readonly [number, number]): number => Math.min(high, Math.max(low, Math.round(value)))

/** Whatever was kept by another version or edited by hand: only what makes sense is taken. */
export const readLayout = (kept: unknown): Layout => {
  const layout = { ...DEFAULT_LAYOUT }
  if (typeof kept !== 'object' || kept === null) return layout
  const from = kept as Record<string, unknown>
  for (const pane of ['tree', 'inspector', 'bottom'] as const) {
    const size = from[pane]
    if (typeof size === 'number' && Number.isFinite(size)) layout[pane] = clamp(size, LAYOUT_LIMITS[pane])
  }
  for (const key of ['treeOpen', 'inspectorOpen', 'bottomOpen'] as const) {
    const open = from[key]
    if (typeof open === 'boolean') layout[key] = open
  }
  return layout
}

const readTheme = (kept: unknown): Theme => (kept === 'light' || kept === 'dark' ? kept : 'system')

const local = (): Record<string, unknown> => {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}')
    return typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const wantsLight = (): MediaQueryList | null => (typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: light)') : null)

const show = (theme: Theme): 'light' | 'dark' => {
  const shown = theme === 'system' ? (wantsLight()?.matches ? 'light' : 'dark') : theme
  document.documentElement.dataset['theme'] = shown
  return shown
}

/** Called before anything is drawn. */
export const applyKeptTheme = (): void => {
  show(readTheme(local()['theme']))
}

export const useSettings = defineStore('settings', () => {
  const lab = useLab()
  const kept = local()
  const theme = ref<Theme>(readTheme(kept['theme']))
  const layout = shallowRef<Layout>(readLayout(kept['layout']))
  const lastLab = ref(typeof kept['lastLab'] === 'string' ? kept['lastLab'] : '')
  /** Light or dark, whichever is on screen now. */
  const shownTheme = ref(show(theme.value))
  /** Until the host has answered, nothing is sent: it would overwrite what it keeps. */
  let ready = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const all = computed(() => ({ theme: theme.value, layout: layout.value, lastLab: lastLab.value }))

  const save = (): void => {
    try {
      localStorage.setItem(STORAGE_KEY, JSON.stringify(all.value))
    } catch {
      // Storage may be off or full; the host keeps the settings, too.
    }
    if (!ready) return
    clearTimeout(timer)
    timer = setTimeout(() => void lab.invoke('settings.set', { settings: all.value } as CommandInput<'settings.set'>), SAVE_AFTER_MS)
  }

  const load = async (): Promise<void> => {
    const reply = await lab.invoke('settings.get', {})
    if (reply.ok) {
      const settings = reply.value.settings
      if (settings['theme'] !== undefined) theme.value = readTheme(settings['theme'])
      if (settings['layout'] !== undefined) layout.value = readLayout(settings['layout'])
      if (typeof settings['lastLab'] === 'string') lastLab.value = settings['lastLab']
      ready = true
    }
  }

  watch(theme, (next) => {
    shownTheme.value = show(next)
  })
  wantsLight()?.addEventListener('change', () => {
    shownTheme.value = show(theme.value)
  })
  watch(all, save)

  const resize = (pane: Pane, size: number): void => {
    layout.value = { ...layout.value, [pane]: clamp(size, LAYOUT_LIMITS[pane]) }
  }
  const setOpen = (pane: Pane, open: boolean): void => {
    layout.value = { ...layout.value, [`${pane}Open`]: open }
  }

  return { theme, shownTheme, layout, lastLab, load, resize, setOpen }
})
