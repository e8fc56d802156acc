import type { PortBinding } from '../../protocol/container.ts'
import { isAddress } from './checks.ts'

/** The ports of a container as the command line asks for them. */
export interface PortOptions {
  readonly exposed: Record<string, object>
  readonly bindings: Record<string, PortBinding[]>
}

interface Range {
  readonly first: number
  readonly last: number
}

/**
 * Reads the values of `-p` and `--expose`: `"80"`, `"8080:80"`, `"127.0.0.1::80/udp"`, `"[::1]:80:80"`,
 * `"8000-8010:80-90"`, `"8000-8010:80"` (the first free one), `"published=8080,target=80,protocol=tcp"`.
 *
 * @throws {Error} with Docker's words
 */
export function parsePorts(published: readonly string[], expose: readonly string[]): PortOptions {
  const options: PortOptions = { exposed: {}, bindings: {} }
  for (const value of published) addPublished(options, value.includes('=') ? fromLongForm(value) : value)
  for (const value of expose) {
    const [ports = '', protocol = 'tcp'] = value.split('/')
    for (const port of portsOf(exposedRange(ports, value))) options.exposed[`${port}/${protocol.toLowerCase()}`] ??= {}
  }
  return options
}

function addPublished({ exposed, bindings }: PortOptions, spec: string): void {
  const { ip, host, container, protocol } = splitSpec(spec)
  const inside = range(container, 'containerPort')
  const outside = host === '' ? undefined : range(host, 'hostPort')
  const count = inside.last - inside.first
  const single = count === 0
  if (outside !== undefined && outside.last - outside.first !== count && !single) {
    throw new Error(`invalid ranges specified for container and host Ports: ${container} and ${host}`)
  }
  for (const port of portsOf(inside)) {
    const key = `${port}/${protocol}`
    const hostPort =
      outside === undefined ? '' : single ? host.replace(/^(\d+)-\1$/, '$1') : `${outside.first + port - inside.first}`
    exposed[key] ??= {}
    bindings[key] ??= []
    bindings[key].push({ HostIp: ip, HostPort: hostPort })
  }
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
  if (ip !== '' && !isAddress(ip)) throw new Error(`invalid IP address: ${ip}`)
  return { ip, host, container, protocol }
}

const longFormKeys: Readonly<Record<string, string>> = {
  protocol: 'protocol',
  mode: 'mode',
  target: 'target',
  published: 'published',
}

function fromLongForm(value: string): string {
  const fields: Record<string, string> = {}
  for (const part of value.split(',')) {
    const [key = '', text, more] = part.split('=')
    if (text === undefined || more !== undefined) {
      throw new Error(`invalid publish opts format (should be name=value but got '${part}')`)
    }
    if (longFormKeys[key] === undefined) throw new Error(`invalid publish opts key (${key})`)
    fields[key] = text
  }
  return `${fields['published'] ?? ''}:${fields['target'] ?? ''}/${fields['protocol'] ?? 'tcp'}`
}

function range(text: string, what: string): Range {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  const ports = { first: Number(first), last: Number(last) }
  if (!(ports.first <= ports.last && ports.last < 65536)) throw new Error(`invalid ${what}: ${text}`)
  return ports
}

function exposedRange(ports: string, value: string): Range {
  if (!/^\d+(-\d+)?$/.test(ports)) {
    const why = `strconv.ParseUint: parsing ${JSON.stringify(ports)}: invalid syntax`
    throw new Error(`invalid range format for --expose: ${value}, error: ${why}`)
  }
  return range(ports, 'range format for --expose')
}

function portsOf({ first, last }: Range): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
