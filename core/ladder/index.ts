/** Ladders outside the window: pasted into a ticket, printed, read by a program. */
export { ladderJson, LADDER_JSON_VERSION } from './json.ts'
export { orderPlaces } from './places.ts'
export type { PlaceKind } from './places.ts'
export { ladderSvg } from './svg.ts'
export type { SvgOptions } from './svg.ts'
export { ladderText } from './text.ts'
export { MODELLED_NOTE } from './words.ts'
export type { RunName } from './words.ts'
