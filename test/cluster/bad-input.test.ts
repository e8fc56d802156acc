import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createNode, endpointDraft, endpointsOf, networkDraft } from '../support/cluster-lab.ts'
import { startEtcd } from '../support/etcd.ts'
import { eventually } from '../support/eventually.ts'
import { enterOwnNamespace } from '../support/own-namespace.ts'

enterOwnNamespace()

const header = { cluster_id: '1', member_id: '1', revision: '1', raft_term: '1' }

/** Answers that are not etcd's, and what the status says of them. */
const garbage: readonly [string, (path: string) => string, RegExp][] = [
  ['HTML', () => '<html><body>It works!</body></html>', /does not answer as etcd does: .*<html>/],
  ['nothing', () => '', /does not answer as etcd does/],
  ['null', () => 'null', /does not answer as etcd does: it is no object/],
  ['no header', () => '{"kvs":[]}', /does not answer as etcd does: it is no object/],
  [
    'a revision that is no number',
    () => JSON.stringify({ header: { ...header, revision: 'x' } }),
    /"x" is no 64-bit number/,
  ],
  ['a list that is none', () => JSON.stringify({ header, responses: 7 }), /it is no list/],
  [
    'bytes that are no base64',
    () => JSON.stringify({ header, responses: [{ response_range: { kvs: [{ key: '%' }] } }] }),
    /no base64/,
  ],
]

test('openCluster() says what is wrong with a store that answers garbage, and is there all the same', async () => {
  for (const [what, answer, reason] of garbage) {
    await using server = await serve((path) => answer(path))
    await using a = createNode({ ports: [server.port] }, what)
    const cluster = await a.open()
    const { reachable, reason: said } = cluster.status()
    assert.equal(reachable, false, what)
    assert.match(said, reason, what)
    await assert.rejects(cluster.createNetwork(networkDraft('net')), { kind: 'unavailable' })
    assert.deepEqual(cluster.networks(), [])
  }
})

test('openCluster() with an address where nobody is says so, and goes on to the members that are there', async () => {
  await using a = createNode({ ports: [1] }, 'a')
  const alone = await a.open()
  assert.match(alone.status().reason, /ECONNREFUSED/)
  await assert.rejects(
    alone.createNetwork(networkDraft('net')),
    /^EngineError: etcd unreachable since .*: cannot create network "net"/,
  )
  await a.close()
  await using etcd = await startEtcd()
  await using server = await serve(() => 'garbage')
  await using b = createNode({ ports: [1, server.port, ...etcd.ports] }, 'b')
  assert.equal((await b.open()).status().reachable, true)
})

test('Cluster skips keys and values that somebody else has written, tells of each once, and serves the rest', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a')
  await using b = createNode(etcd, 'b')
  const one = await a.open()
  const { id } = await one.createNetwork(networkDraft('net'))
  const web = await one.reserveEndpoint(endpointDraft(id, 'web'))
  const hex = 'f'.repeat(64)
  const theirs: Record<string, string> = {
    hello: 'world',
    [`net/${hex}`]: 'no json',
    [`net/${'e'.repeat(64)}`]: JSON.stringify({ version: 1, id: hex, name: 7 }),
    [`ep/${id}/${hex}`]: JSON.stringify({ version: 1, id: hex }),
    [`ep/${id}/${hex}/more`]: '{}',
    [`nodereg/${hex}`]: '[]',
    [`node/${hex}`]: JSON.stringify({ version: 2, boot: 'x', engineVersion: 'y' }),
    '': 'the root itself',
  }
  for (const [key, value] of Object.entries(theirs)) await etcd.ctl('put', `/wharf/test/${key}`, value)
  const two = await b.open()
  for (const node of [a, b]) await eventually(async () => node.warnings.length, Object.keys(theirs).length)
  for (const node of [one, two]) {
    assert.deepEqual(endpointsOf(node, id), ['web 10.0.0.2/24'])
    await eventually(async () => node.nodes().map(({ name }) => name), ['a', 'b'])
    assert.deepEqual(
      node.networks().map(({ name }) => name),
      ['net'],
    )
  }
  // A value of ours that somebody spoils is put right by its owner.
  await etcd.ctl('put', `/wharf/test/ep/${id}/${web.id}`, 'spoilt')
  await eventually(async () => two.endpoint(web.id)?.containerName, 'web')
  await etcd.ctl('del', `/wharf/test/ep/${id}/${hex}`)
  await one.releaseEndpoint(web.id)
  await assert.rejects(
    one.removeNetwork(id),
    new RegExp(`network net has active endpoints \\(key:"/wharf/test/ep/${id}/${hex}/more"\\)`),
  )
  await etcd.ctl('del', `/wharf/test/ep/${id}/${hex}/more`)
  await one.removeNetwork(id)
})

test('openCluster() wants nothing to do with another cluster under its path', async () => {
  await using etcd = await startEtcd()
  await using a = createNode(etcd, 'a')
  const one = await a.open()
  await one.createNetwork(networkDraft('ours'))
  await a.close()
  await etcd.ctl('put', '/wharf/test/cluster', JSON.stringify({ version: 1, id: 'a'.repeat(64) }))
  const again = await a.open()
  assert.match(
    again.status().reason,
    /holds the data of another cluster \(aaaaaaaaaaaa, this node was in [0-9a-f]{12}\): name another kv.path/,
  )
  assert.deepEqual(
    again.networks().map(({ name }) => name),
    ['ours'],
  )
  await assert.rejects(again.createNetwork(networkDraft('more')), { kind: 'unavailable' })
  await a.close()
  await etcd.ctl('put', '/wharf/test/cluster', 'junk')
  assert.match((await a.open()).status().reason, /holds something else: "junk"/)
})

/** A server that is not etcd. */
async function serve(answer: (path: string) => string): Promise<AsyncDisposable & { readonly port: number }> {
  const server: Server = createServer((request, response) => void response.end(answer(request.url ?? '')))
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
