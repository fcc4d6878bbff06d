/** Start-up order, and nothing else. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { app, BrowserWindow, dialog, ipcMain, Menu, nativeTheme, protocol, screen, session } from 'electron'
import { folderFiles, viteFiles } from '../core/wire/http/appFiles.ts'
import { createLabHost } from '../core/wire/labHost.ts'
import { reviveWindow } from './crash.ts'
import { serveDoor } from './ipc.ts'
import { menuTemplate } from './menu.ts'
import { stayOnPage } from './navigation.ts'
import { limitPermissions } from './permissions.ts'
import { answerFrom, APP_SCHEME, APP_URL, SCHEME } from './protocol.ts'
import { endGracefully } from './quit.ts'
import { openWindow } from './window.ts'

// Set by `npm run dev` only; a packaged app does not look at it.
const vite = app.isPackaged ? undefined : process.env['PUSHLAB_VITE']
const here = import.meta.dirname
const log = (line: string): void => console.error(`push-lab: ${line}`)

app.setName('Push Lab')
protocol.registerSchemesAsPrivileged([APP_SCHEME])
app.on('web-contents-created', (_event, contents) => stayOnPage(contents))

if (app.requestSingleInstanceLock()) {
  app.whenReady().then(start).catch(fail)
} else {
  log('Push Lab is open already; its window comes to the front.')
  app.quit()
}

function start(): void {
  const dataDir = join(app.getPath('userData'), 'lab')
  mkdirSync(dataDir, { recursive: true })
  const lab = createLabHost({ dataDir, scenariosDir: scenariosDir(), log })

  protocol.handle(
    SCHEME,
    vite === undefined
      ? answerFrom(folderFiles(join(here, '../renderer')))
      : answerFrom(viteFiles(vite), { development: true, connect: [vite.replace(/^http/, 'ws')] }),
  )
  limitPermissions(session.defaultSession)
  const closeStreams = serveDoor(ipcMain, lab)
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate({ mac: process.platform === 'darwin', development: !app.isPackaged })))

  const window = openWindow({
    BrowserWindow,
    screens: [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map((display) => display.workArea),
    stateFile: join(app.getPath('userData'), 'window.json'),
    preload: join(here, '../preload/preload.cjs'),
    icon: join(here, '../renderer/icon.png'),
    dark: nativeTheme.shouldUseDarkColors,
    development: !app.isPackaged,
  })
  const revive = reviveWindow({ window, url: APP_URL, dialog, quit: () => app.quit(), log })
  window.webContents.on('render-process-gone', (_event, details) => revive(details))

  app.on('second-instance', () => {
    if (window.isMinimized()) window.restore()
    window.focus()
  })
  app.on('window-all-closed', () => app.quit())
  endGracefully(app, async () => {
    closeStreams()
    await lab.close()
  })
}

/** Beside the executable when packaged, because people open and edit them. */
function scenariosDir(): string {
  return app.isPackaged ? join(process.resourcesPath, '../scenarios') : join(app.getAppPath(), 'scenarios')
}

function fail(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error)
  log(`cannot start: ${text}`)
  dialog.showErrorBox('Push Lab cannot start', `${text}\n\nIts data is kept in ${app.getPath('userData')}.`)
  app.exit(1)
}
