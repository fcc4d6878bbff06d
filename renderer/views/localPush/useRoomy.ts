/** Whether an element is at least so large, in pixels of its inside; while it is hidden, as it was before. */
import { onMounted, onScopeDispose, type Ref, ref } from 'vue'

export function useRoomy(root: Readonly<Ref<HTMLElement | null>>, least: { width: number; height: number }): Ref<boolean> {
  const roomy = ref(true)
  let observer: ResizeObserver | undefined
  onMounted(() => {
    const el = root.value
    if (!el) return
    const measure = (): void => {
      if (el.clientWidth > 0) roomy.value = el.clientWidth >= least.width && el.clientHeight >= least.height
    }
    measure()
    observer = new ResizeObserver(measure)
    observer.observe(el)
  })
  onScopeDispose(() => observer?.disconnect())
  return roomy
}
