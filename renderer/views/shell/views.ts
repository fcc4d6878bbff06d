/** The tabs that work, in order. A view is loaded when it is shown for the first time. */
import { type Component, defineAsyncComponent } from 'vue'
import type { View } from '../../state/selection.ts'

export type ShownView = Extract<View, 'topology' | 'flow' | 'devices' | 'alarms' | 'counters' | 'lessons'>

const files = import.meta.glob<{ default: Component }>([
  '../topology/TopologyView.vue',
  '../flow/FlowView.vue',
  '../devices/DevicesView.vue',
  '../alarms/AlarmsView.vue',
  '../counters/CountersView.vue',
  '../lessons/LessonsView.vue',
  '../timeline/Timeline.vue',
  '../events/EventList.vue',
])

const load = (path: string): Component | null => {
  const file = files[path]
  return file ? defineAsyncComponent(file) : null
}

const candidates: { value: ShownView; label: string; component: Component | null }[] = [
  { value: 'topology', label: 'Topology', component: load('../topology/TopologyView.vue') },
  { value: 'flow', label: 'Flow', component: load('../flow/FlowView.vue') },
  { value: 'devices', label: 'Devices', component: load('../devices/DevicesView.vue') },
  { value: 'alarms', label: 'Alarms', component: load('../alarms/AlarmsView.vue') },
  { value: 'counters', label: 'Counters', component: load('../counters/CountersView.vue') },
  { value: 'lessons', label: 'Lessons', component: load('../lessons/LessonsView.vue') },
]

export const SHOWN_VIEWS = candidates.filter((view): view is { value: ShownView; label: string; component: Component } => view.component !== null)

export const timeline = load('../timeline/Timeline.vue')
export const eventList = load('../events/EventList.vue')
