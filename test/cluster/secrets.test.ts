import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SharedSecrets } from '../../src/cluster/secrets/secrets-model.ts'
import { createNode, cutOff, endpointDraft, networkDraft } from '../support/cluster-lab.ts'
import { startEtcd } from '../support/etcd.ts'
import { eventually } from '../support/eventually.ts'
import { enterOwnNamespace } from '../support/own-namespace.ts'

enterOwnNamespace()

const numbers = (secrets: SharedSecrets | undefined) =>
  secrets && { accepted: secrets.generations.map(({ number }) => number), sending: secrets.sending }

test('Cluster makes one secret for a network however many ask at once, and a start without etcd has it', async () => {
  await using etcd = await startEtcd({ count: 1 })
  await using a = createNode(etcd, 'a')
  await using b = createNode(etcd, 'b')
  const nodes = [await a.open(), await b.open()]
  const { id } = await nodes[0]!.createNetwork(networkDraft('net'))
  const [first, second] = await Promise.all(nodes.map((node) => node.secrets.ensure(id)))
  assert.deepEqual(first, second)
  assert.match(first!.generations[0]!.secret, /^[0-9a-f]{64}$/)
  await eventually(
    async () => nodes.map((node) => numbers(node.secrets.get(id))),
    [
      { accepted: [1], sending: 1 },
      { accepted: [1], sending: 1 },
    ],
  )
  await b.close()
  using _ = cutOff(b)
  const again = await b.open()
  assert.deepEqual(again.secrets.get(id), first)
  await assert.rejects(again.secrets.rotate(id), { kind: 'unavailable' })
})

test('Cluster changes a secret only as fast as every member follows, and waits for one that does not', async () => {
  await using etcd = await startEtcd({ count: 1 })
  await using a = createNode(etcd, 'a')
  await using b = createNode(etcd, 'b')
  const nodes = [await a.open(), await b.open()] as const
  const { id } = await nodes[0].createNetwork(networkDraft('net'))
  await eventually(async () => nodes[1].network(id)?.name, 'net')
  for (const [i, node] of nodes.entries()) await node.reserveEndpoint(endpointDraft(id, `c${i}`))
  await eventually(async () => nodes.map(({ secrets }) => secrets.members(id).length), [2, 2])
  for (const node of nodes) await node.secrets.tell(await node.secrets.ensure(id))

  const tellAll = async () => {
    for (const { secrets } of nodes) await secrets.tell(secrets.get(id)!)
  }
  const isEverywhere = (accepted: number[], sending: number) =>
    eventually(
      async () => nodes.map(({ secrets }) => numbers(secrets.get(id))),
      [
        { accepted, sending },
        { accepted, sending },
      ],
    )
  await nodes[1].secrets.rotate(id)
  await isEverywhere([1, 2], 1)
  await assert.rejects(nodes[0].secrets.rotate(id), { kind: 'conflict', message: /waits for a, b/ })
  await nodes[0].secrets.tell(nodes[0].secrets.get(id)!)
  await nodes[0].secrets.advance(id)
  assert.deepEqual(numbers(nodes[0].secrets.get(id)), { accepted: [1, 2], sending: 1 }, 'b has not heard of it')
  await tellAll()
  await eventually(async () => nodes[0].secrets.awaited(id), [])
  await nodes[0].secrets.advance(id)
  await isEverywhere([1, 2], 2)
  await tellAll()
  await eventually(async () => nodes[0].secrets.awaited(id), [])
  await Promise.all(nodes.map(({ secrets }) => secrets.advance(id))) // both at once: one is quicker
  await isEverywhere([2], 2)

  await nodes[0].secrets.forget(id)
  await eventually(async () => nodes.map(({ secrets }) => secrets.get(id)), [undefined, undefined])
  assert.deepEqual(a.warnings, [])
})

test('Cluster skips what is not a secret, and never shows it', async () => {
  await using etcd = await startEtcd({ count: 1 })
  await using a = createNode(etcd, 'a')
  const cluster = await a.open()
  const { id } = await cluster.createNetwork(networkDraft('net'))
  await etcd.ctl('put', `/wharf/test/secret/${id}`, '{"version":1,"secret":"hush"}')
  await eventually(async () => a.warnings.length, 1)
  assert.equal(cluster.secrets.get(id), undefined)
  assert.doesNotMatch(a.warnings.join(), /hush/)
  await assert.rejects(cluster.secrets.ensure(id), /etcd holds something else/)
})
