import { EngineError } from '../../base/errors.ts'

/** Ports that a filter wants, ends included. */
export interface PortFilter {
  readonly from: number
  readonly to: number
  readonly protocol: string
}

/** Reads `"80"`, `"80/udp"` or `"8000-8010/tcp"`. @throws {EngineError} `invalid-argument` */
export function parsePortFilter(name: string, text: string): PortFilter {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(text)
  if (match === null) throw new EngineError('invalid-argument', `invalid filter '${name}=${text}'`)
  const [, from, to = from, protocol = 'tcp'] = match
  return { from: Number(from), to: Number(to), protocol }
}

/** Whether a port is among those that a filter wants. */
export function containsPort(range: PortFilter, port: number, protocol: string): boolean {
  return protocol === range.protocol && port >= range.from && port <= range.to
}
