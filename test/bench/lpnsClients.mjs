// Clients of the LPNS benchmark, in a process of its own: the same code for the lab and for the bare server.
import { performance } from 'node:perf_hooks'
import { WebSocket } from 'ws'

const now = () => performance.timeOrigin + performance.now()
const tell = (what, more = {}) => process.send({ what, at: now(), ...more })

/** By the name of the server: who its clients are, and how they fare. */
const sets = {}
let seq = 0

function connect(set, index, url, next) {
  const { device, token } = set.clients[index]
  const socket = new WebSocket(`${url}/lpns?device=${device}`, ['pushlab.lpns.v1'], {
    ca: set.ca,
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  })
  set.sockets[index] = socket
  let welcomed = false
  socket.on('message', (data) => {
    const frame = JSON.parse(data)
    if (frame.type === 'push') {
      socket.send(`{"v":1,"type":"ack","id":"${frame.id}"}`)
      if (frame.purpose === 'incoming call' && ++set.pushes === set.expected) tell('pushed')
    } else if (frame.type === 'welcome') {
      welcomed = true
      next()
    }
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    if (welcomed) {
      if (++set.lost === set.clients.length) tell('lost')
    } else {
      set.failed++
      setTimeout(connect, 50, set, index, url, next)
    }
  })
}

/** Opens a part of them, so many at a time. */
function connectSome(set, { url, from, to, atOnce }) {
  let index = from
  let open = 0
  const start = () => index < to && connect(set, index++, url, opened)
  const opened = () => (++open === to - from ? tell('connected', { failed: set.failed }) : start())
  for (let i = 0; i < atOnce; i++) start()
}

process.on('message', (message) => {
  const set = sets[message.set]
  switch (message.do) {
    case 'options':
      sets[message.set] = { ca: message.ca, clients: message.clients, sockets: [], lost: 0, failed: 0, pushes: 0, expected: 0 }
      return tell('ready')
    case 'connect':
      set.lost = 0
      return connectSome(set, message)
    case 'expect':
      set.pushes = 0
      set.expected = message.pushes
      return tell('expecting')
    case 'keepalives': {
      // Spread over the interval, as they are with clients that came at different times.
      let index = 0
      setInterval(() => {
        const socket = set.sockets[index++ % set.sockets.length]
        if (socket?.readyState === 1) socket.send(`{"v":1,"type":"keepalive","seq":${++seq % 1_000_000}}`)
      }, message.everyMs / set.sockets.length)
      return undefined
    }
    case 'end':
      return process.exit(0)
  }
})
process.on('disconnect', () => process.exit(0))
