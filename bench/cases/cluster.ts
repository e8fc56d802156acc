import { readFileSync } from 'node:fs'
import { type Etcd, startEtcd } from '../../test/support/etcd.ts'
import type { Host } from '../../test/support/host.ts'
import { createLan } from '../../test/support/hosts.ts'
import type { Row } from '../support/report.ts'
import { SimulatedHosts } from '../support/simulated-hosts.ts'

const processes = 4

/** Hosts, and the endpoints of each: more hosts with as many endpoints in all, then more with as many each. */
const sizes = [
  { hosts: 25, each: 40 },
  { hosts: 50, each: 20 },
  { hosts: 100, each: 10 },
  { hosts: 50, each: 40 },
  { hosts: 100, each: 40 },
  { hosts: 100, each: 100 },
] as const

/** What hosts and etcd pay for a crowd of hosts and endpoints. The hosts share one network, and have no kernel part. */
export async function cluster(): Promise<Row[]> {
  const rows: Row[] = []
  for (const size of sizes) rows.push(...(await measure(size)))
  return rows
}

async function measure({ hosts, each }: (typeof sizes)[number]): Promise<Row[]> {
  using lan = createLan(2)
  const [store, place] = lan.hosts as [Host, Host]
  await using etcd = await startEtcd({ host: store, address: lan.addresses[0]! })
  await using crowd = await SimulatedHosts.open(place, { members: etcd.members, count: hosts, processes })
  const network = await crowd.createNetwork('10.64.0.0/16')
  const total = hosts * each
  const empty = await crowd.usagePerHost()
  const bytes = await receivedBytes(place)
  const busy = processorSeconds(etcd.pids[0]!)
  const begin = performance.now()
  await crowd.reserve(network, each)
  await crowd.wait(network, total)
  const seconds = (performance.now() - begin) / 1000
  const told = ((await receivedBytes(place)) - bytes) / hosts
  const used = processorSeconds(etcd.pids[0]!) - busy
  const full = await crowd.usagePerHost()
  const taken = full.bytes - empty.bytes
  const worked = full.seconds - empty.seconds
  const floor = await recordBytes(etcd)
  const size = `${hosts} hosts with ${each} each`
  return [
    { what: `${size}, from etcd to each`, value: told / 2 ** 20, unit: 'MiB', floor: floor / 2 ** 20 },
    { what: '  for each endpoint', value: told / total / 1024, unit: 'KiB', floor: floor / total / 1024 },
    { what: '  memory of each host', value: taken / 2 ** 20, unit: 'MiB', floor: floor / 2 ** 20 },
    { what: '  for each endpoint', value: taken / total / 1024, unit: 'KiB', floor: floor / total / 1024 },
    { what: '  of each host’s processor, for each endpoint', value: (worked * 1e6) / total, unit: 'µs' },
    { what: '  of etcd’s processor, for each endpoint', value: (used * 1000) / total, unit: 'ms' },
    { what: '  the same, for each host that it is told', value: (used * 1e6) / total / hosts, unit: 'µs' },
    { what: '  until all know all', value: seconds, unit: 's' },
  ]
}

/** All that has come to a host, headers too: here etcd alone sends. */
async function receivedBytes(host: Host): Promise<number> {
  const [{ stats64 }] = await host.ip('-s', 'link', 'show', 'eth0')
  return stats64.rx.bytes
}

/** @source proc(5), fields 14 and 15 of stat, in hundredths */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Keys and values of all endpoints: what a host cannot do without. */
async function recordBytes(etcd: Etcd): Promise<number> {
  return Buffer.byteLength(await etcd.ctl('get', '--prefix', '/wharf/default/ep/', '--write-out', 'simple'))
}
