import { getuid } from 'node:process'
import { type TestContext, test } from 'node:test'
import { bothErrors } from './both-errors.ts'
import { type Engine, openEngine } from './engine-test.ts'
import { type Etcd, startEtcd } from './etcd.ts'
import type { Host } from './host.ts'
import { createLan } from './hosts.ts'
import { inTime } from './in-time.ts'

/** Several engines, each on a host of its own, on one wire with etcd. */
export interface ClusterScene {
  readonly etcd: Etcd
  /** Where etcd lives, on the same wire. */
  readonly etcdHost: Host
  readonly engines: readonly Engine[]
  /** What joins them: bridge `lan0`, with `port1` of the first host, and so on. */
  readonly wire: Host
  /** Of the engines' hosts on the wire. */
  readonly addresses: readonly string[]
}

/** How a test of several hosts differs from the ordinary one. */
export interface ClusterTestOptions {
  /** 3 unless told. */
  readonly hosts?: number
  /** Members of etcd: 1 unless told. */
  readonly members?: number
  readonly timeoutMs?: number
  readonly flags?: readonly string[]
  /** More for the environment of the last host's daemon. */
  readonly lastEnv?: Readonly<Record<string, string>>
}

const cleanUpMs = 60_000

/** A test of several real daemons on hosts of their own, joined by a wire that reaches nobody else, and a real etcd. */
export function clusterTest(
  name: string,
  body: (scene: ClusterScene, t: TestContext) => Promise<void>,
  { hosts = 3, members = 1, timeoutMs = 120_000, flags = [], lastEnv = {} }: ClusterTestOptions = {},
): void {
  const skip = getuid?.() === 0 ? false : 'needs root'
  test(name, { skip, timeout: timeoutMs + cleanUpMs }, async (t) => {
    await bothErrors(() => run(t))
  })

  async function run(t: TestContext): Promise<void> {
    using lan = createLan(hosts + 1)
    const etcdHost = lan.hosts.at(-1)!
    await using etcd = await startEtcd({ count: members, host: etcdHost, address: lan.addresses.at(-1)! })
    const store = `etcd://${etcd.members.map((url) => url.replace('http://', '')).join(',')}`
    await using stack = new AsyncDisposableStack()
    const engines: Engine[] = []
    for (const [i, host] of lan.hosts.slice(0, -1).entries()) {
      const name = ['--cluster-store-opt', `node.name=host${i + 1}`]
      const words = ['--cluster-store', store, '--cluster-advertise', lan.addresses[i]!, ...name, ...flags]
      const env = i === hosts - 1 ? lastEnv : {}
      engines.push(stack.use(await openEngine(host, { flags: words, env })))
    }
    try {
      await inTime(
        body({ etcd, etcdHost, engines, wire: lan.wire, addresses: lan.addresses.slice(0, hosts) }, t),
        timeoutMs,
      )
    } catch (error) {
      if (error instanceof Error) {
        const logs = engines.map(({ daemon }, i) => `the log of host${i + 1}:\n${daemon.log}`)
        error.stack += `\n\n${logs.join('\n')}`
      }
      throw error
    }
  }
}
