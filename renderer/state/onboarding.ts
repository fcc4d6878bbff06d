/** Which part of the onboarding is in front; kept while somebody looks at other tabs. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { useSelection } from './selection.ts'

export type OnboardingPart = 'page' | 'checks' | 'trust' | 'logins'

export const useOnboardingPart = defineStore('onboardingPart', () => {
  const selection = useSelection()
  const part = ref<OnboardingPart>('page')
  const goTo = (to: OnboardingPart): void => {
    selection.view = 'onboarding'
    part.value = to
  }
  return { part, goTo }
})
