import { isIP } from 'node:net'

/** One port of a container and where a user wants it: `key` is `"80/tcp"`, empty strings mean "any". */
export interface PortSpec {
  readonly key: string
  readonly binding: { readonly HostIp: string; readonly HostPort: string }
}

/** Ports from the first to the last, both of them among it. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/**
 * Reads one value of `-p`: `"80"`, `"8080:80"`, `"127.0.0.1::80/udp"`, `"[::1]:80:80"`, `"8000-8010:80-90"`,
 * `"8000-8010:80"` (the first free one).
 *
 * @throws {Error} with Docker's words
 */
export function parsePortSpec(spec: string): PortSpec[] {
  const { ip, host, container, protocol } = splitSpec(spec)
  const inside = parsePortRange(container, 'containerPort')
  const outside = host === '' ? undefined : parsePortRange(host, 'hostPort')
  const count = inside.last - inside.first
  const single = count === 0
  if (outside !== undefined && outside.last - outside.first !== count && !single) {
    throw new Error(`invalid ranges specified for container and host Ports: ${container} and ${host}`)
  }
  return portsOf(inside).map((port) => {
    const hostPort =
      outside === undefined ? '' : single ? host.replace(/^(\d+)-\1$/, '$1') : `${outside.first + port - inside.first}`
    return { key: `${port}/${protocol}`, binding: { HostIp: ip, HostPort: hostPort } }
  })
}

/** Reads one value of `-p` and leaves its ranges as they are written: `"8000-8010:80-90/tcp"`. @throws {Error} */
export function parsePortRanges(spec: string): {
  readonly protocol: string
  readonly inside: string
  readonly outside: string
} {
  parsePortSpec(spec)
  const { host, container, protocol } = splitSpec(spec)
  return { protocol, inside: container, outside: host }
}

/** Reads `"80"` or `"80-90"`. @param what named in the error @throws {Error} */
export function parsePortRange(text: string, what: string): PortRange {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  const ports = { first: Number(first), last: Number(last) }
  if (!(ports.first <= ports.last && ports.last < 65536)) throw new Error(`invalid ${what}: ${text}`)
  return ports
}

/** Every port of a range. */
export function portsOf({ first, last }: PortRange): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

function splitSpec(spec: string): { ip: string; host: string; container: string; protocol: string } {
  const slash = spec.lastIndexOf('/')
  const protocol = (slash < 0 ? 'tcp' : spec.slice(slash + 1)).toLowerCase()
  const parts = (slash < 0 ? spec : spec.slice(0, slash)).split(':')
  const container = parts.pop() ?? ''
  const host = parts.pop() ?? ''
  const ip = parts.join(':').replace(/^\[(.*)\]$/, '$1')
  if (container === '') throw new Error(`no port specified: ${spec}<empty>`)
  if (!/^(tcp|udp|sctp)$/.test(protocol)) throw new Error(`invalid proto: ${protocol}`)
  if (ip !== '' && isIP(ip) === 0) throw new Error(`invalid IP address: ${ip}`)
  return { ip, host, container, protocol }
}
