/** A real squid of Debian's between the lab and its clouds, with a configuration and a directory of its own. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Issued } from '../../core/wire/certificates.ts'
import { eventually } from '../wire/eventually.ts'

const PROGRAM = '/usr/sbin/squid'
const LOGINS = '/usr/lib/squid'

/** Where squid is not installed, tests say so and are skipped; under CI it has to be there. */
export const squidIsThere = existsSync(PROGRAM)
export const NO_SQUID = 'squid is not installed here (Debian: apt-get install squid)'

export const REALM = 'clinic proxy'
export const USER = 'cucm'
export const PASSWORD = 'correct horse'

export type SquidOptions = {
  asks: 'none' | 'Basic' | 'Digest'
  /** Names and where they are: the lab's servers. */
  hosts: Record<string, string>
  /** Ports that CONNECT may go to; anything else is 403. */
  ports: readonly number[]
  /** Names that are forbidden. */
  blocked?: readonly string[]
  /** Makes it an HTTPS proxy. */
  tls?: Issued
  address?: string
  port?: number
}

export type Squid = {
  address: string
  port: number
  /** Lines of its access log: result, status, method, target and user of each request that has ended. */
  log(): string[]
  /** Its tunnels end with it. */
  close(): Promise<void>
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

export async function freePort(address = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export async function openSquid(o: SquidOptions): Promise<Squid> {
  const dir = mkdtempSync(join(tmpdir(), 'push-lab-squid-'))
  chmodSync(dir, 0o777) // started by root it goes on as a user of its own
  const file = (name: string, text: string): string => {
    const path = join(dir, name)
    writeFileSync(path, text)
    chmodSync(path, 0o644)
    return path
  }
  const address = o.address ?? '127.0.0.1'
  const port = o.port ?? (await freePort(address))
  const hosts = file(
    'hosts',
    Object.entries(o.hosts)
      .map(([name, at]) => `${at} ${name}\n`)
      .join(''),
  )
  const log = file('access.log', '')
  chmodSync(log, 0o666)
  const listens = o.tls
    ? `https_port ${address}:${port} tls-cert=${file('proxy.pem', o.tls.certificate)} tls-key=${file('proxy.key', o.tls.privateKey)}`
    : `http_port ${address}:${port}`
  const config = file(
    'squid.conf',
    `${listens}
visible_hostname squid.clinic.example
hosts_file ${hosts}
pid_filename none
coredump_dir ${dir}
cache_log /dev/null
logfile_rotate 0
logformat lab %Ss %>Hs %rm %ru %un
access_log stdio:${log} lab
buffered_logs off
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
forward_timeout 4 seconds
connect_timeout 4 seconds
${loginOf(o.asks, file)}
acl clouds port ${o.ports.join(' ')}
acl tunnels method CONNECT
${o.blocked?.length ? `acl blocked dstdomain ${o.blocked.join(' ')}\nhttp_access deny blocked` : ''}
http_access deny !tunnels
http_access deny tunnels !clouds
${o.asks === 'none' ? 'http_access allow all' : 'acl known proxy_auth REQUIRED\nhttp_access allow known'}
http_access deny all
`,
  )
  const child = spawn(PROGRAM, ['-N', '-f', config, '-n', `lab${port}`], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (part: Buffer) => (said += part.toString()))
  const ended = once(child, 'exit')
  const close = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    await listening(address, port, () => child.exitCode !== null)
  } catch (error) {
    await close()
    throw new Error(`squid did not start: ${said.slice(0, 1_000)}`, { cause: error })
  }
  return { address, port, close, log: () => readFileSync(log, 'utf8').split('\n').filter(Boolean) }
}

function loginOf(asks: SquidOptions['asks'], file: (name: string, text: string) => string): string {
  switch (asks) {
    case 'none':
      return ''
    case 'Basic':
      return `auth_param basic program ${LOGINS}/basic_ncsa_auth ${file('basic', `${USER}:${md5(PASSWORD)}\n`)}
auth_param basic children 1
auth_param basic realm ${REALM}`
    case 'Digest':
      return `auth_param digest program ${LOGINS}/digest_file_auth -c ${file('digest', `${USER}:${REALM}:${md5(`${USER}:${REALM}:${PASSWORD}`)}\n`)}
auth_param digest children 1
auth_param digest realm ${REALM}`
  }
}

async function listening(address: string, port: number, dead: () => boolean): Promise<void> {
  let open = false
  const knock = (): void => {
    const socket = connect({ host: address, port }, () => {
      open = true
      socket.destroy()
    })
    socket.on('error', () => setTimeout(knock, 25))
  }
  knock()
  await eventually(() => open || dead(), 'squid to listen', 15_000)
  if (!open) throw new Error('it has ended')
}
