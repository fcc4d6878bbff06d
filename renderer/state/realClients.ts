/** The endpoint for real clients as the window steers it: which part of the Local push tab is in front, and where to listen. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { useLab } from './lab.ts'
import { panel, portFrom } from './panel.ts'
import { useSelection } from './selection.ts'

/** Parts of the Local push tab; where there is no room for all, one stands in front. */
export type Section = 'sessions' | 'mesh' | 'clients'

export const FIRST_PORT = 9_560 // LPNS-05

/** `9560` of `wss://127.0.0.1:9560/lpns`. */
export const portOf = (url: string): string => /:(\d+)(?:\/|$)/.exec(url)?.[1] ?? url

export const useRealClients = defineStore('realClients', () => {
  const lab = useLab()
  const selection = useSelection()
  const shared = panel()

  const section = ref<Section>('sessions')
  const port = ref(String(FIRST_PORT))
  const isOpen = computed(() => lab.wire !== null)

  const goTo = (): void => {
    selection.view = 'localPush'
    section.value = 'clients'
  }

  const open = async (): Promise<boolean> => {
    const args = { address: shared.address.value, port: portFrom(port.value, FIRST_PORT) }
    return (await shared.ask('The endpoint was not opened', 'wire.open', args)).ok
  }
  const close = async (): Promise<void> => {
    await shared.ask('The endpoint was not closed', 'wire.close', {})
  }
  const saveCa = async (): Promise<void> => {
    const reply = await shared.ask('The CA was not exported', 'wire.ca', {})
    if (reply.ok) shared.save(reply.value)
  }

  return { ...shared, section, port, isOpen, goTo, open, close, saveCa }
})
