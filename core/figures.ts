/** Numbers as people read them in a sentence; renderer/ui/format.ts writes them in the same way. */

/** With commas between thousands: 15,000. `decimals` for rates: 1,250.00. */
export function grouped(value: number, decimals = 0): string {
  const [whole = '', rest] = value.toFixed(decimals).split('.')
  const figures = whole.replace(/\B(?=(?:\d{3})+$)/g, ',')
  return rest === undefined ? figures : `${figures}.${rest}`
}

export const counted = (count: number, one: string, many: string = `${one}s`): string => `${grouped(count)} ${count === 1 ? one : many}`
