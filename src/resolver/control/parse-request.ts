import type {
  HostAddress,
  NamedEndpoint,
  PortRange,
  PortReservation,
  ResolverRequest,
  SandboxSetup,
} from '../protocol.ts'
import { address, dictionary, either, list, object, oneOf, optional, port, type Shape, text, truth } from './shape.ts'

const sandbox = object<SandboxSetup>({
  id: text,
  netnsPath: text,
  networks: list(object({ id: text, name: text })),
  upstreams: list(object({ address, from: oneOf('host', 'sandbox') })),
  forwardFromHost: truth,
  ndotsSet: truth,
  links: dictionary(list(address)),
})

const owner = object<NonNullable<NamedEndpoint['owner']>>({ containerId: text, networkName: text })

const endpoint = object<NamedEndpoint>({
  id: text,
  networkId: text,
  names: list(text),
  addresses: list(address),
  owner: optional(owner) as Shape<NonNullable<NamedEndpoint['owner']>>, // absent, not undefined: `object` leaves it out
})

const host = object<HostAddress>({ address, port })

const target = object<NonNullable<PortReservation['proxyTo']>>({
  address,
  port,
  netnsPath: optional(text) as Shape<string>, // absent, not undefined: `object` leaves it out
})

const range = {
  owner: text,
  protocol: oneOf('tcp', 'udp', 'sctp'),
  hostAddress: either(oneOf('*'), address),
  hostPort: port,
  count: port,
} as const

const portRange = object<PortRange>(range)

const reservation = object<PortReservation>({
  ...range,
  proxyTo: optional(target) as Shape<NonNullable<PortReservation['proxyTo']>>, // as above
})

const ids = list(text)

type Requests = { readonly [Verb in ResolverRequest['do']]: Shape<Extract<ResolverRequest, { readonly do: Verb }>> }

const requests: Requests = {
  hello: object({ do: oneOf('hello') }),
  'put-sandbox': object({ do: oneOf('put-sandbox'), sandbox }),
  'remove-sandbox': object({ do: oneOf('remove-sandbox'), id: text }),
  'put-endpoint': object({ do: oneOf('put-endpoint'), endpoint }),
  'remove-endpoint': object({ do: oneOf('remove-endpoint'), id: text }),
  'put-host': object({ do: oneOf('put-host'), host }),
  'remove-host': object({ do: oneOf('remove-host') }),
  'reserve-ports': object({ do: oneOf('reserve-ports'), ports: list(reservation) }),
  'release-ports': object({ do: oneOf('release-ports'), ports: list(portRange) }),
  retain: object({ do: oneOf('retain'), sandboxes: ids, endpoints: ids, ports: list(portRange) }),
  count: object({ do: oneOf('count') }),
  exit: object({ do: oneOf('exit') }),
}

const verb = object({ do: oneOf(...(Object.keys(requests) as ResolverRequest['do'][])) })

/**
 * Reads what a daemon asks.
 *
 * @param value  a parsed line
 * @throws {EngineError} `invalid-argument`, naming the field
 */
export function parseRequest(value: unknown): ResolverRequest {
  const shape: Shape<ResolverRequest> = requests[verb(value, 'request').do]
  return shape(value, 'request')
}
