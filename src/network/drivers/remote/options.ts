import { endpointLabels } from '../../endpoints/endpoint-options.ts'
import type { EndpointWish } from '../../terms.ts'
import type { RemotePlan } from './plan.ts'

/** Keys of `Options` that both sides know. @source moby, libnetwork/netlabel */
const labels = {
  generic: 'com.docker.network.generic',
  enableIPv4: 'com.docker.network.enable_ipv4',
  enableIPv6: 'com.docker.network.enable_ipv6',
  internal: 'com.docker.network.internal',
  exposedPorts: 'com.docker.network.endpoint.exposedports',
  portMap: 'com.docker.network.portmap',
} as const

/** @source IANA, Protocol Numbers */
const protocolNumbers = { tcp: 6, udp: 17, sctp: 132 } as const

/** What options are made of. */
export type OptionsOfNetwork = Pick<RemotePlan, 'options' | 'hasIPv4' | 'enableIPv6' | 'internal'>

type Options = Readonly<Record<string, unknown>>

/** What `CreateNetwork` says of a network besides its addresses. Pure. */
export function networkOptions({ options, hasIPv4, enableIPv6, internal }: OptionsOfNetwork): Options {
  return {
    [labels.enableIPv4]: hasIPv4,
    [labels.enableIPv6]: enableIPv6,
    ...(internal && { [labels.internal]: true }),
    [labels.generic]: options,
  }
}

/** What `CreateEndpoint` says besides the addresses. Pure. */
export function endpointOptions(wish: EndpointWish): Options {
  const { driverOptions, mac } = wish
  return { ...driverOptions, ...(mac !== undefined && { [endpointLabels.mac]: mac }), ...sandboxOptions(wish) }
}

/** What `Join` says of the container. Pure. */
export function sandboxOptions({ exposed, ports }: EndpointWish): Options {
  return {
    [labels.exposedPorts]: exposed.map(({ protocol, port }) => ({ Proto: protocolNumbers[protocol], Port: port })),
    [labels.portMap]: ports.map(({ protocol, containerPort, hostAddress, hostPorts }) => ({
      Proto: protocolNumbers[protocol],
      IP: '',
      Port: containerPort,
      HostIP: hostAddress,
      HostPort: hostPorts.from,
      HostPortEnd: hostPorts.to,
    })),
  }
}
