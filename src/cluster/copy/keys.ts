import { prefixEnd } from '../etcd/codec.ts'

/** What a key of the cluster is about; undefined: nothing of ours. */
export type KeyName =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'node' | 'nodereg' | 'net'; readonly id: string }
  | { readonly kind: 'ep'; readonly networkId: string; readonly id: string }
  | { readonly kind: 'secret'; readonly id: string }
  | { readonly kind: 'secretheld'; readonly networkId: string; readonly id: string }

/**
 * The keys of one cluster in etcd.
 *
 * ```
 * /wharf/default/cluster                 {id}                      which data this is, made by the first node
 * /wharf/default/ep/<network>/<endpoint> SharedEndpoint            owned by its node
 * /wharf/default/net/<network>           SharedNetwork
 * /wharf/default/node/<node>             {boot, engineVersion}     with the lease: says who is alive, nothing else
 * /wharf/default/nodereg/<node>          {name, address, mtu}      without: what owns
 * /wharf/default/secret/<network>        SharedSecrets             of an encrypted network
 * /wharf/default/secretheld/<network>/<node>  HeldSecrets          what the node's kernel has of them
 *                                        — all above is watched by every node, all below by none —
 * /wharf/default/taken/block/<network>/<block>  node             one host for each block, where hosts have their own
 * /wharf/default/taken/ip/<network>/<address>   endpoint           one owner for each address
 * /wharf/default/taken/name/<name>              network            one network for each name
 * /wharf/default/taken/vni/<number>             network            one network for each VNI
 * /wharf/default/taken/turn              network                   written by whoever makes or removes a network: a
 *                                                                  comparison with its revision keeps two from doing so at once
 * ```
 *
 * A node watches everything above `taken/`, not only networks it is on: one ordered history, one re-list, and any
 * host can say who holds a network. A claim says nothing that its endpoint does not say, so it is left out: half of
 * the traffic.
 */
export class Keys {
  /** `"/wharf/default/"` */
  readonly root: string
  readonly cluster: string
  readonly turn: string
  /** What all nodes watch: from here to before `watchedEnd`. */
  readonly watched: string
  readonly watchedEnd: string

  /** @param path of the cluster, without slashes around it: `"wharf/default"` */
  constructor(path: string) {
    this.root = `/${path}/`
    this.cluster = `${this.root}cluster`
    this.turn = `${this.root}taken/turn`
    this.watched = this.root
    this.watchedEnd = `${this.root}taken/`
  }

  node(id: string): string {
    return `${this.root}node/${id}`
  }

  nodereg(id: string): string {
    return `${this.root}nodereg/${id}`
  }

  net(id: string): string {
    return `${this.root}net/${id}`
  }

  /** Of all networks, and the end of their range. */
  nets(): readonly [string, string] {
    return [this.net(''), prefixEnd(this.net(''))]
  }

  ep(networkId: string, id: string): string {
    return `${this.root}ep/${networkId}/${id}`
  }

  /** Of all endpoints, and the end of their range. */
  eps(): readonly [string, string] {
    return [`${this.root}ep/`, prefixEnd(`${this.root}ep/`)]
  }

  /** What the hosts of an encrypted network share. */
  secret(networkId: string): string {
    return `${this.root}secret/${networkId}`
  }

  /** What a node has of it. */
  heldSecret(networkId: string, nodeId: string): string {
    return `${this.root}secretheld/${networkId}/${nodeId}`
  }

  /** @param address without its length */
  ip(networkId: string, address: string): string {
    return `${this.root}taken/ip/${networkId}/${address}`
  }

  /** @param block `"10.1.2.0/24"`; its slash would be another level */
  block(networkId: string, block: string): string {
    return `${this.allBlocks()}${networkId}/${block.replace('/', '_')}`
  }

  /** Of a network's blocks, and the end of their range. */
  blocks(networkId: string): readonly [string, string] {
    return [this.block(networkId, ''), prefixEnd(this.block(networkId, ''))]
  }

  /** What the blocks of all networks begin with. */
  allBlocks(): string {
    return `${this.root}taken/block/`
  }

  name(name: string): string {
    return `${this.root}taken/name/${name}`
  }

  vni(vni: number): string {
    return `${this.root}taken/vni/${vni}`
  }

  /** Reads a watched key; what somebody else has put there is nothing of ours. */
  parse(key: string): KeyName | undefined {
    const [kind, first = '', second, ...more] = key.slice(this.root.length).split('/')
    if (!key.startsWith(this.root) || more.length > 0) return undefined
    if (kind === 'cluster') return first === '' ? { kind } : undefined
    if (kind === 'ep' || kind === 'secretheld') {
      return isId(first) && second !== undefined && isId(second) ? { kind, networkId: first, id: second } : undefined
    }
    if (kind !== 'node' && kind !== 'nodereg' && kind !== 'net' && kind !== 'secret') return undefined
    return isId(first) && second === undefined ? { kind, id: first } : undefined
  }
}

function isId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}
