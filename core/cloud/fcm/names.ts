/** Field names of Google's JSON: `collapse_key` is also `collapseKey`. */
export const camel = (name: string): string => name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase())
