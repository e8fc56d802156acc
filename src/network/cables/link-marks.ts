import { shortId } from '../../base/id.ts'

/** The alias that we leave on a host interface, so that it is known as ours after a crash, and to people. */
export function networkMark(networkId: string): string {
  return `wharf network ${shortId(networkId)}`
}

/** What a network's bridge is called unless its options say: nobody else could know it before. */
export function bridgeName(networkId: string): string {
  return `br-${shortId(networkId)}`
}

/** The alias of the host end of an endpoint. */
export function endpointMark(endpointId: string): string {
  return `wharf endpoint ${shortId(endpointId)}`
}

/** True for the alias of anything of ours. */
export function isMark(alias: string): boolean {
  return /^wharf (network|endpoint) [0-9a-f]{12}$/.test(alias)
}

/** The host end of an endpoint's cable: `"veth"` and seven digits of its id, as Docker's look. */
export function vethName(endpointId: string): string {
  return `veth${endpointId.slice(0, 7)}`
}
