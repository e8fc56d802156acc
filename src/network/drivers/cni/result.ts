import type { Attached } from '../../endpoints/attach.ts'

/** What a plugin answers to ADD. Kept as it came: it goes back to the plugins with every CHECK and DEL. */
export interface CniResult {
  readonly cniVersion?: string
  readonly interfaces?: readonly { readonly name: string; readonly mac?: string; readonly sandbox?: string }[]
  readonly ips?: readonly { readonly address: string; readonly gateway?: string; readonly interface?: number }[]
  readonly routes?: readonly { readonly dst: string; readonly gw?: string }[]
  readonly dns?: {
    readonly nameservers?: readonly string[]
    readonly domain?: string
    readonly search?: readonly string[]
    readonly options?: readonly string[]
  }
}

const anywhere = { ipv4: '0.0.0.0/0', ipv6: '::/0' } as const

/**
 * What an ADD came to, in the engine's terms: the first address of each family that the container's interface has. Pure.
 *
 * @source CNI SPEC.md 1.1, section 5
 */
export function attachedBy(result: CniResult, interfaceName: string): Attached {
  const { interfaces = [], ips = [], routes = [], dns = {} } = result
  const isOurs = (index: number) => interfaces[index]?.name === interfaceName && Boolean(interfaces[index].sandbox)
  const own = ips.filter(({ interface: index }) => index === undefined || index === null || isOurs(index))
  const ipv4 = own.find(({ address }) => !address.includes(':'))
  const ipv6 = own.find(({ address }) => address.includes(':'))
  const way = (family: keyof typeof anywhere, gateway: string | undefined) => {
    const route = routes.find(({ dst }) => dst === anywhere[family])
    return route && { via: route.gw ?? gateway }
  }
  const [way4, way6] = [way('ipv4', ipv4?.gateway), way('ipv6', ipv6?.gateway)]
  const isDirect = [way4, way6].some((one) => one !== undefined && one.via === undefined)
  return {
    interfaceName,
    mac: interfaces.find((_, i) => isOurs(i))?.mac ?? '',
    ...(ipv4 && { ipv4: ipv4.address }),
    ...(ipv6 && { ipv6: ipv6.address }),
    ...(way4?.via && { gateway: way4.via }),
    ...(way6?.via && { gateway6: way6.via }),
    ...(isDirect && { leadsOutside: true }),
    told: {
      routes: routes.map(({ dst, gw }) => ({ to: dst, ...(gw !== undefined && { via: gw }) })),
      nameservers: dns.nameservers ?? [],
      search: dns.search ?? (dns.domain ? [dns.domain] : []),
      options: dns.options ?? [],
    },
  }
}

/**
 * The result as CHECK is to compare it: the engine elects the ways out among all of a container's networks, so that the
 * default routes are not the plugin's any more. Pure.
 */
export function withoutWaysOut(result: CniResult): CniResult {
  const { routes } = result
  if (routes === undefined) return result
  const defaults: readonly string[] = Object.values(anywhere)
  return { ...result, routes: routes.filter(({ dst }) => !defaults.includes(dst)) }
}
