import {
  type Bound,
  type Container,
  containersOf,
  hasInterfaces,
  isBridge,
  type Model,
  predefined,
  rankedNetworks,
  wayOut,
} from './model.ts'
import { aliases, containerNames, linkName } from './operations/names.ts'
import { addressOfHost, addressOutside } from './world.ts'

/** Something to try by traffic, and what must come of it. */
export interface Probe {
  readonly kind: 'look-up' | 'ping' | 'ping-refused' | 'ping-out' | 'fetch'
  /** Where it is tried: a container's id, or the host, or its neighbour. */
  readonly from: string
  readonly text: string
  /** A shell command that prints one line. */
  readonly ask: string
  readonly wanted: string
}

/** All that can be tried of what there is. */
export function probes(model: Model): Probe[] {
  const own = containersOf(model).filter(({ mode, status }) => mode === 'own' && status === 'running')
  return own.flatMap((one) => [
    ...lookUps(model, one),
    ...own.flatMap((other) => (one === other ? [] : pings(model, one, other))),
    ...pingsOut(model, one),
    ...fetches(one),
  ])
}

/** Of every name that somebody has on a network of the asker: nobody is there to answer for others. */
function lookUps(model: Model, asker: Container): Probe[] {
  const networks = rankedNetworks(model, asker).filter((name) => !predefined.includes(name))
  const named = [...containerNames, ...aliases].flatMap((name) => {
    const found = networks.map((network) => addressesOf(model, name, network))
    return [
      ...lookUp(asker, name, found),
      ...networks.flatMap((network, i) => lookUp(asker, `${name}.${network}`, [found[i]!])),
    ]
  })
  const linked = networks.map((network) => addressesOf(model, asker.wishes[network]?.link, network))
  return [...named, ...lookUp(asker, linkName, linked)]
}

/** @param found  addresses on each network: those of the first that has any are answered, and no other */
function lookUp(asker: Container, name: string, found: readonly string[][]): Probe[] {
  if (found.flat().length === 0) return []
  return ['A', 'AAAA'].map((type): Probe => {
    const isMeant = (address: string) => address.includes(':') === (type === 'AAAA')
    const wanted = found.map((addresses) => addresses.filter(isMeant)).find(({ length }) => length > 0) ?? []
    const ask = `dig @127.0.0.11 +short +time=2 +tries=1 ${name} ${type} | sort | xargs`
    const text = `${asker.name} looks up ${name} ${type}`
    return { kind: 'look-up', from: asker.id!, text, ask, wanted: wanted.sort().join(' ') }
  })
}

function addressesOf(model: Model, name: string | undefined, network: string): string[] {
  return containersOf(model).flatMap((other) => {
    const { ipv4, ipv6 } = other.sandbox?.endpoints[network] ?? {}
    const isMeant = name !== undefined && [other.name, other.wishes[network]?.alias].includes(name)
    return isMeant ? [ipv4, ipv6].filter((address) => address !== undefined && address !== '') : []
  }) as string[]
}

/** To each address of another: it arrives on a network that they share, and that does not part its containers. */
function pings(model: Model, one: Container, other: Container): Probe[] {
  return Object.entries(other.sandbox!.endpoints).flatMap(([name, { ipv4, ipv6 }]) => {
    if (!hasInterfaces(name)) return []
    const { options } = model.networks[name]!
    const isShared = name in one.sandbox!.endpoints
    const isParted = options['com.docker.network.bridge.enable_icc'] === 'false'
    // Such a network lets everybody in who finds the way.
    if (!isShared && options['com.docker.network.bridge.gateway_mode_ipv4'] === 'nat-unprotected') return []
    const arrives = isShared && !isParted
    return [ipv4, ipv6]
      .filter((address) => address !== undefined && address !== '')
      .map((address) => ping(`${one.name} pings ${other.name} on ${name}`, one.id!, address!, arrives))
  })
}

/** To the neighbour of the host: by a way out that there is. */
function pingsOut(model: Model, one: Container): Probe[] {
  const way = wayOut(model, one, 'ipv4')
  // On the wire of a macvlan network there is nobody else.
  const hasWay = way !== undefined && isBridge(model, way)
  return [{ ...ping(`${one.name} pings outside`, one.id!, addressOutside, hasWay), kind: 'ping-out' }]
}

function ping(text: string, from: string, address: string, arrives: boolean): Probe {
  // What must not arrive is not waited for long: it has no way to arrive later.
  const ask = `ping -c 1 -W ${arrives ? 2 : 0.2} -q ${address} >/dev/null 2>&1 && echo yes || echo no`
  const kind = arrives ? 'ping' : 'ping-refused'
  return { kind, from, text: `${text}, ${address}`, ask, wanted: arrives ? 'yes' : 'no' }
}

/** Of the container's name from its web server, by each published port, from wherever that can be reached. */
function fetches({ id, name, sandbox }: Container): Probe[] {
  return (sandbox?.bound ?? [])
    .filter(({ port }) => port.endsWith('/tcp'))
    .flatMap((bound) =>
      placesOf(bound).map(([from, address]): Probe => {
        const ask = `curl -s -m 2 http://${address}:${bound.host}/hostname`
        const text = `${from} fetches from ${name} by ${address}:${bound.host}`
        return { kind: 'fetch', from, text, ask, wanted: id!.slice(0, 12) }
      }),
    )
}

function placesOf({ ip }: Bound): (readonly ['host' | 'outside', string])[] {
  if (ip === '::') return [['host', '[::1]']]
  if (ip !== '0.0.0.0') return [['host', ip]]
  return [
    ['host', '127.0.0.1'],
    ['host', addressOfHost],
    ['outside', addressOfHost],
  ]
}
