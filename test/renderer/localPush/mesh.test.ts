import { describe, expect, it } from 'vitest'
import { iosVerdict, VALID_DAYS_LIMIT } from '../../../renderer/views/localPush/certificate.ts'
import { lostSince, meshNodes, meshState, partsOf } from '../../../renderer/views/localPush/mesh.ts'
import { certificate, splitMesh, wholeMesh } from '../fixtures/localPush.ts'
import { nodes, NOW } from '../fixtures/rows.ts'

const names = (parts: { id: string }[][]): string[][] => parts.map((part) => part.map(({ id }) => id))

describe('the mesh', () => {
  it('[LPNS-19] is one part while all reach each other', () => {
    expect(names(partsOf(meshNodes(wholeMesh())))).toEqual([['ucm-pub', 'ucm-sub1', 'ucm-sub2']])
    expect(meshState(wholeMesh())).toMatchObject({ split: false, since: null, out: [] })
  })

  it('[LPNS-19] falls into the parts that still reach each other, and says since when', () => {
    const state = meshState(splitMesh())
    expect(names(state.parts)).toEqual([['ucm-pub', 'ucm-sub1'], ['ucm-sub2']])
    expect(state).toMatchObject({ split: true, since: NOW - 15_000 })
  })

  it('[LPNS-19] is not whole while only one of two has noticed', () => {
    const [pub, sub1] = meshNodes(wholeMesh())
    const noticed = { ...pub!, mesh: { ...pub!.mesh, peers: [{ node: 'ucm-sub1', state: 'lost' as const, since: 5_000 }] } }
    expect(names(partsOf([noticed, sub1!]))).toEqual([['ucm-pub'], ['ucm-sub1']])
    expect(lostSince(noticed, sub1!)).toBe(5_000)
    expect(lostSince(pub!, sub1!)).toBeNull()
  })

  it('[LPNS-20] a node whose service does not run takes no part, and splits nothing', () => {
    const [pub, sub1, sub2] = splitMesh()
    const stopped = { ...sub2!, services: sub2!.services.map((service) => ({ ...service, state: 'stopped' as const })) }
    const state = meshState([pub!, sub1!, stopped])
    expect(state.split).toBe(false)
    expect(state.out.map(({ id }) => id)).toEqual(['ucm-sub2'])
    expect(meshNodes(nodes)).toEqual([])
  })
})

describe('what iOS says of a certificate', () => {
  it('[LPNS-25] takes 396 days and refuses 397, whoever issued it (DEC-32)', () => {
    expect(iosVerdict(certificate({ validDays: VALID_DAYS_LIMIT - 1 }), 'ucm-sub1').state).toBe('up')
    expect(iosVerdict(certificate({ validDays: VALID_DAYS_LIMIT }), 'ucm-sub1')).toMatchObject({
      state: 'down',
      text: expect.stringContaining('397 days'),
    })
    expect(iosVerdict(certificate({ validDays: VALID_DAYS_LIMIT, issuer: 'public CA' }), 'ucm-sub1').state).toBe('down')
  })

  it('[LPNS-25] refuses one that is self-signed, expired or of another name; a private one needs its root', () => {
    expect(iosVerdict(certificate({ issuer: 'self-signed' }), 'ucm-sub1').text).toMatch(/self-signed/)
    expect(iosVerdict(certificate({ ageDays: 364 }), 'ucm-sub1').state).toBe('up')
    expect(iosVerdict(certificate({ ageDays: 365 }), 'ucm-sub1').text).toMatch(/expired/)
    expect(iosVerdict(certificate({ names: ['ucm-sub2'] }), 'ucm-sub1').text).toMatch(/names ucm-sub2, not ucm-sub1/)
    expect(iosVerdict(certificate({ names: ['*.ward.example'] }), 'ucm-sub1.Ward.example').state).toBe('up')
    expect(iosVerdict(certificate({ names: ['*.example'] }), 'ucm-sub1.ward.example').state).toBe('down')
    expect(iosVerdict(certificate(), 'ucm-sub1').word).toBe('good with the private root')
    expect(iosVerdict(certificate({ issuer: 'public CA' }), 'ucm-sub1').word).toBe('good')
  })
})
