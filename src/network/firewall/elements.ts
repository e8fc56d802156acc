/**
 * The named sets and maps of the table: their nft types, and what they say.
 *
 * A key or data is nft text: `"br-0123456789ab"` with its quotes, `172.18.0.0/16`, `tcp . 8080`.
 */
export const elementSets = {
  bridges: { type: 'ifname', about: 'interfaces of our networks' },
  same_network: { type: 'ifname . ifname', about: 'in and out by the same network' },
  internal: { type: 'ifname', about: 'networks without an outside' },
  icc_off: { type: 'ifname', about: 'networks whose containers must not talk to each other' },
  own4: { type: 'ipv4_addr', interval: true, about: 'subnets of our networks' },
  own6: { type: 'ipv6_addr', interval: true, about: 'subnets of our networks' },
  spans4: {
    type: 'ipv4_addr . ipv4_addr',
    interval: true,
    about: 'subnets that several hosts have parts of, to themselves: without tunnels between the hosts',
  },
  masquerade4: { type: 'ipv4_addr', interval: true, about: 'sources that leave under the host’s address' },
  masquerade6: { type: 'ipv6_addr', interval: true, about: 'sources that leave under the host’s address' },
  source4: {
    type: 'ipv4_addr : ipv4_addr',
    interval: true,
    about: 'sources that leave under an address of their choice',
  },
  source6: {
    type: 'ipv6_addr : ipv6_addr',
    interval: true,
    about: 'sources that leave under an address of their choice',
  },
  protected4: { type: 'ipv4_addr', interval: true, about: 'subnets that nobody outside reaches directly' },
  protected6: { type: 'ipv6_addr', interval: true, about: 'subnets that nobody outside reaches directly' },
  trusted4: { type: 'ifname . ipv4_addr', interval: true, about: 'interfaces that protected subnets trust' },
  trusted6: { type: 'ifname . ipv6_addr', interval: true, about: 'interfaces that protected subnets trust' },
  unprotected4: { type: 'ipv4_addr', interval: true, about: 'subnets that are open on every port' },
  unprotected6: { type: 'ipv6_addr', interval: true, about: 'subnets that are open on every port' },
  routed4: { type: 'ipv4_addr', interval: true, about: 'subnets without NAT' },
  routed6: { type: 'ipv6_addr', interval: true, about: 'subnets without NAT' },
  open4: {
    type: 'inet_proto . ipv4_addr . inet_service',
    about: 'published ports that are reached at the container’s own address',
  },
  open6: {
    type: 'inet_proto . ipv6_addr . inet_service',
    about: 'published ports that are reached at the container’s own address',
  },
  links4: {
    type: 'ipv4_addr . ipv4_addr . inet_proto . inet_service',
    about: 'who may talk to an exposed port where containers must not talk: the linker, the container, its port',
  },
  open4_range: {
    type: 'inet_proto . ipv4_addr . inet_service',
    interval: true,
    about: 'ranges of published ports that are reached at the container’s own address',
  },
  open6_range: {
    type: 'inet_proto . ipv6_addr . inet_service',
    interval: true,
    about: 'ranges of published ports that are reached at the container’s own address',
  },
  loopback4: {
    type: 'inet_proto . ipv4_addr . inet_service',
    interval: true,
    about: 'ports published on an address of the host’s loopback',
  },
  published4: {
    type: 'inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service',
    about: 'ports published on one host address',
  },
  published4_any: {
    type: 'inet_proto . inet_service : ipv4_addr . inet_service',
    about: 'ports published on every host address',
  },
  published6: {
    type: 'inet_proto . ipv6_addr . inet_service : ipv6_addr . inet_service',
    about: 'ports published on one host address',
  },
  published6_any: {
    type: 'inet_proto . inet_service : ipv6_addr . inet_service',
    about: 'ports published on every host address',
  },
  published4_range: {
    type: 'inet_proto . ipv4_addr . inet_service : ipv4_addr',
    interval: true,
    about: 'ranges published under their own numbers',
  },
  published6_range: {
    type: 'inet_proto . ipv6_addr . inet_service : ipv6_addr',
    interval: true,
    about: 'ranges published under their own numbers',
  },
} as const satisfies Readonly<Record<string, { type: string; interval?: boolean; about: string }>>

