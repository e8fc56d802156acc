import type { EndpointSpec, OpenSandbox } from '../../driver.ts'
import type { EndpointWish } from '../../terms.ts'

/** What an endpoint has, to be asked for again. Pure. */
export function wishAgain(
  { id, addresses, mac, driverOptions }: EndpointSpec,
  { namespace, path }: OpenSandbox,
): Omit<EndpointWish, 'exposed' | 'ports'> {
  const ipv4 = addresses.find((cidr) => !cidr.includes(':'))
  const ipv6 = addresses.find((cidr) => cidr.includes(':'))
  return {
    id,
    ...(ipv4 && { ipv4 }),
    ...(ipv6 && { ipv6 }),
    ...(mac !== '' && { mac }),
    ...{ driverOptions, sandboxPath: path ?? namespace.path },
  }
}
