import type { EndpointSettings } from './container.ts'
import { endpointSettingsSchema } from './container-schema.ts'
import { fields, flag, list, map, type Schema, text } from './schema.ts'

/** One subnet of a network. Addresses and prefixes are text: `"172.18.0.0/16"`. */
export interface NetworkIpamConfig {
  readonly Subnet?: string
  readonly IPRange?: string
  readonly Gateway?: string
  readonly AuxiliaryAddresses?: Readonly<Record<string, string>>
}

/** @source Docker Engine API v1.51, IPAM */
export interface NetworkIpam {
  readonly Driver?: string
  readonly Options?: Readonly<Record<string, string>> | null
  readonly Config?: readonly NetworkIpamConfig[] | null
}

/** The body of `POST /networks/create`. @source Docker Engine API v1.51, NetworkCreate */
export interface NetworkCreateBody {
  readonly Name?: string
  readonly Driver?: string
  readonly Scope?: string
  readonly EnableIPv4?: boolean
  readonly EnableIPv6?: boolean
  readonly IPAM?: NetworkIpam
  readonly Internal?: boolean
  readonly Attachable?: boolean
  readonly Ingress?: boolean
  readonly ConfigOnly?: boolean
  readonly ConfigFrom?: { readonly Network?: string }
  readonly Options?: Readonly<Record<string, string>>
  readonly Labels?: Readonly<Record<string, string>>
}

/** A container's place on a network, as the network shows it. Addresses have their prefix length. */
export interface NetworkMember {
  readonly Name: string
  readonly EndpointID: string
  readonly MacAddress: string
  readonly IPv4Address: string
  readonly IPv6Address: string
}

/** One network. @source Docker Engine API v1.51, NetworkInspect */
export interface NetworkResource {
  readonly Name: string
  readonly Id: string
  readonly Created: string
  readonly Scope: string
  readonly Driver: string
  readonly EnableIPv4: boolean
  readonly EnableIPv6: boolean
  readonly IPAM: {
    readonly Driver: string
    readonly Options: Readonly<Record<string, string>> | null
    readonly Config: readonly NetworkIpamConfig[]
  }
  readonly Internal: boolean
  readonly Attachable: boolean
  readonly Ingress: boolean
  readonly ConfigFrom: { readonly Network: string }
  readonly ConfigOnly: boolean
  /** By container id, `ep-` and the endpoint's id on other hosts; only when one network is inspected, and in lists before API 1.28. */
  readonly Containers: Readonly<Record<string, NetworkMember>>
  readonly Options: Readonly<Record<string, string>>
  readonly Labels: Readonly<Record<string, string>>
  /** The hosts that have endpoints on it, of a network that several share. */
  readonly Peers?: readonly { readonly Name: string; readonly IP: string }[]
}

/** The body of `POST /networks/{id}/connect`. @source Docker Engine API v1.51, NetworkConnect */
export interface NetworkConnectBody {
  readonly Container?: string
  readonly EndpointConfig?: EndpointSettings
}

/** The body of `POST /networks/{id}/disconnect`. @source Docker Engine API v1.51, NetworkDisconnect */
export interface NetworkDisconnectBody {
  readonly Container?: string
  readonly Force?: boolean
}

/** What `NetworkCreateBody` must look like. */
export const networkCreateSchema: Schema = fields({
  Name: text,
  Driver: text,
  Scope: text,
  EnableIPv4: flag,
  EnableIPv6: flag,
  IPAM: fields({
    Driver: text,
    Options: map(text),
    Config: list(fields({ Subnet: text, IPRange: text, Gateway: text, AuxiliaryAddresses: map(text) })),
  }),
  Internal: flag,
  Attachable: flag,
  Ingress: flag,
  ConfigOnly: flag,
  ConfigFrom: fields({ Network: text }),
  Options: map(text),
  Labels: map(text),
})

/** What `NetworkConnectBody` must look like. */
export const networkConnectSchema: Schema = fields({ Container: text, EndpointConfig: endpointSettingsSchema })

/** What `NetworkDisconnectBody` must look like. */
export const networkDisconnectSchema: Schema = fields({ Container: text, Force: flag })
