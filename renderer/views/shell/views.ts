/** The tabs that work, in order. A view is loaded when it is shown for the first time. */
import { type Component, defineAsyncComponent } from 'vue'
import type { View } from '../../state/selection.ts'

export const SHOWN_VIEWS: readonly { value: View; label: string; component: Component }[] = [
  { value: 'topology', label: 'Topology', component: defineAsyncComponent(() => import('../topology/TopologyView.vue')) },
  { value: 'flow', label: 'Flow', component: defineAsyncComponent(() => import('../flow/FlowView.vue')) },
  { value: 'devices', label: 'Devices', component: defineAsyncComponent(() => import('../devices/DevicesView.vue')) },
  { value: 'localPush', label: 'Local push', component: defineAsyncComponent(() => import('../localPush/LocalPushView.vue')) },
  { value: 'presence', label: 'Messages', component: defineAsyncComponent(() => import('../presence/PresenceView.vue')) },
  { value: 'clouds', label: 'Clouds', component: defineAsyncComponent(() => import('../clouds/CloudsView.vue')) },
  { value: 'alarms', label: 'Alarms', component: defineAsyncComponent(() => import('../alarms/AlarmsView.vue')) },
  { value: 'counters', label: 'Counters', component: defineAsyncComponent(() => import('../counters/CountersView.vue')) },
  { value: 'onboarding', label: 'Onboarding', component: defineAsyncComponent(() => import('../onboarding/OnboardingView.vue')) },
  { value: 'traces', label: 'Traces', component: defineAsyncComponent(() => import('../traces/TracesView.vue')) },
  { value: 'terminal', label: 'Terminal', component: defineAsyncComponent(() => import('../terminal/TerminalView.vue')) },
  { value: 'releases', label: 'Releases', component: defineAsyncComponent(() => import('../releases/ReleasesView.vue')) },
  { value: 'lessons', label: 'Lessons', component: defineAsyncComponent(() => import('../lessons/LessonsView.vue')) },
  { value: 'compare', label: 'Compare', component: defineAsyncComponent(() => import('../compare/CompareView.vue')) },
]

export const timeline = defineAsyncComponent(() => import('../timeline/Timeline.vue'))
export const eventList = defineAsyncComponent(() => import('../events/EventList.vue'))
