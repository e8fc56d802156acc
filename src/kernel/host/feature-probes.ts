import { accessSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isErrno } from '../../base/errors.ts'
import { CTNL_GET, conntrackMessage } from '../../wire/netlink/conntrack.ts'
import { NLM_F_DUMP } from '../../wire/netlink/frame.ts'
import { linkKinds, macvlanModes } from '../../wire/netlink/link-kinds.ts'
import { espAssociation, XFRM_MSG_NEWSA } from '../../wire/netlink/xfrm.ts'
import { lazily } from '../lazily.ts'
import { mountFileSystem } from '../mounts.ts'
import { NetworkNamespace } from '../namespace.ts'
import { createLink, createVeth } from '../netlink/links.ts'
import { NETLINK_NETFILTER, NETLINK_XFRM, NetlinkSocket } from '../netlink/netlink-socket.ts'
import { NftContext } from '../nftables.ts'

/** A throw-away namespace to try things in: nothing that a probe makes there has to be removed. */
export interface ProbeSite {
  readonly namespace: NetworkNamespace
  readonly netlink: NetlinkSocket
  /** Index of an Ethernet device for others to sit on. */
  parent(): number
}

/** Tries one thing; throws what the kernel says against it. */
export type Probe = (site: ProbeSite) => void

/** Makes a throw-away namespace for probes. */
export function openProbeSite(): ProbeSite & Disposable {
  using undo = new DisposableStack()
  const namespace = undo.use(NetworkNamespace.create())
  const netlink = undo.use(new NetlinkSocket(namespace))
  const parent = lazily(() => createVeth(netlink, { name: 'parent', peer: { name: 'other' } }))
  const stack = undo.move()
  return { namespace, netlink, parent, [Symbol.dispose]: () => stack.dispose() }
}

/** Tries to make an interface of a kind that needs no other; its module is loaded when there is one. */
export function linkProbe(kind: string, data?: Uint8Array): Probe {
  return ({ netlink }) => {
    createLink(netlink, { name: `probe-${kind}`, kind, ...(data && { data }) })
  }
}

/** Tries to make an interface of a kind that sits on another. */
function childProbe(kind: string, data: Uint8Array): Probe {
  return ({ netlink, parent }) => {
    createLink(netlink, { name: `probe-${kind}`, kind, data, parent: parent() })
  }
}

/** Tries commands of nft. */
export function nftProbe(...commands: string[]): Probe {
  return ({ namespace }) => {
    using nft = new NftContext(namespace)
    nft.run(commands.join('\n'))
  }
}

/** Tries a rule in a chain of a table of its own. */
export function nftRuleProbe(rule: string, chain = 'type filter hook forward priority 0', family = 'inet'): Probe {
  const table = `${family} probe`
  return nftProbe(`add table ${table}`, `add chain ${table} tried { ${chain}; }`, `add rule ${table} tried ${rule}`)
}

/** Looks for a file that the kernel shows. */
export function fileProbe(path: string): Probe {
  return () => accessSync(path)
}

/** Makes a macvlan interface on a dummy. */
export const macvlanProbe = childProbe('macvlan', linkKinds.macvlan.encode({ mode: macvlanModes.bridge }))
/** Makes an ipvlan interface on a dummy. */
export const ipvlanProbe = childProbe('ipvlan', linkKinds.ipvlan.encode({ mode: 0 }))
/** Makes a vlan interface on a dummy. */
export const vlanProbe = childProbe('vlan', linkKinds.vlan.encode({ id: 5 }))

/** Tries to mount layers without saying which: only a kernel that does not know them minds the kind of file system. */
export const overlayProbe: Probe = () => {
  try {
    mountFileSystem('overlay', tmpdir())
  } catch (error) {
    if (isErrno(error, 'ENODEV', 'EPERM')) throw error
  }
}

/** Tries to list tracked flows. */
export const conntrackProbe: Probe = ({ namespace }) => {
  using netlink = new NetlinkSocket(namespace, NETLINK_NETFILTER)
  const question = conntrackMessage.encode({ family: 2, version: 0, resource: 0 })
  netlink.request('list tracked flows', CTNL_GET, NLM_F_DUMP, question)
}

/** Tries to set up one direction of an encrypted connection, from nowhere to nowhere. */
export const espProbe: Probe = ({ namespace }) => {
  using netlink = new NetlinkSocket(namespace, NETLINK_XFRM)
  const ends = { source: '127.0.0.1', destination: '127.0.0.2' }
  const body = espAssociation({ ...ends, spi: 256, requestId: 1, key: new Uint8Array(20) })
  netlink.request('add security association', XFRM_MSG_NEWSA, 0, body)
}
