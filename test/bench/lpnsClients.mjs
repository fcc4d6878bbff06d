// Clients of the LPNS benchmark, in a process of its own: the same for the lab and for the bare server.
import { performance } from 'node:perf_hooks'
import { WebSocket } from 'ws'

const now = () => performance.timeOrigin + performance.now()
const tell = (what, more = {}) => process.send({ what, at: now(), ...more })

let options
let sockets = []
let open = 0
let lost = 0
let failed = 0
let pushes = 0
let expected = 0
let seq = 0

function connect(index, url, next) {
  const { device, token } = options.clients[index]
  const socket = new WebSocket(`${url}/lpns?device=${device}`, ['pushlab.lpns.v1'], {
    ca: options.ca,
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
    skipUTF8Validation: true,
  })
  sockets[index] = socket
  let welcomed = false
  socket.on('message', (data) => {
    const frame = JSON.parse(data)
    if (frame.type === 'push') {
      socket.send(`{"v":1,"type":"ack","id":"${frame.id}"}`)
      if (++pushes === expected) tell('pushed')
    } else if (frame.type === 'welcome') {
      welcomed = true
      open++
      next()
    }
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    if (welcomed) {
      open--
      if (++lost === options.clients.length) tell('lost')
    } else {
      failed++
      setTimeout(connect, 50, index, url, next)
    }
  })
}

/** Opens all, so many at a time. */
function connectAll(url, atOnce) {
  let index = 0
  const started = now()
  sockets = []
  lost = 0
  const next = () => {
    if (open === options.clients.length) return tell('connected', { started, failed })
    if (index < options.clients.length) connect(index++, url, next)
  }
  for (let i = 0; i < atOnce; i++) next()
}

process.on('message', (message) => {
  switch (message.do) {
    case 'options':
      options = message
      return tell('ready')
    case 'connect':
      return connectAll(message.url, message.atOnce)
    case 'expect':
      pushes = 0
      expected = message.pushes
      return tell('expecting')
    case 'keepalives': {
      // Spread over the interval, as they are with clients that came at different times.
      let index = 0
      setInterval(() => {
        const socket = sockets[index++ % sockets.length]
        if (socket?.readyState === 1) socket.send(`{"v":1,"type":"keepalive","seq":${++seq % 1_000_000}}`)
      }, message.everyMs / sockets.length)
      return undefined
    }
    case 'end':
      return process.exit(0)
  }
})
process.on('disconnect', () => process.exit(0))
