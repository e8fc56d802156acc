import { type Etcd, startEtcd } from '../../test/support/etcd.ts'
import type { Host } from '../../test/support/host.ts'
import { createLan } from '../../test/support/hosts.ts'
import { type BenchEngine, openBenchEngine } from './engine.ts'

/** Engines on hosts of their own, on one wire with an etcd of one member. */
export interface BenchLan extends AsyncDisposable {
  readonly engines: readonly BenchEngine[]
  readonly etcd: Etcd
  /** Where etcd lives, on the same wire. */
  readonly etcdHost: Host
}

/** Starts them. */
export async function openBenchLan(count: number): Promise<BenchLan> {
  await using stack = new AsyncDisposableStack()
  const lan = stack.use(createLan(count + 1))
  const etcdHost = lan.hosts.at(-1)!
  const etcd = stack.use(await startEtcd({ host: etcdHost, address: lan.addresses.at(-1)! }))
  const store = `etcd://${etcd.members[0]!.replace('http://', '')}`
  const engines: BenchEngine[] = []
  for (const [i, host] of lan.hosts.slice(0, count).entries()) {
    const name = ['--cluster-store-opt', `node.name=host${i + 1}`]
    const flags = ['--cluster-store', store, '--cluster-advertise', lan.addresses[i]!, ...name]
    engines.push(stack.use(await openBenchEngine({ host, flags })))
  }
  const owned = stack.move()
  return { engines, etcd, etcdHost, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