/** The name of one set or map of the table. */
export type ElementSet = keyof typeof elementSets

/** One member of a named set or map: the state of the firewall is nothing but these. */
export interface Element {
  readonly set: ElementSet
  readonly key: string
  /** What a map's key leads to. */
  readonly data?: string
  /** Who it is for. Only some bytes of it may be kept. */
  readonly comment?: string
}

/** Two elements of one identity cannot both be in the table. */
export function elementIdentity({ set, key }: Element): string {
  return `${set} ${key}`
}

/** An interface name as nft wants it. */
export function quoted(name: string): string {
  return `"${name}"`
}

/** The set element that opens a port, or a range of them, at the container's own address. */
export function openElement(port: Omit<PublishedElementSpec, 'hostAddress' | 'hostPort'>): Element {
  const { protocol, containerAddress, containerPort, count = 1, comment } = port
  const family = containerAddress.includes(':') ? 6 : 4
  return {
    set: count > 1 ? `open${family}_range` : `open${family}`,
    key: `${protocol} . ${containerAddress} . ${portText(containerPort, count)}`,
    comment,
  }
}

/** The set element that lets a container talk to one exposed port of another that it links to. IPv4 only, as Docker. */
export function linkElement({ linker, target, protocol, port, comment }: LinkElementSpec): Element {
  return { set: 'links4', key: `${linker} . ${target} . ${protocol} . ${port}`, comment }
}

/** What `linkElement` makes an element of. */
export interface LinkElementSpec {
  /** IPv4 addresses of two containers of one network. */
  readonly linker: string
  readonly target: string
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly port: number
  readonly comment: string
}

/** What a published port, or a range of them, is made into elements from. */
export interface PublishedElementSpec {
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  /** `"0.0.0.0"`, `"::"`, or one address of the host. */
  readonly hostAddress: string
  readonly hostPort: number
  /** Of the same family as `hostAddress`. */
  readonly containerAddress: string
  readonly containerPort: number
  /** How many ports, both numbers counting upwards; 1 unless told. */
  readonly count?: number
  readonly comment: string
}

/** The map element that leads a host port to a container. */
export function publishedElement(port: PublishedElementSpec): Element {
  const { protocol, hostAddress, hostPort, containerAddress, containerPort, comment } = port
  const family = familyOf(hostAddress)
  const any = isAnyAddress(hostAddress)
  return {
    set: any ? `published${family}_any` : `published${family}`,
    key: [protocol, ...(any ? [] : [hostAddress]), hostPort].join(' . '),
    data: `${containerAddress} . ${containerPort}`,
    comment,
  }
}

/**
 * The map elements that lead a range of host ports to a container: a single one when the numbers stay.
 *
 * The kernel has no way to add a distance to a port, so a range that moves is one element for each port.
 */
export function publishedRange(range: PublishedElementSpec): Element[] {
  const { protocol, hostAddress, hostPort, containerAddress, containerPort, count = 1, comment } = range
  if (count === 1 || hostPort !== containerPort) {
    return Array.from({ length: count }, (_, i) => {
      return publishedElement({ ...range, hostPort: hostPort + i, containerPort: containerPort + i })
    })
  }
  const address = isAnyAddress(hostAddress) ? `${hostAddress}/0` : hostAddress
  return [
    {
      set: `published${familyOf(hostAddress)}_range`,
      key: `${protocol} . ${address} . ${portText(hostPort, count)}`,
      data: containerAddress,
      comment,
    },
  ]
}

/** The set element that keeps ports of the host's loopback from whoever is not this host. */
export function loopbackElement({
  protocol,
  hostAddress,
  hostPort,
  count = 1,
  comment,
}: PublishedElementSpec): Element {
  return { set: 'loopback4', key: `${protocol} . ${hostAddress} . ${portText(hostPort, count)}`, comment }
}

function portText(first: number, count: number): string {
  return count === 1 ? String(first) : `${first}-${first + count - 1}`
}

function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4
}

function isAnyAddress(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}
