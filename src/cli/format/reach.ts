import type { PortReachView } from '../../protocol/port.ts'
import { joinHostPort } from './ports.ts'

/** `80/tcp -> 0.0.0.0:8080 is reached from this host, containers, and outside at 192.0.2.1:8080` */
export function renderReach({ Port, HostIp, HostPort, Host, Containers, Outside, Why }: PortReachView): string {
  const places = [
    ...(Host ? ['this host'] : []),
    ...(Containers ? ['containers'] : []),
    ...(Outside.length > 0 ? [`outside at ${Outside.join(' and ')}`] : []),
  ]
  const from = places.length === 0 ? 'nowhere' : `${places.join(', ')}${places.length === 1 ? ' only' : ''}`
  const where = HostPort === '' ? Port : `${Port} -> ${joinHostPort(HostIp, HostPort)}`
  return `${where}: from ${from}${Why === '' ? '' : ` (${Why})`}`
}
