import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EndpointRecord } from '../model.ts'
import { type FoundLink, foundLinks, linkAnswers } from './linked-endpoints.ts'

function link(alias: string, addresses: Pick<EndpointRecord, 'ipv4' | 'ipv6'>): FoundLink {
  return { alias, target: addresses as EndpointRecord }
}

test('foundLinks() finds neighbours by name and by id, and the linker itself before it is recorded', () => {
  const named = (containerName: string, containerId: string, links: readonly string[] = []) =>
    ({ containerName, containerId, links }) as EndpointRecord
  const [kit, lou] = [named('kit', 'a1'), named('lou', 'b2')]
  const own = named('max', 'c3', ['kit', '/b2:db', 'max:self', 'nobody:x'])
  assert.deepEqual(foundLinks([kit, lou], own), [
    { alias: 'kit', target: kit },
    { alias: 'db', target: lou },
    { alias: 'self', target: own },
  ])
})

test('linkAnswers() takes an address of each family from the first network that has one', () => {
  const first = [link('db', { ipv4: '10.1.0.2/24' })]
  const second = [link('db', { ipv4: '10.2.0.2/24', ipv6: 'fd00::2/64' }), link('web', { ipv4: '10.2.0.3/24' })]
  assert.deepEqual(linkAnswers([first, second]), { db: ['10.1.0.2', 'fd00::2'], web: ['10.2.0.3'] })
  assert.deepEqual(linkAnswers([]), {})
})

test('linkAnswers() takes the last of two on one network that are called the same', () => {
  const links = [link('db', { ipv4: '10.1.0.2/24' }), link('db', { ipv4: '10.1.0.3/24' })]
  assert.deepEqual(linkAnswers([links]), { db: ['10.1.0.3'] })
})
