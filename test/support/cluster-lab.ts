import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Log, type LogFields, silentLog } from '../../src/base/log.ts'
import type { Cluster } from '../../src/cluster/cluster.ts'
import type { ClusterChange, EndpointDraft, NetworkDraft } from '../../src/cluster/model.ts'
import { type ClusterOptions, openCluster } from '../../src/cluster/open-cluster.ts'
import { sharedAddressing } from '../../src/network/ipam/shared-addressing.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import type { Etcd } from './etcd.ts'

/** One node of a test: its disk, and how it opens its cluster. Disposing of it closes what is open and removes the disk. */
export interface ClusterNodeLab extends AsyncDisposable {
  readonly name: string
  /** Warnings and errors that it has logged. */
  readonly warnings: string[]
  /** All changes that it has told since it was opened first. */
  readonly changes: ClusterChange[]
  /** The address that this node reaches etcd by, and nobody else. */
  readonly etcdAddress: string
  cluster(): Cluster
  open(more?: Partial<ClusterOptions>): Promise<Cluster>
  close(): Promise<void>
}

let count = 0

/** Makes a node that is not open yet. */
export function createNode(
  etcd: Pick<Etcd, 'ports'>,
  name: string,
  defaults: Partial<ClusterOptions> = {},
): ClusterNodeLab {
  const number = ++count
  const dir = mkdtempSync(join(tmpdir(), 'node-'))
  const etcdAddress = `127.1.0.${number}`
  const id = createHash('sha256').update(`${name} ${number}`).digest('hex')
  const warnings: string[] = []
  const changes: ClusterChange[] = []
  let opened: { cluster: Cluster; close(): Promise<void> } | undefined
  const close = async (): Promise<void> => {
    const was = opened
    opened = undefined
    await was?.close()
  }
  return {
    name,
    warnings,
    changes,
    etcdAddress,
    close,
    cluster: () => opened!.cluster,
    async open(more = {}) {
      const store = openSqliteStore(join(dir, 'node.db'))
      try {
        const cluster = await openCluster({
          self: { id, name, address: `192.0.2.${number}`, mtu: 1500 },
          engineVersion: 'test',
          etcd: { members: etcd.ports.map((port) => `http://${etcdAddress}:${port}`), tls: {} },
          path: 'wharf/test',
          store,
          addressing: sharedAddressing(Buffer.from(id, 'hex')),
          log: listLog(warnings),
          boot: `boot of ${name}`,
          ...defaults,
          ...more,
        })
        cluster.listen((told) => changes.push(...told))
        opened = {
          cluster,
          close: async () => {
            await cluster.close()
            store[Symbol.dispose]()
          },
        }
        return cluster
      } catch (error) {
        store[Symbol.dispose]()
        throw error
      }
    },
    async [Symbol.asyncDispose]() {
      await close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A network as a test asks for it. */
export function networkDraft(name: string, more: Partial<NetworkDraft> = {}): NetworkDraft {
  return {
    name,
    driver: 'overlay',
    subnets: [],
    enableIPv4: true,
    enableIPv6: false,
    internal: false,
    attachable: true,
    mtu: 1450,
    ipamOptions: {},
    options: {},
    labels: {},
    ...more,
  }
}

/** An endpoint as a test asks for it. */
export function endpointDraft(networkId: string, name: string, more: Partial<EndpointDraft> = {}): EndpointDraft {
  const containerId = createHash('sha256').update(name).digest('hex')
  const mac = (address: string) =>
    `02:42:${address
      .split('.')
      .map((byte) => Number(byte).toString(16).padStart(2, '0'))
      .join(':')}`
  return { networkId, containerId, containerName: name, mac, dnsNames: [name], aliases: [], ...more }
}

function listLog(lines: string[]): Log {
  const write = (message: string, fields?: LogFields) => void lines.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const log: Log = { ...silentLog, warn: write, error: write, child: () => log }
  return log
}

/** Cuts a node off from etcd: its packets are dropped, nobody is told. Disposing of it mends the cut. */
export function cutOff({ etcdAddress }: Pick<ClusterNodeLab, 'etcdAddress'>): Disposable {
  const table = `ip cut_${etcdAddress.replaceAll('.', '_')}`
  const chain = '{ type filter hook output priority 0; }'
  const rules = [`ip daddr ${etcdAddress} drop`, `ip saddr ${etcdAddress} drop`]
  const lines = [
    `add table ${table}`,
    `add chain ${table} out ${chain}`,
    ...rules.map((rule) => `add rule ${table} out ${rule}`),
  ]
  execFileSync('nft', ['-f', '-'], { input: lines.join('\n') })
  return { [Symbol.dispose]: () => void execFileSync('nft', ['delete', 'table', ...table.split(' ')]) }
}

/** What a node knows of a network's endpoints, one line each. */
export function endpointsOf(cluster: Cluster, networkId: string): string[] {
  return cluster
    .endpoints(networkId)
    .map(({ containerName, ipv4 }) => `${containerName} ${ipv4}`)
    .sort()
}

/** A relay on a node's way to etcd that can make its watch fall silent: the connection stays, nothing comes any more. */
export async function startRelay(port: number): Promise<AsyncDisposable & { readonly port: number; silence(): void }> {
  const watches = new Set<Socket>()
  const server = createServer((inward) => {
    const outward = connect(port, '127.0.0.1')
    inward.on('data', (chunk) => {
      if (chunk.includes('POST /v3/watch')) watches.add(outward)
      outward.write(chunk)
    })
    outward.pipe(inward)
    const end = () => {
      inward.destroy()
      outward.destroy()
    }
    for (const socket of [inward, outward]) socket.on('error', end).on('close', end)
  })
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    silence: () => {
      for (const socket of watches) socket.unpipe().pause()
    },
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
