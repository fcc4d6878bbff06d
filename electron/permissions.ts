/** What the page may ask of the system. One row each, with its reason; what has no row is denied. */
import type { Session, WebContents } from 'electron'
import { APP_ORIGIN } from './protocol.ts'

type Rule = { permission: string; allow: boolean; reason: string }

export const PERMISSIONS: readonly Rule[] = [
  { permission: 'clipboard-sanitized-write', allow: true, reason: 'Copying a ladder, a trace or a command as text.' },
  { permission: 'clipboard-read', allow: false, reason: 'Pasting goes through the keyboard; the page never reads by itself.' },
  { permission: 'fullscreen', allow: true, reason: 'A trainer projects the window to a room.' },
  { permission: 'notifications', allow: false, reason: 'Notifications of the lab are drawn on its virtual phones, never on this desktop.' },
  { permission: 'media', allow: false, reason: 'Calls are virtual: no microphone, no camera.' },
  { permission: 'display-capture', allow: false, reason: 'Pictures are exported from the data, not from the screen.' },
  { permission: 'geolocation', allow: false, reason: 'Where a phone is, is part of the scenario.' },
  { permission: 'openExternal', allow: false, reason: 'The lab works without internet and opens no other program.' },
]

export function permits(permission: string, origin: string, isTopFrame: boolean): boolean {
  if (!isTopFrame || originOf(origin) !== APP_ORIGIN) return false
  return PERMISSIONS.some((rule) => rule.permission === permission && rule.allow)
}

type PermissionSession = Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'>

export function limitPermissions(session: PermissionSession): void {
  session.setPermissionRequestHandler((_contents: WebContents, permission, answer, details) => {
    answer(permits(permission, details.requestingUrl, details.isMainFrame))
  })
  session.setPermissionCheckHandler((_contents, permission, origin, details) => permits(permission, origin, details.isMainFrame))
  session.setDevicePermissionHandler(() => false)
}

/** Electron gives an address here, an origin there. `new URL('lab://app/').origin` is "null" in Node, so no URL. */
function originOf(address: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(address)?.[0] ?? ''
}
