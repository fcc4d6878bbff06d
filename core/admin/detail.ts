/** The message behind an upload of alarms: what of it is clear, and what is cipher text or missing (TRB-04). */
import type { HopDetail, HopEvent } from '../contract/event.ts'
import type { World } from '../world.ts'

/** Alarms shown of one upload. */
const SHOWN = 20

export type UploadMessage = Pick<HopDetail, 'startLine' | 'headers' | 'body' | 'modelled'>

/** Null for every other hop; an upload that never arrived has no body any more. */
export function uploadMessage(world: World, event: HopEvent): UploadMessage | null {
  const { tracking } = event
  if (event.to !== 'fos' || !event.from.endsWith('/CMAS') || !event.message.startsWith('POST') || tracking === undefined) return null
  const filed = world.admin.support.filter((each) => each.tracking === tracking)
  const alarms = filed.slice(0, SHOWN).map(({ alarm: { receivedAt: _receivedAt, sealed, details, ...clear } }) => ({
    ...clear,
    ...Object.fromEntries(details.map(({ name, value }) => [name, value])),
    ...(sealed === null ? null : { pii: sealed }),
  }))
  return {
    startLine: 'POST /alarms HTTP/1.1',
    headers: [
      { name: 'Host', value: 'fos-a.wbx2.com' },
      { name: 'TrackingID', value: tracking },
      { name: 'Customer-Cluster-ID', value: filed[0]?.clusterId ?? world.admin.agent.clusterId ?? '' },
    ],
    body: JSON.stringify(filed.length > SHOWN ? { alarms, more: filed.length - SHOWN } : { alarms }),
    modelled: true,
  }
}
