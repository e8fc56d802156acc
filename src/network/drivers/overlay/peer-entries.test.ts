import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PeerSpec } from '../../peers.ts'
import { compareEntries, countEntries, entriesOf, type HeldEntries } from './peer-entries.ts'
import { planOverlay } from './plan.ts'

const plan = planOverlay({
  id: '0123456789abcdef'.repeat(4),
  name: 'over',
  isDefault: false,
  internal: false,
  enableIPv6: true,
  options: {},
  subnets: [
    { prefix: '10.0.0.0/24', vni: 5 },
    { prefix: '10.1.0.0/24', vni: 6 },
    { prefix: 'fd00::/64', vni: 5 },
  ],
})
const devices = {
  bridge: 2,
  tunnels: new Map([
    [5, 3],
    [6, 4],
  ]),
}
const one: PeerSpec = {
  endpointId: 'a',
  addresses: ['10.0.0.9/24', 'fd00:0::9/64'],
  mac: '02:42:0a:00:00:09',
  hostAddress: '2001:DB8::1',
}
const two: PeerSpec = { ...one, endpointId: 'b', addresses: ['10.1.0.9/24'], mac: '02:42:0a:01:00:09' }

/** What the kernel holds after it was told of `peers`. */
function heldFor(peers: readonly PeerSpec[]): HeldEntries {
  const { remotes, ports, neighbours } = entriesOf(plan, peers, devices)
  const own = { index: 3, mac: 'ee:00:00:00:00:03', place: 'bridge', permanent: true, master: 2 } as const
  return {
    forwarding: [...remotes, ...ports].map((entry) => ({ ...entry, permanent: true, master: 2 })).concat(own as never),
    neighbours: neighbours.map((entry) => ({ ...entry, permanent: true, state: 128 })),
    tunnelMacs: new Set(['ee:00:00:00:00:03']),
  }
}

test('entriesOf() puts a peer behind the tunnel of its subnet, its addresses as the kernel writes them', () => {
  assert.deepEqual(entriesOf(plan, [one, two], devices), {
    remotes: [
      { index: 3, mac: one.mac, place: 'self', remote: '2001:db8::1' },
      { index: 4, mac: two.mac, place: 'self', remote: '2001:db8::1' },
    ],
    ports: [
      { index: 3, mac: one.mac, place: 'bridge' },
      { index: 4, mac: two.mac, place: 'bridge' },
    ],
    neighbours: [
      { index: 2, address: '10.0.0.9', mac: one.mac },
      { index: 2, address: 'fd00::9', mac: one.mac },
      { index: 2, address: '10.1.0.9', mac: two.mac },
    ],
  })
})

test('compareEntries() finds what is missing and what is extra, and nothing where all is right', () => {
  const compare = (wanted: readonly PeerSpec[], held: HeldEntries) => {
    const { missing, extra } = compareEntries(entriesOf(plan, wanted, devices), held, devices)
    return [countEntries(missing), countEntries(extra)]
  }
  assert.deepEqual(compare([one, two], heldFor([one, two])), [0, 0])
  assert.deepEqual(compare([one, two], heldFor([one])), [3, 0])
  assert.deepEqual(compare([two], heldFor([one, two])), [0, 4])
  assert.deepEqual(compare([{ ...one, hostAddress: '192.0.2.7' }], heldFor([one])), [1, 1])
  const learned = heldFor([one])
  const others = learned.neighbours.map((entry) => ({ ...entry, address: '10.0.0.77', permanent: false }))
  assert.deepEqual(compare([one], { ...learned, neighbours: [...learned.neighbours, ...others] }), [0, 0])
})
