// A client that knows this lab from docs/lpns-protocol.md alone: plain `ws`, in a process of its own.
//   LPNS_TOKEN=... node plain.mjs CA.pem URL [URL...]
// It holds one session, acknowledges every push, and goes to the next URL when its session breaks.
import { readFileSync } from 'node:fs'
import { WebSocket } from 'ws'

const [caFile, ...urls] = process.argv.slice(2)
const ca = readFileSync(caFile)
const token = process.env.LPNS_TOKEN
const tell = (line) => console.log(JSON.stringify(line))

function connect(at) {
  const url = urls[at % urls.length]
  const socket = new WebSocket(url, ['pushlab.lpns.v1'], { ca, headers: { authorization: `Bearer ${token}` } })
  let seq = 0
  let keepalives
  socket.on('open', () => {
    keepalives = setInterval(() => socket.send(JSON.stringify({ v: 1, type: 'keepalive', seq: ++seq, token })), 120_000)
    socket.send(JSON.stringify({ v: 1, type: 'keepalive', seq: ++seq, token }))
  })
  socket.on('message', (data) => {
    const frame = JSON.parse(data)
    tell(frame)
    if (frame.type === 'push') socket.send(JSON.stringify({ v: 1, type: 'ack', id: frame.id }))
  })
  socket.on('error', (error) => tell({ type: 'failed', url, text: error.message }))
  socket.on('close', (code) => {
    clearInterval(keepalives)
    tell({ type: 'closed', code })
    setTimeout(() => connect(at + 1), 200)
  })
}

connect(0)
