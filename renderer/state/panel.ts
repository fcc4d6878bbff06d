/** What the panels of real sockets have in common: one request at a time, refusals that stay in sight, and where to listen. */
import { computed, ref, shallowRef } from 'vue'
import type { CommandInput, CommandName, CommandResult, Failure, Reply } from '../../core/contract/index.ts'
import { saveText } from './download.ts'
import { useLab } from './lab.ts'
import { useToasts } from './toasts.ts'

export const LOOPBACK = '127.0.0.1'

export type Interface = CommandResult<'wire.interfaces'>['interfaces'][number]
export type Problem = { tried: string; reply: Failure }

/** State of one panel; call it once in the store of that panel. */
export function panel() {
  const lab = useLab()
  const toasts = useToasts()

  const busy = ref('')
  /** The last thing that was refused here, until the next try. */
  const problem = shallowRef<Problem | null>(null)
  const interfaces = shallowRef<Interface[]>([])
  const address = ref(LOOPBACK)
  const exposes = computed(() => interfaces.value.some((one) => one.address === address.value && !one.loopback))

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

  const save = (file: { name: string; mediaType: string; text: string }): void => {
    saveText(file.name, file.mediaType, file.text)
    toasts.add('info', `Export ready: ${file.name}`)
  }

  return { busy, problem, interfaces, address, exposes, ask, loadInterfaces, save }
}

/** The port that a person typed; -1 is for the lab to refuse: it says which ones there are. */
export const portFrom = (text: string, whenEmpty: number): number => {
  const number = Number(text)
  return text.trim() === '' ? whenEmpty : Number.isInteger(number) ? number : -1
}
