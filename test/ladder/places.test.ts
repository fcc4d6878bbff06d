import { describe, expect, it } from 'vitest'
import { orderPlaces } from '../../core/ladder/index.ts'
import type { PlaceKind } from '../../core/ladder/index.ts'
import { exampleLadder, hopsOf } from './exampleLadder.ts'

const kindOf = (place: string): PlaceKind => {
  if (place === 'okafor-desk') return 'caller'
  if (place.endsWith('/CallManager')) return 'cm'
  if (place.endsWith('/CPNS')) return 'cpns'
  if (place.endsWith('/LPNS')) return 'lpns'
  if (place === 'proxy' || place === 'firewall') return 'edge'
  if (place === 'push-rest') return 'cloud'
  if (place === 'apns' || place === 'fcm') return 'partner'
  if (place.startsWith('imp')) return 'im'
  return place.endsWith('phone') ? 'device' : 'other'
}
const label = (place: string): string => (place === 'lab' ? '' : place)
const between = (...pairs: [string, string][]) =>
  hopsOf(
    1,
    0,
    pairs.map(([from, to], at) => [at, at, from, to, 'SIP', 'm', 'o', 'ok', 'CALL-01']),
  )

describe('order of the columns', () => {
  it('[CALL-01] follows the chain of a push from caller to phone', () => {
    expect(orderPlaces(exampleLadder().hops, label, kindOf)).toEqual([
      'okafor-desk',
      'ucm-sub1/CallManager',
      'ucm-sub1/CPNS',
      'push-rest',
      'apns',
      'ana-iphone',
    ])
  })

  it('puts the phone last even when it spoke first', () => {
    expect(orderPlaces(between(['ana-iphone', 'ucm/CallManager'], ['ucm/CPNS', 'proxy'], ['proxy', 'push-rest']), label, kindOf)).toEqual([
      'ucm/CallManager',
      'ucm/CPNS',
      'proxy',
      'push-rest',
      'ana-iphone',
    ])
  })

  it('keeps places of one kind in the order in which the flow reached them', () => {
    const hops = between(['b-iphone', 'sub2/CallManager'], ['b-iphone', 'pub/CallManager'], ['a-iphone', 'pub/CallManager'])
    expect(orderPlaces(hops, label, kindOf)).toEqual(['sub2/CallManager', 'pub/CallManager', 'b-iphone', 'a-iphone'])
  })

  it('gives no column to a place without a name, and each place one column', () => {
    expect(orderPlaces(between(['lab', 'push-rest'], ['push-rest', 'push-rest']), label, kindOf)).toEqual(['push-rest'])
    expect(orderPlaces([], label, kindOf)).toEqual([])
  })
})
