import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AddressPools } from '../../src/cluster/endpoints/address-pools.ts'
import type { SharedNetwork } from '../../src/cluster/model.ts'
import { sharedAddressing } from '../../src/network/ipam/shared-addressing.ts'
import { createNode, endpointDraft, networkDraft } from '../support/cluster-lab.ts'
import { startEtcd } from '../support/etcd.ts'
import { eventually } from '../support/eventually.ts'
import { enterOwnNamespace } from '../support/own-namespace.ts'

enterOwnNamespace()

test('AddressPools.choose() after misses goes further on, and keeps nothing of what it passed', () => {
  const pools = new AddressPools(sharedAddressing(Buffer.alloc(32)), () => [])
  const network: SharedNetwork = {
    ...networkDraft('net'),
    ...{ id: 'n', vni: 4096, created: '', createdBy: '' },
    subnets: [{ subnet: '10.0.0.0/25', gateway: '10.0.0.1' }],
  }
  const chosen = Array.from({ length: 125 }, (_, i) => pools.choose(network, {}, `e${i}`, i % 12).ipv4)
  assert.equal(new Set(chosen).size, 125)
  assert.throws(() => pools.choose(network, {}, 'more', 12), /no available IPv4 addresses/)
  const far = Array.from({ length: 20 }, () => {
    const apart = new AddressPools(sharedAddressing(Buffer.alloc(32)), () => [])
    return apart.choose(network, {}, 'e', 6).ipv4
  })
  assert.ok(new Set(far).size > 5, `hosts that choose together go apart: ${far}`)
})

test('AddressPools.choose() uses up one subnet after the other, and knows that of an address that is insisted on', () => {
  const pools = new AddressPools(sharedAddressing(Buffer.alloc(32)), () => [])
  const network: SharedNetwork = {
    ...networkDraft('net'),
    ...{ id: 'n', vni: 4096, created: '', createdBy: '' },
    subnets: ['10.0.0.0/30', '10.0.1.0/30', 'fd00::/126'].map((subnet) => ({ subnet })),
  }
  const wishes = [{}, { ipv4: '10.0.1.2' }, {}].map((wish, i) => pools.choose(network, wish, `e${i}`).ipv4)
  assert.deepEqual(wishes, ['10.0.0.1/30', '10.0.1.2/30', '10.0.0.2/30'])
  assert.throws(
    () => pools.choose(network, { ipv4: '10.0.2.1' }, 'e'),
    /no configured subnet contains IP address 10\.0\.2\.1/,
  )
  assert.throws(() => pools.choose(network, { ipv4: '10.0.1.3' }, 'e'), { message: 'Address already in use' })
  pools.release({ id: 'e0', networkId: 'n', ipv6: 'fd00::1/126' }) // three are all that there are
  assert.deepEqual(pools.choose(network, {}, 'e3'), { ipv4: '10.0.1.1/30', ipv6: 'fd00::1/126' })
})

test('Cluster gives 50 endpoints that three nodes reserve at once addresses of their own, and all nodes see them', async () => {
  await using etcd = await startEtcd({ count: 3 })
  await using a = createNode(etcd, 'a')
  await using b = createNode(etcd, 'b')
  await using c = createNode(etcd, 'c')
  const nodes = [await a.open(), await b.open(), await c.open()]
  const network = await nodes[0]!.createNetwork(networkDraft('net'))
  await eventually(async () => nodes.map((node) => node.network(network.id)?.vni), [4096, 4096, 4096])
  const made = await Promise.all(
    Array.from({ length: 50 }, (_, i) => nodes[i % 3]!.reserveEndpoint(endpointDraft(network.id, `c${i}`))),
  )
  assert.equal(new Set(made.map(({ ipv4 }) => ipv4)).size, 50)
  const wanted = made.map(({ id, ipv4 }) => `${id} ${ipv4}`).sort()
  for (const node of nodes) {
    await eventually(
      async () =>
        node
          .endpoints(network.id)
          .map(({ id, ipv4 }) => `${id} ${ipv4}`)
          .sort(),
      wanted,
    )
  }
  const claims = await etcd.ctl('get', '--prefix', '--keys-only', `/wharf/test/taken/ip/${network.id}/`)
  assert.equal(claims.trim().split(/\s+/).length, 50)
  await Promise.all(made.map(({ id }, i) => nodes[i % 3]!.releaseEndpoint(id)))
  await nodes[1]!.removeNetwork(network.id)
  const left = await etcd.ctl('get', '--prefix', '--keys-only', '/wharf/test/taken/')
  assert.deepEqual(left.trim().split(/\s+/), ['/wharf/test/taken/turn'])
  assert.deepEqual([...a.warnings, ...b.warnings, ...c.warnings], [])
})
