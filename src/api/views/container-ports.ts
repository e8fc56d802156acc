import type { PublishedPort } from '../../network/model.ts'
import type { PortBinding, PortKey } from '../../protocol/container.ts'
import type { PortSummary } from '../../protocol/container-summary.ts'

/**
 * `NetworkSettings.Ports` of a container that runs: every exposed or published port, with where it is published.
 *
 * @param exposed  keys of `Config.ExposedPorts`: `"80/tcp"`, `"8000-8002/udp"`
 */
export function portMap(
  exposed: readonly PortKey[],
  published: readonly PublishedPort[],
): Record<PortKey, PortBinding[] | null> {
  const ports: Record<PortKey, PortBinding[] | null> = {}
  for (const { port, type } of exposed.flatMap(expand)) ports[`${port}/${type}`] = null
  for (const { containerPort, protocol, hostAddress, hostPort } of sorted(published)) {
    const key = `${containerPort}/${protocol}`
    const bindings = ports[key] ?? []
    bindings.push({ HostIp: hostAddress, HostPort: hostPort === 0 ? '' : String(hostPort) })
    ports[key] = bindings
  }
  return ports
}

/** `Ports` of a container in a list: ordered by port, protocol and address, IPv4 first. */
export function portSummaries(exposed: readonly PortKey[], published: readonly PublishedPort[]): PortSummary[] {
  // What has no host port is reached at the container's own address, like a port that is only exposed.
  const [open, held] = [
    published.filter(({ hostPort }) => hostPort === 0),
    published.filter(({ hostPort }) => hostPort > 0),
  ]
  const taken = new Set(held.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`))
  const keys = open.map(({ containerPort, protocol }) => `${containerPort}/${protocol}` as const)
  const only = [...new Set([...exposed, ...keys])]
    .flatMap(expand)
    .filter(({ port, type }) => !taken.has(`${port}/${type}`))
  return [
    ...sorted(held).map(({ hostAddress, containerPort, hostPort, protocol }) => ({
      IP: hostAddress,
      PrivatePort: containerPort,
      PublicPort: hostPort,
      Type: protocol,
    })),
    ...only.map(({ port, type }) => ({ PrivatePort: port, Type: type })),
  ].sort((a, b) => a.PrivatePort - b.PrivatePort || compare(a.Type, b.Type))
}

function sorted(published: readonly PublishedPort[]): PublishedPort[] {
  const family = (address: string) => (address.includes(':') ? 6 : 4)
  return published.toSorted(
    (a, b) =>
      a.containerPort - b.containerPort ||
      compare(a.protocol, b.protocol) ||
      family(a.hostAddress) - family(b.hostAddress) ||
      compare(a.hostAddress, b.hostAddress) ||
      a.hostPort - b.hostPort,
  )
}

function expand(key: PortKey): { readonly port: number; readonly type: string }[] {
  const [range = '', type = 'tcp'] = key.split('/')
  const [first = 0, last = first] = range.split('-').map(Number)
  if (!(first > 0 && first <= last && last <= 65_535)) return [] // an image may say anything
  return Array.from({ length: last - first + 1 }, (_, i) => ({ port: first + i, type: type.toLowerCase() }))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
