/** The tabs, in order: what a person looks at first comes first. A view is loaded when it is shown for the first time. */
import { type Component, defineAsyncComponent } from 'vue'
import type { View } from '../../state/selection.ts'

export type ShownView = { value: View; label: string; group: string; component: Component }

export const SHOWN_VIEWS: readonly ShownView[] = [
  { value: 'topology', label: 'Topology', group: 'The lab', component: defineAsyncComponent(() => import('../topology/TopologyView.vue')) },
  { value: 'flow', label: 'Flow', group: 'The lab', component: defineAsyncComponent(() => import('../flow/FlowView.vue')) },
  { value: 'devices', label: 'Devices', group: 'The lab', component: defineAsyncComponent(() => import('../devices/DevicesView.vue')) },
  { value: 'alarms', label: 'Alarms', group: 'Serviceability', component: defineAsyncComponent(() => import('../alarms/AlarmsView.vue')) },
  {
    value: 'counters',
    label: 'Counters',
    group: 'Serviceability',
    component: defineAsyncComponent(() => import('../counters/CountersView.vue')),
  },
  { value: 'traces', label: 'Traces', group: 'Serviceability', component: defineAsyncComponent(() => import('../traces/TracesView.vue')) },
  {
    value: 'localPush',
    label: 'Local push',
    group: 'Push and messages',
    component: defineAsyncComponent(() => import('../localPush/LocalPushView.vue')),
  },
  {
    value: 'presence',
    label: 'Messages',
    group: 'Push and messages',
    component: defineAsyncComponent(() => import('../presence/PresenceView.vue')),
  },
  {
    value: 'clouds',
    label: 'Clouds',
    group: 'Push and messages',
    component: defineAsyncComponent(() => import('../clouds/CloudsView.vue')),
  },
  {
    value: 'onboarding',
    label: 'Onboarding',
    group: 'Administration',
    component: defineAsyncComponent(() => import('../onboarding/OnboardingView.vue')),
  },
  {
    value: 'terminal',
    label: 'Terminal',
    group: 'Administration',
    component: defineAsyncComponent(() => import('../terminal/TerminalView.vue')),
  },
  {
    value: 'releases',
    label: 'Releases',
    group: 'Administration',
    component: defineAsyncComponent(() => import('../releases/ReleasesView.vue')),
  },
  { value: 'lessons', label: 'Lessons', group: 'Learning', component: defineAsyncComponent(() => import('../lessons/LessonsView.vue')) },
  { value: 'compare', label: 'Compare', group: 'Learning', component: defineAsyncComponent(() => import('../compare/CompareView.vue')) },
]

/** The digit that shows the view at this place; the rest are reached over G. */
export const digitOf = (index: number): string | undefined => '1234567890'[index]

export const timeline = defineAsyncComponent(() => import('../timeline/Timeline.vue'))
export const eventList = defineAsyncComponent(() => import('../events/EventList.vue'))
