import { EngineError } from '../../base/errors.ts'
import type { PortWish } from '../../network/networking.ts'
import type { ContainerConfig, HostConfig, PortBinding } from '../../protocol/container.ts'

type PortProtocol = PortWish['protocol']

interface ContainerPort {
  readonly protocol: PortProtocol
  readonly port: number
}

/**
 * The ports that a container wants published: its bindings and, with `PublishAllPorts`, whatever else it exposes.
 *
 * @throws {EngineError} `invalid-argument` when a port, a range or an address is not one
 * @source Docker Engine API v1.51, PortMap
 */
export function portWishes(config: ContainerConfig, hostConfig: HostConfig): PortWish[] {
  const bindings = Object.entries(hostConfig.PortBindings ?? {})
  const wishes = bindings.flatMap(([key, list]) => {
    const port = parsePortKey(key)
    return (list === null || list.length === 0 ? [{}] : list).map((binding) => wishOf(port, binding))
  })
  if (hostConfig.PublishAllPorts !== true) return wishes
  const bound = new Set(bindings.map(([key]) => keyOf(parsePortKey(key))))
  const exposed = exposedPorts(config)
  return [...wishes, ...exposed.filter((port) => !bound.has(keyOf(port))).map((port) => wishOf(port, {}))]
}

/** Every port that a container says it serves. @throws {EngineError} `invalid-argument` for what is no port */
export function exposedPorts({ ExposedPorts }: ContainerConfig): ContainerPort[] {
  return Object.keys(ExposedPorts ?? {}).flatMap(expandExposed)
}

/** `"80/tcp"`, `"80"`. */
function parsePortKey(key: string): ContainerPort {
  const [digits, protocol = 'tcp'] = key.split('/')
  const port = parsePort(digits!, key)
  if (port === 0) throw new EngineError('invalid-argument', `invalid port specification: "${key}"`)
  return { protocol: parseProtocol(protocol, key), port }
}

/** An exposed port may be a range: `"8000-8010/udp"`. */
function expandExposed(key: string): ContainerPort[] {
  const [digits, protocol = 'tcp'] = key.split('/')
  const { from, to } = parseRange(digits!, key)
  return Array.from({ length: to - from + 1 }, (_, i) => ({ protocol: parseProtocol(protocol, key), port: from + i }))
}

function wishOf({ protocol, port }: ContainerPort, { HostIp = '', HostPort = '' }: PortBinding): PortWish {
  return {
    protocol,
    containerPort: port,
    hostAddress: HostIp.replace(/^\[|\]$/g, ''),
    hostPorts: HostPort === '' ? { from: 0, to: 0 } : parseRange(HostPort, HostPort),
  }
}

function parseRange(text: string, whole: string): { from: number; to: number } {
  const [first, last = first] = text.split('-')
  const range = { from: parsePort(first!, whole), to: parsePort(last!, whole) }
  if (range.to < range.from) throw new EngineError('invalid-argument', `invalid port specification: "${whole}"`)
  return range
}

function parsePort(digits: string, whole: string): number {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : Number.NaN
  if (!(port <= 65_535)) throw new EngineError('invalid-argument', `invalid port specification: "${whole}"`)
  return port
}

function parseProtocol(protocol: string, whole: string): PortProtocol {
  const lower = protocol.toLowerCase()
  if (lower === 'tcp' || lower === 'udp' || lower === 'sctp') return lower
  throw new EngineError('invalid-argument', `invalid port specification: "${whole}"`)
}

function keyOf({ protocol, port }: ContainerPort): string {
  return `${port}/${protocol}`
}
