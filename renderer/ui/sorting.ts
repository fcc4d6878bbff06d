/** A table in the order of one of its columns. */
import { shallowRef } from 'vue'

export type Sort<Key extends string> = { key: Key; down: boolean }

/** `downFirst`: of these columns the largest are looked for, so they begin there. The same column again turns the order. */
export function useSort<Key extends string>(first: Key, downFirst: readonly Key[]) {
  const sort = shallowRef<Sort<Key>>({ key: first, down: false })
  const sortBy = (key: Key): void => {
    sort.value = { key, down: sort.value.key === key ? !sort.value.down : downFirst.includes(key) }
  }
  return { sort, sortBy }
}
