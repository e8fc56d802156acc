import type { PortReach } from '../../network/ports/reach.ts'
import type { PortReachView } from '../../protocol/port.ts'

/** From where a published port is reached, as the API says it. */
export function reachView(reach: PortReach): PortReachView {
  const { protocol, containerPort, hostAddress, hostPort, count, host, containers, outside, why } = reach
  return {
    Port: `${rangeText(containerPort, count)}/${protocol}`,
    HostIp: hostAddress,
    HostPort: hostPort === 0 ? '' : rangeText(hostPort, count),
    Host: host,
    Containers: containers,
    Outside: outside,
    Why: why,
  }
}

function rangeText(first: number, count: number): string {
  return count === 1 ? String(first) : `${first}-${first + count - 1}`
}
