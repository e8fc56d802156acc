import { hkdfSync } from 'node:crypto'
import { ipBytes } from '../../../../wire/ip-address.ts'
import type { EspParts } from '../../../../wire/netlink/xfrm.ts'
import { familyOf } from '../../../../wire/netlink/xfrm-parts.ts'
import type { OutgoingPolicy } from '../../../../wire/netlink/xfrm-policy.ts'
import type { NetworkSecret, NetworkSecrets } from '../../../peers.ts'

/** UDP port of VXLAN. @source RFC 7348, section 5 */
const port = 4789
/** AES-128, and the salt that RFC 4106 appends. Bytes. */
const keyBytes = 16 + 4
/** Packets have the mark only until the tunnel has found their way; its upper byte tells it from other people's. */
const markPrefix = 0x5700_0000
/** To a host whose association is there, then to all others. */
const priorities = { through: 100, dropped: 200 } as const

/** A network, seen from this host. */
export interface EspSite {
  readonly vni: number
  /** Near ends of the tunnels. */
  readonly local: string
  readonly secrets: NetworkSecrets
}

/**
 * What the kernel is to have so that packets between hosts are encrypted: ESP in transport mode, AES-128-GCM with a check of
 * 128 bits (RFC 4106). There is no window against replays: a host that starts again counts from 1, and would not be heard.
 */
export interface EspPlan {
  readonly associations: readonly EspParts[]
  readonly policies: readonly OutgoingPolicy[]
}

/** The mark of packets that are about to leave by a tunnel. */
export function markOf(vni: number): number {
  return markPrefix | vni
}

/** What it takes to talk to these hosts, and to nobody in clear text. Pure. @param hosts addresses of far ends */
export function planEsp(site: EspSite, hosts: readonly string[]): EspPlan {
  const { vni, local } = site
  const plans = hosts.map((host) => planHost(site, host))
  const dropped = { mark: markOf(vni), port, priority: priorities.dropped, family: familyOf(local) }
  return {
    associations: plans.flatMap(({ associations }) => associations),
    policies: [dropped, ...plans.flatMap(({ policies }) => policies)],
  }
}

/** What it takes to talk to one host: heard with every secret that is accepted, spoken with one of them. Pure. */
export function planHost(site: EspSite, host: string): EspPlan {
  const { vni, local, secrets } = site
  const sending = secrets.accepted.find(({ number }) => number === secrets.sending)
  const incoming = secrets.accepted.map((secret) => association(vni, secret, host, local))
  if (sending === undefined) return { associations: incoming, policies: [] } // dropped by the policy for all
  const outgoing = association(vni, sending, local, host)
  const { source, destination, spi, requestId } = outgoing
  const through = { source, destination, spi, requestId }
  const policy = { mark: markOf(vni), port, priority: priorities.through, family: familyOf(local), through }
  return { associations: [...incoming, outgoing], policies: [policy] }
}

/** Differences between two lists, by what tells their members apart. Pure. */
export function compareEsp(wanted: EspPlan, held: EspPlan): { readonly missing: EspPlan; readonly extra: EspPlan } {
  const differ = <T>(these: readonly T[], those: readonly T[], key: (one: T) => string): T[] => {
    const known = new Set(those.map(key))
    return these.filter((one) => !known.has(key(one)))
  }
  const between = (these: EspPlan, those: EspPlan): EspPlan => ({
    associations: differ(these.associations, those.associations, associationKey),
    policies: differ(these.policies, those.policies, policyKey),
  })
  return { missing: between(wanted, held), extra: between(held, wanted) }
}

/**
 * One direction between two hosts. Each has a key of its own, so that no two count with the same one (two packets with
 * one key and one number would betray both); it follows from the secret, so that nobody has to be asked for it.
 */
function association(vni: number, secret: NetworkSecret, source: string, destination: string): EspParts {
  const about = Buffer.from(`wharf overlay ${vni} ${asText(source)} ${asText(destination)} ${secret.number}`)
  const derived = Buffer.from(hkdfSync('sha256', secret.bytes, Buffer.alloc(0), about, keyBytes + 4))
  const spi = derived.readUInt32BE(keyBytes)
  // The 256 lowest are reserved. @source RFC 4303, section 2.1
  return { source, destination, spi: spi < 256 ? spi + 256 : spi, requestId: vni, key: derived.subarray(0, keyBytes) }
}

/** However it is written. */
function asText(address: string): string {
  return Buffer.from(ipBytes(address)).toString('hex')
}

function associationKey({ source, destination, spi, key }: EspParts): string {
  return `${asText(source)} ${asText(destination)} ${spi} ${Buffer.from(key).toString('hex')}`
}

function policyKey({ through, priority }: OutgoingPolicy): string {
  return through === undefined ? `drop ${priority}` : `${asText(through.destination)} ${through.spi} ${priority}`
}
