// Ten clients that mean no good, all at once, for as long as they are left alone. Told by environment and arguments:
//   TOKENS='["...", ...]' CA=... node hostile.mjs PORT
import { randomBytes } from 'node:crypto'
import { connect as tcp } from 'node:net'
import { connect as tls } from 'node:tls'
import { WebSocket } from 'ws'

const port = Number(process.argv[2])
const { CA: ca } = process.env
/** One for each that has a session, so that none is refused for the others. */
const tokens = JSON.parse(process.env.TOKENS)
const done = {}
const count = (kind) => (done[kind] = (done[kind] ?? 0) + 1)

const open = (kind, device = 'evil1', bearer = tokens[Number(device.slice(4)) - 1], protocol = 'pushlab.lpns.v1') => {
  const socket = new WebSocket(`wss://127.0.0.1:${port}/lpns?device=${device}`, [protocol], {
    ca,
    headers: { authorization: `Bearer ${bearer}` },
  })
  socket.on('error', () => undefined)
  socket.on('unexpected-response', (_request, response) => {
    count(`${kind}: HTTP ${response.statusCode}`)
    response.resume()
  })
  socket.on('close', (code) => count(`${kind}: closed ${code}`))
  return socket
}

const secured = () => {
  const socket = tls({ port, host: '127.0.0.1', ca, servername: 'localhost' })
  socket.on('error', () => undefined)
  return socket
}

const each = (ms, act) => setInterval(act, ms)

const KINDS = {
  'bad frames': () =>
    each(100, () =>
      open('bad frames').on('open', function () {
        this.send('{"v":1,"type":')
      }),
    ),
  'a frame of 16 MB': () =>
    each(250, () =>
      open('16 MB', 'evil2').on('open', function () {
        this.send('x'.repeat(16 * 1024 * 1024))
      }),
    ),
  'binary noise': () =>
    each(100, () =>
      open('noise', 'evil3').on('open', function () {
        this.send(randomBytes(2_000))
      }),
    ),
  'no reads': () => {
    const socket = open('no reads', 'evil4')
    socket.on('open', () => {
      socket.pause()
      each(20, () => socket.readyState === 1 && socket.ping())
    })
  },
  'handshake and silence': () => each(20, secured),
  'TCP and silence': () => each(10, () => tcp(port, '127.0.0.1').on('error', () => undefined)),
  'the token of another user': () => each(50, () => open('another user', 'phone', tokens[4])),
  flood: () =>
    each(200, () =>
      open('flood', 'evil6').on('open', function () {
        for (let i = 0; i < 5_000; i++) this.send('{"v":1,"type":"keepalive","seq":1}')
      }),
    ),
  'slow loris': () => {
    for (let i = 0; i < 50; i++) {
      const socket = secured()
      socket.write('GET /lpns?device=evil1 HTTP/1.1\r\nHost: x\r\n')
      each(100, () => socket.writable && socket.write('X-Drop: a\r\n'))
    }
  },
  'wrong sub-protocol': () => each(50, () => open('sub-protocol', 'evil1', tokens[7], 'mqtt')),
  'a flood of pings': () =>
    each(200, () =>
      open('pings', 'evil7').on('open', function () {
        for (let i = 0; i < 5_000; i++) this.ping()
      }),
    ),
  'made-up tokens': () => each(20, () => open('made up', 'phone', randomBytes(32).toString('base64url'))),
  'headers without end': () => each(200, () => secured().write(`GET /lpns HTTP/1.1\r\nX-Long: ${'y'.repeat(1_000_000)}`)),
}

for (const start of Object.values(KINDS)) start()
each(1_000, () => console.log(JSON.stringify(done)))
