import { describe, expect, it } from 'vitest'
import { meshNodes, meshState } from '../../../renderer/views/localPush/mesh.ts'
import { cellOf, certificateText, headlineOf, unknownTo, whyOut } from '../../../renderer/views/localPush/meshWords.ts'
import { certificate, splitMesh, wholeMesh } from '../fixtures/localPush.ts'
import { NOW } from '../fixtures/rows.ts'

const headline = (rows = wholeMesh(), now = NOW) => headlineOf(meshState(rows), meshNodes(rows).length, now)

describe('the mesh in words', () => {
  it('[LPNS-19] says whether it is whole, and for how many whole seconds it is split', () => {
    expect(headline()).toEqual({ state: 'up', word: 'whole, 3 nodes' })
    expect(headline(splitMesh())).toEqual({ state: 'down', word: 'split in 2 parts for 15 s' })
    expect(headline(splitMesh(), NOW + 999)).toEqual({ state: 'down', word: 'split in 2 parts for 15 s' })
    expect(headline([])).toEqual({ state: 'idle', word: 'no mesh' })
  })

  it('[LPNS-20] counts who is left when the service of a node stops, and says why that one is out', () => {
    const rows = wholeMesh()
    const [first, ...others] = rows
    const stopped = { ...first!, services: first!.services.map((one) => ({ ...one, state: 'stopped' as const })) }
    expect(headline([stopped, ...others])).toEqual({ state: 'degraded', word: '2 nodes of 3' })
    const [out, sub1] = meshNodes([stopped, ...others])
    expect(whyOut(out!)).toBe('LPNS stopped')
    expect(cellOf(sub1!, out!)).toMatchObject({ mark: 'out', title: `${out!.label}: LPNS stopped` })
  })

  it('[LPNS-19] of two nodes: joined, lost, or one and the same', () => {
    const [pub, sub1, sub2] = meshNodes(splitMesh())
    expect(cellOf(pub!, pub!).mark).toBe('self')
    expect(cellOf(pub!, sub1!)).toMatchObject({ mark: 'joined', text: 'joined' })
    expect(cellOf(pub!, sub2!).mark).toBe('lost')
    expect(cellOf({ ...pub!, mesh: { ...pub!.mesh, peers: [] } }, sub1!)).toMatchObject({ mark: 'lost', text: 'unknown' })
  })

  it('[LPNS-19] a node does not know the sessions that others hold and have not told it', () => {
    const nodes = meshNodes(wholeMesh())
    const all = nodes.reduce((sum, node) => sum + node.mesh.sessions, 0)
    const blind = { ...nodes[0]!, mesh: { ...nodes[0]!.mesh, known: all - 2 } }
    expect(unknownTo(blind, nodes)).toBe(2)
    expect(unknownTo({ ...blind, mesh: { ...blind.mesh, known: all } }, nodes)).toBe(0)
    expect(unknownTo({ ...blind, state: 'crashed' }, nodes)).toBe(0)
  })

  it('[LPNS-25] a certificate is its issuer and its age', () => {
    expect(certificateText({ certificate: null })).toBe('none')
    expect(certificateText({ certificate: certificate({ issuer: 'private CA', validDays: 396, ageDays: 1 }) })).toBe(
      'private CA, 396 days, 1 of them gone',
    )
  })
})
