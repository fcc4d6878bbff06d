/**
 * Accelerators without a menu bar. Labels carry no `&`, so Alt and Alt+letter stay with the page; on
 * macOS the menu is where the system looks for copy, paste and quit.
 */
import type { MenuItemConstructorOptions } from 'electron'

export function menuTemplate(o: { mac: boolean; development: boolean }): MenuItemConstructorOptions[] {
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    // The same key without Shift, where + is on the = key.
    { role: 'zoomIn', accelerator: 'CommandOrControl+=', visible: false, acceleratorWorksWhenHidden: true },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
  ]
  if (o.development) view.push({ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' })
  return o.mac
    ? [{ role: 'appMenu' }, { role: 'editMenu' }, { label: 'View', submenu: view }, { role: 'windowMenu' }]
    : [
        { label: 'Push Lab', submenu: [{ role: 'quit', accelerator: 'Control+Q' }] },
        { label: 'View', submenu: view },
      ]
}
