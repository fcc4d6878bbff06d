/** Clients that share no code with this program, each in a process of its own, through a call and a failover. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { wireLab, type WireLab } from '../wire/lpns/lab.ts'
import { eventually } from '../wire/eventually.ts'

const at = (file: string): string => new URL(file, import.meta.url).pathname

/** A Python that has python3-websockets: Debian's own, or the first of the path. */
const python = ['/usr/bin/python3', 'python3'].find(
  (name) => spawnSync(name, ['-c', 'import websockets'], { stdio: 'ignore' }).status === 0,
)

const STRANGERS = [
  { name: 'a plain ws script', command: process.execPath, script: at('plain.mjs') },
  { name: 'python3-websockets', command: python, script: at('client.py') },
]

const ending: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})

type Frame = { type: string; node?: string; id?: string; seq?: number; code?: number }

function run(command: string, script: string, lab: WireLab, token: string): Frame[] {
  const dir = mkdtempSync(join(tmpdir(), 'push-lab-interop-'))
  ending.push(() => rmSync(dir, { recursive: true, force: true }))
  const ca = join(dir, 'push-lab-ca.pem')
  writeFileSync(ca, lab.ca)
  const urls = [0, 1].map((node) => `${lab.url(node)}/lpns?device=phone`)
  // No proxy of this machine stands between a client and its server on loopback.
  const env = { PATH: process.env['PATH'], LPNS_TOKEN: token, NO_PROXY: '*', PYTHONWARNINGS: 'ignore' }
  const child: ChildProcess = spawn(command, [script, ca, ...urls], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  ending.push(() => child.kill('SIGKILL'))
  const frames: Frame[] = []
  createInterface({ input: child.stdout! }).on('line', (line) => frames.push(JSON.parse(line) as Frame))
  return frames
}

describe.each(STRANGERS)('$name', ({ name, command, script }) => {
  it(
    '[LPNS-05] [LPNS-11] [LPNS-16] [LPNS-20] gets a call pushed, acknowledges it, and survives a failover',
    { timeout: 30_000 },
    async (context) => {
      if (command === undefined) {
        expect(process.env['CI'], 'under CI python3-websockets has to be there').not.toBe('true')
        return context.skip(`${name} is not installed here (Debian: apt-get install python3-websockets)`)
      }
      const lab = await wireLab()
      ending.push(() => lab.close())
      const { token } = await lab.token()
      const frames = run(command, script, lab, token)
      const acknowledged = (): number =>
        lab.events.filter(({ message, outcome }) => message === 'local push acknowledged' && outcome.startsWith('acknowledged')).length
      const pushes = (): Frame[] => frames.filter(({ type }) => type === 'push')

      await eventually(() => frames.some(({ type }) => type === 'keepalive-ack'), 'the acknowledgement of its keepalive', 15_000)
      expect(frames[0]).toMatchObject({ type: 'welcome', node: 'ucm-pub' })

      const { flow } = await lab.do<{ flow: number }>('call.place', { from: 'desk', to: '2000' })
      await eventually(() => acknowledged() === 1, 'the first acknowledgement')
      await lab.hop({ from: 'phone', message: 'REGISTER' })
      await lab.do('call.hangUp', { flow })

      await lab.do('node.crash', { node: 'ucm-pub' })
      await eventually(
        () => frames.some(({ type, node }) => type === 'welcome' && node === 'ucm-sub1'),
        'the session on the next node',
        15_000,
      )
      await lab.do('device.kill', { device: 'phone' })
      const before = acknowledged()
      await lab.do('call.place', { from: 'desk', to: '2000' })
      await eventually(() => acknowledged() > before, 'the acknowledgement after the failover')
      expect(pushes().at(-1)).toMatchObject({ v: 1, purpose: 'incoming call', node: 'ucm-sub1' })
      expect(lab.events.some(({ to }) => to === 'push-rest')).toBe(false)
    },
  )
})
