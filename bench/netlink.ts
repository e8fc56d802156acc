import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bringUpLoopback, createNamedNamespace, removeNamedNamespace } from '../src/kernel/named-namespace.ts'
import { NetworkNamespace } from '../src/kernel/namespace.ts'
import { addAddress, listAddresses } from '../src/kernel/netlink/addresses.ts'
import { removeFlows } from '../src/kernel/netlink/conntrack.ts'
import {
  createBridge,
  createVeth,
  deleteLink,
  deleteLinkAsync,
  findLink,
  setLink,
} from '../src/kernel/netlink/links.ts'
import { NETLINK_NETFILTER, NetlinkSocket } from '../src/kernel/netlink/netlink-socket.ts'
import { addRoute } from '../src/kernel/netlink/routes.ts'
import { NftContext } from '../src/kernel/nftables.ts'
import { ensureSysctl, readSysctl } from '../src/kernel/sysctl.ts'

/** Prints median and 99th percentile of `runs` runs. A function that `work` returns is called after the clock has stopped. */
function measure(name: string, runs: number, work: (run: number) => unknown): void {
  const times = Array.from({ length: runs }, (_, run) => {
    const start = performance.now()
    const after = work(run)
    const taken = performance.now() - start
    if (typeof after === 'function') after()
    return taken
  }).sort((a, b) => a - b)
  print(name, times[runs >> 1]!, times[Math.floor(runs * 0.99)]!)
}

function print(name: string, medianMs: number, worstMs: number): void {
  const text = (ms: number) => (ms < 1 ? `${(ms * 1000).toFixed(1)} µs` : `${ms.toFixed(2)} ms`).padStart(12)
  console.log(name.padEnd(52), text(medianMs), text(worstMs))
}

console.log(''.padEnd(52), 'median'.padStart(12), 'p99'.padStart(12))
const dir = mkdtempSync(join(tmpdir(), 'wharf-bench-'))
using host = NetworkNamespace.create() // everything happens in it, and goes with it
using netlink = new NetlinkSocket(host)
const bridge = createBridge(netlink, { name: 'br0', mac: '02:42:ac:12:00:01', up: true })
addAddress(netlink, bridge, { address: '172.18.0.1', prefixLength: 16 })

measure('request: set the mtu of a link', 5000, () => setLink(netlink, bridge, { mtu: 1500 }))
measure('request: find a link', 5000, () => {
  findLink(netlink, bridge)
})
measure('request: list the addresses of a link', 5000, () => {
  listAddresses(netlink, bridge)
})
measure('sysctl: read in a namespace', 2000, () => {
  readSysctl(host, 'net.ipv4.ip_forward')
})
measure('sysctl: ensure, nothing to do', 2000, () => {
  ensureSysctl(host, 'net.ipv4.ip_forward', '0')
})

measure('namespace: make and close', 200, () => NetworkNamespace.create()[Symbol.dispose]())
measure('namespace: make with a name', 200, (run) => {
  const path = join(dir, `${run}`)
  createNamedNamespace(path)[Symbol.dispose]()
  return () => removeNamedNamespace(path)
})

measure('wire one container: namespace, veth, address, route', 200, (run) => {
  const path = join(dir, `${run}`)
  using inside = createNamedNamespace(path)
  using there = new NetlinkSocket(inside)
  const peer = { name: 'eth0', mac: '02:42:ac:12:00:02', mtu: 1500, namespace: inside }
  createVeth(netlink, { name: `veth${run}`, master: bridge, mtu: 1500, up: true, peer })
  bringUpLoopback(there)
  const { index } = findLink(there, 'eth0')!
  setLink(there, index, { up: true })
  addAddress(there, index, { address: '172.18.0.2', prefixLength: 16 })
  addRoute(there, { to: 'default', via: '172.18.0.1' })
  return () => removeNamedNamespace(path) // the veth goes with it
})

using nft = new NftContext(host)
for (const size of [0, 1000, 10_000]) {
  const elements = Array.from({ length: size }, (_, i) => `${20_000 + i} : 172.18.0.2 . 80`).join(', ')
  nft.run(`table inet wharf {
    map ports { type inet_service : ipv4_addr . inet_service; ${size > 0 ? `elements = { ${elements} };` : ''} }
  }`)
  measure(`nft: add an element to a map of ${size}`, 1000, (run) => {
    nft.run(`add element inet wharf ports { ${run + 1} : 172.18.0.2 . 80 }`)
  })
  measure(`nft: delete an element of a map of ${size}`, 1000, (run) => {
    nft.run(`delete element inet wharf ports { ${run + 1} }`)
  })
  nft.run('delete table inet wharf')
}
measure('nft: open and close a context', 200, () => new NftContext(host)[Symbol.dispose]())

using netfilter = new NetlinkSocket(host, NETLINK_NETFILTER)
measure('conntrack: forget the flows of a port', 200, () => {
  removeFlows(netfilter, { family: 'ipv4', protocol: 'udp', originalDestinationPort: 53 })
})

measure('bridge: make with mac and address', 50, (run) => {
  const index = createBridge(netlink, { name: `b${run}`, mac: '02:42:0a:00:00:01', up: true })
  addAddress(netlink, index, { address: `10.0.${run}.1`, prefixLength: 24 })
})
measure('bridge: delete, and wait', 25, (run) => deleteLink(netlink, `b${run}`))

const stalls: number[] = []
const delays: number[] = []
for (let run = 25; run < 50; run++) {
  const start = performance.now()
  const deletion = deleteLinkAsync(netlink, `b${run}`)
  stalls.push(performance.now() - start)
  await deletion
  delays.push(performance.now() - start)
}
const sorted = (times: number[]) => times.sort((a, b) => a - b)
print('bridge: delete on a pool thread: event loop taken', sorted(stalls)[12]!, sorted(stalls)[24]!)
print('bridge: delete on a pool thread: until done', sorted(delays)[12]!, sorted(delays)[24]!)
rmSync(dir, { recursive: true })
