import type { PortBinding, PortKey } from '../protocol/container.ts'
import type { PortReachAnswer, PublishAnswer } from '../protocol/port.ts'
import type { Transport } from './transport.ts'

/** Publishes more ports of a container. */
export function publishPorts(
  transport: Transport,
  ref: string,
  PortBindings: Readonly<Record<PortKey, readonly PortBinding[]>>,
): Promise<PublishAnswer> {
  return transport.json({ method: 'POST', path: at(ref), body: { PortBindings } })
}

/** Withdraws a published port, `"80/tcp"`, or a range: everywhere, or from `"8080"` or `"8000-8010"` of the host. */
export function unpublishPort(transport: Transport, ref: string, key: PortKey, hostPort?: string): Promise<void> {
  return transport.send({ method: 'DELETE', path: `${at(ref)}/${key}`, query: { hostPort } })
}

/** Asks from where a container's published ports are reached. */
export function portReach(transport: Transport, ref: string): Promise<PortReachAnswer> {
  return transport.json({ method: 'GET', path: at(ref) })
}

function at(ref: string): string {
  return `/wharf/containers/${encodeURIComponent(ref)}/ports`
}
