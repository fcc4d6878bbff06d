/** The clouds and the edge as the window steers them: which section is in front, where to listen, what goes over real sockets. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { CloudName, CloudsState } from '../../core/contract/index.ts'
import { useLab } from './lab.ts'
import { panel, portFrom } from './panel.ts'
import { useSelection } from './selection.ts'

export type CloudSection = 'sockets' | 'proxy' | 'log'

/** In the order of the ways through them. */
export const CLOUDS = ['ci', 'fos', 'push-rest', 'apns', 'fcm'] as const satisfies readonly CloudName[]

export const CLOUD_LABEL: Record<CloudName, string> = {
  ci: 'Common Identity',
  fos: 'Fusion Onboarding',
  'push-rest': 'Push REST',
  apns: 'APNs',
  fcm: 'FCM',
}

/** Where room is dear. */
export const CLOUD_SHORT: Record<CloudName, string> = { ...CLOUD_LABEL, ci: 'CI', fos: 'FOS' }

/** Who asks on the way that is named by its cloud. */
export const askerOf = (cloud: CloudName): string => (cloud === 'apns' || cloud === 'fcm' ? 'Push REST' : 'Servers')
export const wayLabel = (cloud: CloudName): string => `${askerOf(cloud)} → ${CLOUD_LABEL[cloud]}`

/** `ports 7443–7447`, as they stand in badges. */
export const ports = (state: CloudsState): string => {
  const all = state.servers.map(({ port }) => port)
  const first = all[0]
  if (first === undefined) return 'no port'
  const inOneGo = all.every((port, i) => port === first + i)
  return all.length > 1 && inOneGo ? `ports ${first}–${all.at(-1)}` : `port${all.length > 1 ? 's' : ''} ${all.join(', ')}`
}

export const useClouds = defineStore('clouds', () => {
  const lab = useLab()
  const selection = useSelection()
  const shared = panel()

  const section = ref<CloudSection>('sockets')
  const port = ref('0')
  const isOpen = computed(() => lab.clouds !== null)
  const real = computed<readonly CloudName[]>(() => lab.clouds?.real ?? [])

  const goTo = (to: CloudSection = 'sockets'): void => {
    selection.view = 'clouds'
    section.value = to
  }

  const open = async (): Promise<boolean> => {
    const args = { address: shared.address.value, port: portFrom(port.value, 0) }
    return (await shared.ask('The clouds were not opened', 'clouds.open', args)).ok
  }
  const close = async (): Promise<void> => {
    await shared.ask('The clouds were not closed', 'clouds.close', {})
  }
  /** The ways that are real with this one turned over, in a fixed order. */
  const turned = (cloud: CloudName): CloudName[] =>
    CLOUDS.filter((each) => (each === cloud ? !real.value.includes(each) : real.value.includes(each)))
  const turn = async (cloud: CloudName): Promise<void> => {
    await shared.ask(`${wayLabel(cloud)} stays as it is`, 'clouds.legs', { real: turned(cloud) })
  }
  const saveKeys = async (): Promise<void> => {
    const reply = await shared.ask('The TLS keys were not exported', 'clouds.keylog', {})
    if (reply.ok) shared.save(reply.value)
  }

  return { ...shared, section, port, isOpen, real, goTo, open, close, turned, turn, saveKeys }
})
