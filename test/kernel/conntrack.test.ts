import assert from 'node:assert/strict'
import { KernelError } from '../../src/base/errors.ts'
import { bringUpLoopback } from '../../src/kernel/named-namespace.ts'
import { type FlowFilter, removeFlows } from '../../src/kernel/netlink/conntrack.ts'
import { NETLINK_NETFILTER, NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts'
import { CTNL_DELETE } from '../../src/wire/netlink/conntrack.ts'
import { NLM_F_DUMP } from '../../src/wire/netlink/frame.ts'
import { kernelTest, type Sandbox } from '../support/kernel.ts'
import { runIn } from '../support/shell.ts'

/** A kernel before 6.8: it removes whole flows only. */
class OldKernelSocket extends NetlinkSocket {
  #listed = false

  override request(action: string, type: number, flags: number, body: Uint8Array): Uint8Array[] {
    if (type === CTNL_DELETE && !this.#listed) throw new KernelError(action, 'EINVAL')
    if ((flags & NLM_F_DUMP) === NLM_F_DUMP) this.#listed = true
    return super.request(action, type, flags, body)
  }
}

/** Flows to four ports of 127.0.0.1, one of ::1; each gets an answer that nobody listens, which belongs to the flow. */
function makeFlows({ netlink, namespace }: Sandbox): () => number {
  bringUpLoopback(netlink)
  runIn(
    namespace,
    'nft',
    'add table inet t; add chain inet t c { type filter hook input priority 0; }; add rule inet t c ct state new accept',
  )
  for (const port of [5001, 5002, 5003, 5004]) runIn(namespace, 'bash', '-c', `echo x > /dev/udp/127.0.0.1/${port}`)
  runIn(namespace, 'bash', '-c', 'echo x > /dev/udp/::1/5001')
  return () => Number(runIn(namespace, 'cat', '/proc/sys/net/netfilter/nf_conntrack_count'))
}

for (const [age, Socket] of [
  ['', NetlinkSocket],
  [' of an old kernel', OldKernelSocket],
] as const)
  kernelTest(`removeFlows() forgets the flows that are meant${age}, and no other`, (sandbox) => {
    const count = makeFlows(sandbox)
    const remove = (filter: FlowFilter) => {
      using netfilter = new Socket(sandbox.namespace, NETLINK_NETFILTER)
      removeFlows(netfilter, filter)
      return count()
    }
    assert.equal(count(), 5)
    const udp = { family: 'ipv4', protocol: 'udp' } as const
    const at = { originalDestination: '127.0.0.1', replySource: '127.0.0.1' }
    assert.deepEqual(
      [
        remove({ ...udp, originalDestinationPort: 5009 }),
        remove({ ...udp, originalDestination: '127.0.0.2' }),
        remove({ family: 'ipv4', protocol: 'tcp' }),
        remove({ ...udp, originalDestination: at.originalDestination, originalDestinationPort: 5001 }),
        remove({ ...udp, replySource: at.replySource, replySourcePort: 5002 }),
        remove({ ...udp, originalDestinationPort: 5003 }),
        remove({ family: 'ipv4', replySource: '127.0.0.1' }),
        remove({ family: 'ipv6', protocol: 'udp', originalDestination: '::2', originalDestinationPort: 5001 }),
        remove({ family: 'ipv6', protocol: 'udp', originalDestination: '::1', originalDestinationPort: 5001 }),
        remove({ family: 'ipv6' }),
      ],
      [5, 5, 5, 4, 3, 2, 1, 1, 0, 0],
    )
  })
