import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SharedEndpoint } from '../../src/cluster/model.ts'
import { type ClusterNodeLab, createNode, cutOff, endpointDraft, networkDraft } from '../support/cluster-lab.ts'
import { type Etcd, startEtcd } from '../support/etcd.ts'
import { eventually } from '../support/eventually.ts'
import { enterOwnNamespace } from '../support/own-namespace.ts'

enterOwnNamespace()

/** The same for everybody unless told. */
const seed = Number(process.env['CLUSTER_SEED'] ?? 1)
const steps = Number(process.env['CLUSTER_STEPS'] ?? 60)

/** One host: what its containers hold is what it was given and has not given back, nothing else. */
interface Walker {
  readonly lab: ClusterNodeLab
  readonly held: Map<string, SharedEndpoint>
  cut: Disposable | undefined
  isOpen: boolean
}

test('Cluster has, after whatever has happened, the endpoints that its hosts hold, each with addresses of its own', {
  timeout: 300_000,
}, async (t) => {
  t.diagnostic(`CLUSTER_SEED=${seed} CLUSTER_STEPS=${steps}`)
  const random = numbers(seed)
  await using etcd = await startEtcd({ count: 3 })
  await using a = createNode(etcd, 'a', { timing: { leaseSeconds: 3 } })
  await using b = createNode(etcd, 'b', { timing: { leaseSeconds: 3 } })
  await using c = createNode(etcd, 'c', { timing: { leaseSeconds: 3 } })
  const hosts: Walker[] = [a, b, c].map((lab) => ({ lab, held: new Map(), cut: undefined, isOpen: true }))
  for (const { lab } of hosts) await lab.open()
  const { id } = await a.cluster().createNetwork(networkDraft('net', { subnets: [{ subnet: '10.0.0.0/27' }] }))
  for (const { lab } of hosts) await eventually(async () => lab.cluster().networks().length, 1)

  const down = new Set<number>()
  let count = 0
  const done: string[] = []
  try {
    for (let step = 0; step < steps; step++) {
      const host = hosts[random(3)]!
      const what = random(20)
      if (what < 14) {
        const some = Array.from({ length: 1 + random(4) }, () => random(3))
        done.push(`${host.lab.name}: ${some.join('')}`)
        if (host.isOpen) await Promise.all(some.map((kind) => act(host, id, kind, `c${count++}`)))
      } else done.push(await disturb(what, host, etcd, down, random(3)))
    }
    await startAll(etcd, down)
    for (const host of hosts) {
      host.cut?.[Symbol.dispose]()
      if (!host.isOpen) await host.lab.open()
    }
    await converge(hosts, etcd, id)
  } catch (error) {
    if (error instanceof Error) error.stack += `\nCLUSTER_SEED=${seed}\n${done.join('\n')}`
    throw error
  }
})

/** Reserves, gives back or renames; a refusal because etcd is away, or the subnet full, is an answer too. */
async function act({ lab, held }: Walker, networkId: string, kind: number, name: string): Promise<void> {
  const cluster = lab.cluster()
  const [first] = held.values()
  try {
    if (kind === 0 || first === undefined) {
      const made = await cluster.reserveEndpoint(endpointDraft(networkId, name))
      held.set(made.id, made)
    } else if (kind === 1) {
      held.delete(first.id)
      await cluster.releaseEndpoint(first.id)
    } else {
      const names = { containerName: name, dnsNames: [name], aliases: [] }
      await cluster.updateEndpoint(first.id, names)
      if (held.has(first.id)) held.set(first.id, { ...first, ...names })
    }
  } catch (error) {
    const { message } = error as Error
    if (!/^etcd unreachable since|^no available IPv4|this host has none of that id$/.test(message)) throw error
  }
}

async function disturb(what: number, host: Walker, etcd: Etcd, down: Set<number>, member: number): Promise<string> {
  const { lab } = host
  if (what === 14 || what === 15) {
    const cut = host.cut
    host.cut = cut === undefined ? cutOff(lab) : undefined
    cut?.[Symbol.dispose]()
    return `${lab.name}: ${cut === undefined ? 'cut' : 'mended'}`
  }
  if (what === 16) {
    if (host.isOpen) await lab.close()
    else await lab.open()
    host.isOpen = !host.isOpen
    return `${lab.name}: ${host.isOpen ? 'opened' : 'closed'}`
  }
  if (what === 17 && down.size === 0) {
    const status = JSON.parse(await etcd.ctl('endpoint', 'status', '--write-out', 'json'))
    await etcd.ctl('compaction', String(status[0].Status.header.revision)).catch((error: Error) => {
      if (!/has been compacted/.test(error.message)) throw error
    })
    return 'compacted'
  }
  if (what === 18 && down.size > 0) {
    await startAll(etcd, down)
    return 'all members started'
  }
  if (down.has(member)) return 'nothing'
  down.add(member)
  await etcd.kill9(member)
  return `member ${member} killed`
}

/** Together: without a majority none of them serves. */
async function startAll(etcd: Etcd, down: Set<number>): Promise<void> {
  await Promise.all([...down].map((index) => etcd.start(index)))
  down.clear()
}

/** All hosts know the same, etcd has it, each address has one claim, and nobody is in quarantine. */
async function converge(hosts: readonly Walker[], etcd: Etcd, id: string): Promise<void> {
  const line = ({ id: endpoint, containerName, ipv4 }: SharedEndpoint) => `${endpoint} ${containerName} ${ipv4}`
  const wanted = hosts.flatMap(({ held }) => [...held.values()].map(line)).sort()
  for (const { lab } of hosts) await eventually(async () => lab.cluster().status().reachable, true)
  for (const { lab } of hosts) await lab.cluster().settled()
  for (const { lab } of hosts) await eventually(async () => lab.cluster().endpoints(id).map(line).sort(), wanted)
  const held = hosts.flatMap(({ held }) => [...held.values()])
  assert.equal(new Set(held.map(({ ipv4 }) => ipv4)).size, held.length, 'each address is given once')
  const { kvs = [] } = JSON.parse(await etcd.ctl('get', '--prefix', '/wharf/test/taken/ip/', '--write-out', 'json'))
  const text = (bytes: string) => Buffer.from(bytes, 'base64').toString()
  const claims = kvs.map(
    ({ key, value }: { key: string; value: string }) => `${text(value)} ${text(key).split('/').at(-1)}`,
  )
  assert.deepEqual(claims.sort(), held.map((one) => `${one.id} ${one.ipv4!.split('/')[0]}`).sort())
  assert.deepEqual(
    hosts.flatMap(({ lab }) => lab.cluster().quarantined()),
    [],
  )
}

/** Whole numbers below a bound, the same for the same seed. @source xorshift32 */
function numbers(start: number): (bound: number) => number {
  let state = (start * 2_654_435_761 + 1) | 0 || 1
  return (bound) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % bound
  }
}
