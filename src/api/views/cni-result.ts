import type { SandboxView } from '../../network/networking.ts'
import type { CniCall, CniResult } from '../../protocol/cni.ts'

/** Where the resolver answers in every container. */
const nameserver = '127.0.0.11'

/** What an ADD answers: our interface, behind what the plugins before us have made. Pure. */
export function cniResult({ sandbox, endpoints }: SandboxView, { Config = {} }: CniCall): CniResult {
  const version = String(Config['cniVersion'] ?? '0.4.0')
  const before = (Config['prevResult'] ?? {}) as Partial<CniResult>
  const index = before.interfaces?.length ?? 0
  const addresses = endpoints.flatMap(({ ipv4, ipv6, gateway, gateway6 }) => [
    { address: ipv4, gateway },
    { address: ipv6, gateway: gateway6 },
  ])
  const own = addresses.filter(
    (one): one is { address: string; gateway: string | undefined } => one.address !== undefined,
  )
  const routes = own.flatMap(({ address, gateway }) => {
    return gateway === undefined ? [] : [{ dst: address.includes(':') ? '::/0' : '0.0.0.0/0', gw: gateway }]
  })
  const hasVersions = version.startsWith('0.')
  return {
    cniVersion: version,
    interfaces: [
      ...(before.interfaces ?? []),
      ...endpoints.map(({ interfaceName, mac }) => ({ name: interfaceName, mac, sandbox: sandbox.path })),
    ],
    ips: [
      ...(before.ips ?? []),
      ...own.map(({ address, gateway }) => ({
        ...(hasVersions && { version: address.includes(':') ? '6' : '4' }),
        address,
        ...(gateway !== undefined && { gateway }),
        interface: index,
      })),
    ],
    routes: [...(before.routes ?? []), ...routes],
    dns: endpoints.some(({ dnsNames }) => dnsNames.length > 0)
      ? { ...before.dns, nameservers: [nameserver, ...(before.dns?.nameservers ?? [])] }
      : (before.dns ?? {}),
  }
}
