import { isErrno } from '../../base/errors.ts'
import type { NetworkNamespace } from '../../kernel/namespace.ts'
import { NftContext } from '../../kernel/nftables.ts'

/** Where containers look for their DNS server, as in Docker. */
export const resolverAddress = '127.0.0.11'

/** Rules for one namespace: what goes to port 53 of our address arrives at `port`, and comes back as if from 53. */
function renderRedirect(port: number): string {
  const table = `ip wharf-dns-${port}`
  const rules = (['udp', 'tcp'] as const).flatMap((protocol) => [
    `add rule ${table} output ip daddr ${resolverAddress} ${protocol} dport 53 ${protocol} dport set ${port}`,
    `add rule ${table} input ip saddr ${resolverAddress} ${protocol} sport ${port} ${protocol} sport set 53`,
  ])
  // Ports are rewritten, not translated: no connection tracking is begun in the container. Done first on the way out
  // and last on the way in, so that a firewall of the container's own sees one and the same connection both times.
  return [
    `create table ${table}`,
    `add chain ${table} output { type filter hook output priority raw; }`,
    `add chain ${table} input { type filter hook input priority 300; }`,
    ...rules,
  ].join('\n')
}

/**
 * Makes a namespace send its DNS questions to `port`. Safe to call again.
 *
 * The container's own port 53 stays free for a DNS server of its own.
 *
 * @throws {KernelError} `EOPNOTSUPP` when the kernel has no nftables
 */
export function ensureRedirect(namespace: NetworkNamespace, port: number): void {
  using nft = new NftContext(namespace)
  // Asked first: a transaction that fails makes the kernel wait for a grace period, and us with it.
  if (hasRedirect(nft, port)) return
  try {
    nft.run(renderRedirect(port))
  } catch (error) {
    // The whole table is made in one transaction and named after its port: when it is there, it is right.
    if (!isErrno(error, 'EEXIST')) throw error
  }
}

function hasRedirect(nft: NftContext, port: number): boolean {
  try {
    nft.run(`list chain ip wharf-dns-${port} output`)
    return true
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false
    throw error
  }
}
