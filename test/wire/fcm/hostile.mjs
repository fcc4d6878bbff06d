// Clients of FCM that mean no good, all at once, for as long as they are left alone:
//   CA=... SEND=... TOKEN=... node hostile.mjs PORT
import { randomBytes } from 'node:crypto'
import { connect as connectHttp2 } from 'node:http2'
import { connect as tcp } from 'node:net'
import { connect as tls } from 'node:tls'

const port = Number(process.argv[2])
const { CA: ca, SEND: path, TOKEN: token } = process.env
const done = {}
const count = (kind) => (done[kind] = (done[kind] ?? 0) + 1)
const each = (ms, act) => setInterval(act, ms)

const secured = (kind, ALPNProtocols = ['http/1.1']) => {
  const socket = tls({ port, host: '127.0.0.1', ca, servername: 'fcm.googleapis.com', ALPNProtocols })
  socket.on('error', () => undefined)
  socket.on('close', () => count(`${kind}: closed`))
  socket.on('data', (part) => {
    const status = /^HTTP\/1\.1 (\d{3})/.exec(part.toString('latin1'))?.[1]
    if (status) count(`${kind}: ${status}`)
  })
  return socket
}
const http2 = (kind, settings) => {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca, servername: 'fcm.googleapis.com', settings })
  session.on('error', () => undefined)
  session.on('goaway', (code) => count(`${kind}: goaway ${code}`))
  session.on('close', () => count(`${kind}: closed`))
  return session
}
const post = (session, headers = {}, body = '{}') => {
  if (session.destroyed || session.closed) return null
  const stream = session.request({ ':method': 'POST', ':path': path, authorization: `Bearer ${token}`, ...headers })
  stream.on('error', () => undefined)
  if (body !== null) stream.end(body)
  return stream
}

each(20, () => tcp(port, '127.0.0.1').on('error', () => undefined)) // says nothing
each(20, () => secured('silent')) // handshake, then nothing
each(50, () =>
  tcp(port, '127.0.0.1', function () {
    this.write(randomBytes(500))
  }).on('error', () => undefined),
)
each(100, () => secured('noise', ['h2']).write(randomBytes(2_000)))
for (let i = 0; i < 20; i++) {
  const socket = secured('slow headers')
  socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\n`)
  each(100, () => socket.writable && socket.write('x-drop: a\r\n'))
}
for (let i = 0; i < 20; i++) {
  const socket = secured('slow body')
  socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-length: 60000\r\n\r\n`)
  each(100, () => socket.writable && socket.write('a'))
}
each(200, () => secured('long headers').write(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`))
each(200, () =>
  secured('long body').write(
    `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-length: 100000000\r\n\r\n${'a'.repeat(200_000)}`,
  ),
)
each(200, () =>
  secured('chunks').write(
    `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ntransfer-encoding: chunked\r\n\r\n${`ff\r\n${'a'.repeat(255)}\r\n`.repeat(600)}`,
  ),
)
each(300, () => {
  const session = http2('rapid reset')
  session.on('connect', () => {
    const more = setInterval(() => {
      for (let i = 0; i < 50; i++) {
        const stream = post(session, {}, null)
        setTimeout(() => stream?.close(8), 1)
      }
    }, 5)
    session.on('close', () => clearInterval(more))
  })
})
each(300, () => {
  const session = http2('slow streams')
  session.on('connect', () => {
    for (let i = 0; i < 300; i++) post(session, {}, null)
  })
})
each(300, () => {
  const session = http2('no window', { initialWindowSize: 0 })
  session.on('connect', () => {
    for (let i = 0; i < 100; i++) post(session)
  })
})
each(100, () => {
  const session = http2('nested')
  post(session, {}, `{"message":{"token":"x","apns":{"payload":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}}}}`)?.on(
    'response',
    (headers) => {
      count(`nested: ${headers[':status']}`)
      session.close()
    },
  )
})

setInterval(() => process.stdout.write(`${JSON.stringify(done)}\n`), 250)
