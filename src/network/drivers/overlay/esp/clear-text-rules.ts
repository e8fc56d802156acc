import { isErrno } from '../../../../base/errors.ts'
import type { NetworkNamespace } from '../../../../kernel/namespace.ts'
import { NftContext } from '../../../../kernel/nftables.ts'
import { markOf } from './plan-esp.ts'

/** The table in a network's own namespace, which marks what leaves by its tunnels. */
const markingTable = 'bridge wharf-encryption'

/** A packet of a VNI: UDP to the tunnels' port, and the VNI behind the UDP header and 4 bytes. @source RFC 7348, section 5 */
function carries(vni: number): string {
  return `udp dport 4789 @th,96,24 ${vni}`
}

function guardTable(vni: number): string {
  return `inet wharf-encrypted-${vni}`
}

/**
 * The rules of the host that let a network's packets neither in nor out in clear text. A table for each network: it
 * depends on nothing else, so flushing or removing another touches it as little as it touches others.
 */
export function renderGuard(vni: number): string {
  const table = guardTable(vni)
  return [
    `add table ${table}`,
    `delete table ${table}`,
    `add table ${table}`,
    `add chain ${table} incoming { type filter hook input priority raw; policy accept; }`,
    `add chain ${table} outgoing { type filter hook output priority raw; policy accept; }`,
    `add rule ${table} incoming ${carries(vni)} ipsec in reqid ${vni} accept`,
    `add rule ${table} incoming ${carries(vni)} counter drop comment "clear text of an encrypted network"`,
    `add rule ${table} outgoing ${carries(vni)} rt ipsec exists accept`,
    `add rule ${table} outgoing ${carries(vni)} counter drop comment "clear text of an encrypted network"`,
    '',
  ].join('\n')
}

/**
 * Marks what leaves by a tunnel while it is still in the network's own namespace, where nobody flushes rules: the
 * tunnel asks for a way with that mark, and the policies of the host answer.
 */
export function renderMarking(tunnels: readonly { readonly name: string; readonly vni: number }[]): string {
  return [
    `add table ${markingTable}`,
    `delete table ${markingTable}`,
    `add table ${markingTable}`,
    `add chain ${markingTable} leaving { type filter hook postrouting priority 0; policy accept; }`,
    ...tunnels.map(
      ({ name, vni }) => `add rule ${markingTable} leaving oifname "${name}" meta mark set ${markOf(vni)}`,
    ),
    '',
  ].join('\n')
}

/** Makes a namespace have rules; what an earlier call has made is replaced in one step. */
export function writeRules(namespace: NetworkNamespace, text: string): void {
  using nft = new NftContext(namespace)
  nft.run(text)
}

/** Takes the rules of the host for a network away; absent is success. */
export function removeGuard(namespace: NetworkNamespace, vni: number): void {
  try {
    writeRules(namespace, `delete table ${guardTable(vni)}\n`)
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
  }
}
