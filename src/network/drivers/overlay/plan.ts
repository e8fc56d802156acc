import { EngineError } from '../../../base/errors.ts'
import { shortId } from '../../../base/id.ts'
import type { NetworkSpec } from '../../driver.ts'
import { requirePrefix } from '../../ipam/prefix.ts'
import type { Underlay } from '../../peers.ts'
import { parseOverlayOptions } from './options.ts'

/** An overlay network, ready to be made. */
export interface OverlayPlan {
  readonly networkId: string
  readonly networkName: string
  readonly subnets: readonly OverlaySubnet[]
  /** Bytes that the wire between the hosts carries at once; undefined: what this host's does. */
  readonly underlayMtu: number | undefined
  readonly internal: boolean
  readonly enableIPv6: boolean
  readonly encrypted: boolean
  readonly interfacePrefix: string
  /** Of the bridge, on every host the same, as its addresses are. */
  readonly mac: string
}

/** One subnet of an overlay network. */
export interface OverlaySubnet {
  readonly prefix: string
  /** With length: `"10.0.0.1/24"`. */
  readonly gateway?: string
  /** Of its tunnel; undefined while none was chosen. */
  readonly vni?: number
}

/** Outer headers, in bytes: IP, UDP, VXLAN, and the Ethernet header inside. @source RFC 7348, section 5 */
const tunnelHeaders = { ipv4: 50, ipv6: 70 } as const
/**
 * What ESP adds, before the padding that makes a multiple of 4 of it, in bytes: SPI, number, IV, two bytes about the
 * padding, and a check of 128 bits. Docker's check has 64, and its networks 8 bytes more. @source RFC 4106, RFC 4303
 */
const espHeaders = 34

/** @throws {EngineError} `invalid-argument` for options that cannot be, `not-implemented` for a backend that is not there */
export function planOverlay(spec: NetworkSpec): OverlayPlan {
  const { id, name, internal, enableIPv6 } = spec
  const { vnis, underlayMtu = spec.underlayMtu, encrypted, interfacePrefix } = parseOverlayOptions(spec.options)
  const subnets = spec.subnets.map(({ prefix, gateway, vni: allotted }, i): OverlaySubnet => {
    const vni = allotted ?? vnis[i]
    const { length } = requirePrefix(prefix, 'subnet')
    return {
      prefix,
      ...(gateway !== undefined && { gateway: `${gateway}/${length}` }),
      ...(vni !== undefined && { vni }),
    }
  })
  return {
    networkId: id,
    networkName: name,
    subnets,
    underlayMtu,
    internal,
    enableIPv6,
    encrypted,
    interfacePrefix,
    mac: `02:42:${id.slice(0, 8).match(/../g)!.join(':')}`,
  }
}

/** Largest packet of its containers, in bytes. Pure. */
export function overlayMtu({ underlayMtu, encrypted }: OverlayPlan, underlay: Underlay): number {
  const headers = tunnelHeaders[underlay.address.includes(':') ? 'ipv6' : 'ipv4']
  const mtu = (underlayMtu ?? underlay.mtu) - headers
  return encrypted ? Math.floor((mtu - espHeaders) / 4) * 4 : mtu
}

/** The tunnels' numbers. @throws {EngineError} `unavailable` when none was chosen */
export function tunnelsOf({ networkName, networkId, subnets }: OverlayPlan): readonly number[] {
  const vnis = [...new Set(subnets.flatMap(({ vni }) => vni ?? []))]
  if (vnis.length > 0) return vnis
  throw new EngineError('unavailable', `Cannot make network "${networkName}" (${shortId(networkId)}): it has no VNI`)
}
