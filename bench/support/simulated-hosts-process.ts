/**
 * Hosts without a kernel part: each has its own part in the cluster, its own copy of it in memory and on disk, and
 * nothing else. Takes one order at a time from its parent and answers each; see `SimulatedHosts`.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EngineError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Cluster } from '../../src/cluster/cluster.ts'
import type { NetworkDraft } from '../../src/cluster/model.ts'
import { openCluster } from '../../src/cluster/open-cluster.ts'
import { sharedAddressing } from '../../src/network/ipam/shared-addressing.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import type { SimulationOrder } from './simulated-hosts.ts'

/** Hosts that start containers at the same time. */
const atOnce = 2
// In memory: a hundred hosts have a hundred disks, not this one.
const root = mkdtempSync(join('/dev/shm', 'simulated-'))
process.on('exit', () => rmSync(root, { recursive: true, force: true }))
const hosts: { readonly cluster: Cluster; readonly number: number }[] = []
const undo = new AsyncDisposableStack()
const ended = Promise.withResolvers<void>()

process.on('disconnect', () => ended.resolve())
process.on('message', (order: SimulationOrder) => {
  obey(order).then(
    (answer) => tell({ answer }),
    (error: Error) => tell({ error: error.stack }),
  )
})
process.send!({ answer: 'ready' })
await ended.promise
await undo.disposeAsync()
process.exit()

/** Whoever asked may have given up meanwhile. */
function tell(message: object): void {
  if (process.connected) process.send!(message, () => {})
}

async function obey(order: SimulationOrder): Promise<unknown> {
  switch (order.do) {
    case 'open':
      for (let i = 0; i < order.count; i++) await open(order.first + i, order.members)
      return
    case 'network':
      return (await hosts[0]!.cluster.createNetwork(networkDraft(order.subnet))).id
    case 'reserve':
      return await reserveAll(order)
    case 'wait':
      for (const { cluster } of hosts) {
        while (cluster.endpoints(order.networkId).length < order.total) await sleep(5)
      }
      return
    case 'usage':
      return { bytes: collectedHeap(), seconds: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6 }
  }
}

/** Bytes of what is still needed. */
function collectedHeap(): number {
  globalThis.gc!()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function open(number: number, members: readonly string[]): Promise<void> {
  const id = createHash('sha256').update(`simulated ${number}`).digest('hex')
  const store = undo.use(openSqliteStore(join(root, `${number}.db`)))
  const cluster = await openCluster({
    self: { id, name: `simulated${number}`, address: `198.51.100.${number}`, mtu: 1500 },
    engineVersion: 'simulated',
    etcd: { members, tls: {} },
    path: 'wharf/default',
    store,
    addressing: sharedAddressing(Buffer.from(id, 'hex')),
    log: silentLog,
    // A hundred of them share the processors of one: that must not cost them their place.
    timing: { leaseSeconds: 60 },
  })
  undo.defer(() => cluster.close())
  hosts.push({ cluster, number })
}

function networkDraft(subnet: string): NetworkDraft {
  return {
    ...{ name: `crowd ${subnet}`, driver: 'overlay', subnets: [{ subnet }], mtu: 1500 },
    ...{ enableIPv4: true, enableIPv6: false, internal: false, attachable: true },
    ...{ ipamOptions: {}, options: {}, labels: {} },
  }
}

type Reservation = Extract<SimulationOrder, { do: 'reserve' }>

/** A few hosts at once: all of them share this one machine with etcd. */
async function reserveAll(order: Reservation): Promise<void> {
  const work = hosts.values()
  const worker = async () => {
    for (const host of work) await reserve(host, order)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** One after the other, as a host starts its containers. */
async function reserve({ cluster, number }: (typeof hosts)[number], { networkId, each }: Reservation): Promise<void> {
  while (cluster.network(networkId) === undefined) await sleep(1)
  for (let i = 0; i < each; i++) {
    const containerName = `far-${networkId.slice(0, 6)}-${number}-${i}`
    const containerId = createHash('sha256').update(containerName).digest('hex')
    const dnsNames = [containerName, containerId.slice(0, 12)]
    await insist(() =>
      cluster.reserveEndpoint({ networkId, containerId, containerName, mac: macOf, dnsNames, aliases: [] }),
    )
  }
}

/** All these hosts together have the processors of one: etcd may seem to be away, and is asked again. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind !== 'unavailable') throw error
      await sleep(200)
    }
  }
}

function macOf(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'))
  return ['02', '42', ...bytes].join(':')
}
