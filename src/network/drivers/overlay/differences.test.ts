import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entryDifferences } from './differences.ts'
import type { PeerEntries } from './peer-entries.ts'

const none: PeerEntries = { remotes: [], ports: [], neighbours: [] }
const mac = '02:42:0a:01:00:02'
const peers = [{ endpointId: 'e', mac, addresses: ['10.1.0.2/24'], hostAddress: '192.0.2.2' }]
const nameOf = () => 'vx4096'
const remote = (host: string) => ({ index: 5, mac, place: 'self', remote: host }) as const
const port = { index: 5, mac, place: 'bridge' } as const
const neighbour = (of = mac) => ({ index: 2, address: '10.1.0.2', mac: of })

test('entryDifferences() says of each entry what is wrong with it, and about whom', () => {
  const missing = { remotes: [remote('192.0.2.2')], ports: [port], neighbours: [neighbour()] }
  assert.deepEqual(entryDifferences({ missing, extra: none }, peers, nameOf), [
    { what: `tunnel vx4096 has no entry for ${mac}, which is on host 192.0.2.2`, about: 'e' },
    { what: `bridge br0 does not know that ${mac} is behind tunnel vx4096`, about: 'e' },
    { what: `bridge br0 does not answer ARP or NDP for 10.1.0.2, which has ${mac}`, about: 'e' },
  ])
  const wrong = { ...none, remotes: [remote('192.0.2.9')], neighbours: [neighbour('02:00:00:00:00:01')] }
  assert.deepEqual(entryDifferences({ missing: { ...missing, ports: [] }, extra: wrong }, peers, nameOf), [
    { what: `tunnel vx4096 sends ${mac} to host 192.0.2.9, but it is on host 192.0.2.2`, about: 'e' },
    { what: `bridge br0 answers for 10.1.0.2 with 02:00:00:00:00:01, but it has ${mac}`, about: 'e' },
  ])
  assert.deepEqual(entryDifferences({ missing: none, extra: { ...wrong, ports: [port] } }, [], nameOf), [
    { what: `tunnel vx4096 sends ${mac} to host 192.0.2.9: nobody there has that address` },
    { what: `bridge br0 sends ${mac} into tunnel vx4096: no other host has that address` },
    { what: 'bridge br0 answers for 10.1.0.2 with 02:00:00:00:00:01: no other host has that address' },
  ])
})
