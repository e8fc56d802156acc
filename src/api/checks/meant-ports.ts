import { EngineError } from '../../base/errors.ts'
import { type PortRange, parsePortRange, portsOf } from '../../base/port-specs.ts'
import type { MeantPort } from '../../container/create/port-bindings.ts'

/**
 * Reads which published ports are meant: `80` and `tcp`, or a range `8000-8010`.
 *
 * @param hostPort `"8080"`; of a range one as long: `"9000-9010"`; for one port several of which any is meant; or empty
 * @throws {EngineError} `invalid-argument`
 */
export function meantPorts(port: string, protocol: string, hostPort: string): MeantPort[] {
  const kind = protocol.toLowerCase()
  const inside = rangeOf(port, `${port}/${kind}`)
  if (!/^(tcp|udp|sctp)$/.test(kind)) throw invalid(`${port}/${kind}`)
  const outside = hostPort === '' ? undefined : rangeOf(hostPort, hostPort)
  const isOne = inside.first === inside.last
  if (outside !== undefined && !isOne && outside.last - outside.first !== inside.last - inside.first) {
    const message = `invalid ranges specified for container and host Ports: ${port} and ${hostPort}`
    throw new EngineError('invalid-argument', message)
  }
  return portsOf(inside).map((number, i) => {
    const key = `${number}/${kind}`
    if (outside === undefined) return { key }
    return { key, hostPorts: isOne ? outside : { first: outside.first + i, last: outside.first + i } }
  })
}

function rangeOf(text: string, whole: string): PortRange {
  try {
    return parsePortRange(text, 'port')
  } catch (cause) {
    throw invalid(whole, cause)
  }
}

function invalid(text: string, cause?: unknown): EngineError {
  return new EngineError('invalid-argument', `invalid port specification: "${text}"`, { cause })
}
