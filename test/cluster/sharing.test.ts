import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createNode, endpointDraft, networkDraft } from '../support/cluster-lab.ts'
import { startEtcd } from '../support/etcd.ts'
import { eventually } from '../support/eventually.ts'
import { enterOwnNamespace } from '../support/own-namespace.ts'

enterOwnNamespace()

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
