/** From the number of an event to the arrow itself: selects it, on the ladder it stands on. */
import { useLab } from './lab.ts'
import { useSelection } from './selection.ts'
import { useToasts } from './toasts.ts'

/** What cannot be shown any more is told as a toast; `tried` says what somebody wanted. */
export async function openEvent(tried: string, seq: number): Promise<void> {
  const lab = useLab()
  const selection = useSelection()
  let flow = lab.events.find((event) => event.seq === seq)?.flow
  if (flow === undefined) {
    const reply = await lab.invoke('event.detail', { seq })
    if (!reply.ok) {
      useToasts().fail(tried, reply)
      return
    }
    flow = reply.value.event.flow
  }
  if (flow > 0) selection.openFlow(flow)
  selection.select('event', seq)
}
