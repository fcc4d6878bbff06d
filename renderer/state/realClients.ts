/**
 * The endpoint for real clients as the window steers it: which part of the Local push tab is in front, where
 * to listen, and what time may not do while it is open.
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { CommandInput, CommandName, CommandResult, Failure, Reply } from '../../core/contract/index.ts'
import { saveText } from './download.ts'
import { useLab } from './lab.ts'
import { useSelection } from './selection.ts'
import { useToasts } from './toasts.ts'

/** Parts of the Local push tab; where there is no room for all, one stands in front. */
export type Section = 'sessions' | 'mesh' | 'clients'
export type Interface = CommandResult<'wire.interfaces'>['interfaces'][number]

export const LOOPBACK = '127.0.0.1'
export const FIRST_PORT = 9_560 // LPNS-05

/** Real sockets live in real time: a run with them goes at 1×, only forward, and is not put aside (house plan, idea 3). */
const PINNED: ReadonlySet<CommandName> = new Set([
  'time.pause',
  'time.step',
  'time.speed',
  'time.express',
  'time.until',
  'time.seek',
  'time.fork',
  'lab.open',
  'lab.restart',
  'journal.import',
])
export const PINNED_REASON = 'Real clients are attached: the lab follows the wall clock. Close the real sockets first (Local push).'

/** `9560` of `wss://127.0.0.1:9560/lpns`. */
export const portOf = (url: string): string => /:(\d+)(?:\/|$)/.exec(url)?.[1] ?? url

export const useRealClients = defineStore('realClients', () => {
  const lab = useLab()
  const selection = useSelection()
  const toasts = useToasts()

  const section = ref<Section>('sessions')
  const interfaces = shallowRef<Interface[]>([])
  const address = ref(LOOPBACK)
  const port = ref(String(FIRST_PORT))
  const busy = ref('')
  /** The last thing that was refused here, until the next try. */
  const problem = shallowRef<{ tried: string; reply: Failure } | null>(null)

  const isOpen = computed(() => lab.wire !== null)
  const exposes = computed(() => interfaces.value.some((one) => one.address === address.value && !one.loopback))

  /** Why this command would be refused now, or false. */
  const pinned = (command: CommandName): false | string => (lab.wire !== null && PINNED.has(command) ? PINNED_REASON : false)

  const goTo = (): void => {
    selection.view = 'localPush'
    section.value = 'clients'
  }

  /** One request of the panel at a time; what is refused stands in the panel, not in a corner. */
  const ask = async <N extends CommandName>(tried: string, name: N, args: CommandInput<N>): Promise<Reply<CommandResult<N>>> => {
    busy.value = name
    problem.value = null
    const reply = await lab.invoke(name, args)
    busy.value = ''
    if (!reply.ok) problem.value = { tried, reply }
    return reply
  }

  const loadInterfaces = async (): Promise<void> => {
    const reply = await ask('The list of network interfaces', 'wire.interfaces', {})
    if (reply.ok) interfaces.value = reply.value.interfaces
  }

  const open = async (): Promise<boolean> => {
    const number = Number(port.value)
    // An empty or unreadable port is for the lab to refuse: it says which ones there are.
    const reply = await ask('The endpoint was not opened', 'wire.open', {
      address: address.value,
      port: port.value.trim() === '' ? FIRST_PORT : Number.isInteger(number) ? number : -1,
    })
    return reply.ok
  }
  const close = async (): Promise<void> => {
    await ask('The endpoint was not closed', 'wire.close', {})
  }

  const saveCa = async (): Promise<void> => {
    const reply = await ask('The CA was not exported', 'wire.ca', {})
    if (!reply.ok) return
    saveText(reply.value.name, reply.value.mediaType, reply.value.text)
    toasts.add('info', `Export ready: ${reply.value.name}`)
  }

  return { section, interfaces, address, port, busy, problem, isOpen, exposes, pinned, goTo, ask, loadInterfaces, open, close, saveCa }
})
