import { bytes, struct, u8, u16, u32 } from './layout.ts'
import { attr, message } from './message.ts'
import {
  addressText,
  associationId,
  endless,
  familyOf,
  IPPROTO_ESP,
  lifetime,
  noSelector,
  paddedAddress,
  selector,
  unused,
  usage,
} from './xfrm-parts.ts'

export const XFRM_MSG_DELPOLICY = 0x14
export const XFRM_MSG_GETPOLICY = 0x15
export const XFRM_MSG_UPDPOLICY = 0x19
const XFRM_POLICY_OUT = 1
const XFRM_POLICY_ALLOW = 0
const XFRM_POLICY_BLOCK = 1
const IPPROTO_UDP = 17
const anyAlgorithm = 0xffff_ffff

/** `struct xfrm_user_tmpl`: what a packet is to go through. */
const template = struct({
  id: associationId,
  family: u16,
  source: bytes(16, 4),
  requestId: u32,
  mode: u8,
  share: u8,
  optional: u8,
  authentication: u32,
  encryption: u32,
  compression: u32,
})

const attributes = {
  template: attr(5, template), // XFRMA_TMPL: of several, the first
  mark: attr(21, struct({ value: u32, mask: u32 })), // XFRMA_MARK
}

/** One rule about which packets go through IPsec. @source include/uapi/linux/xfrm.h (`struct xfrm_userpolicy_info`) */
const policyMessage = message(
  struct({
    selector,
    lifetime,
    current: usage,
    priority: u32,
    index: u32,
    direction: u8,
    action: u8,
    flags: u8,
    share: u8,
  }),
  attributes,
)

/** Which policy. @source include/uapi/linux/xfrm.h (`struct xfrm_userpolicy_id`) */
const policyId = message(struct({ selector, index: u32, direction: u8 }), attributes)

/** What happens to UDP packets that leave for one port and have one mark. */
export interface OutgoingPolicy {
  readonly mark: number
  readonly port: number
  /** The lowest counts. */
  readonly priority: number
  /** Between which addresses, and by which association. Undefined: to anybody, and they are dropped. */
  readonly through?: {
    readonly source: string
    readonly destination: string
    readonly spi: number
    readonly requestId: number
  }
  /** Of packets that are dropped whatever their addresses are. */
  readonly family: number
}

/** `XFRM_MSG_UPDPOLICY`: makes it, or puts it in the place of one for the same packets. */
export function outgoingPolicy(policy: OutgoingPolicy): Uint8Array {
  const { mark, priority, through } = policy
  const action = through === undefined ? XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW
  const place = { priority, index: 0, direction: XFRM_POLICY_OUT, action, flags: 0, share: 0 }
  return policyMessage.encode(
    { selector: selectorOf(policy), lifetime: endless, current: unused, ...place },
    { mark: { value: mark, mask: 0xffff_ffff }, ...(through && { template: templateOf(through) }) },
  )
}

/** `XFRM_MSG_DELPOLICY` */
export function outgoingPolicyId(policy: OutgoingPolicy): Uint8Array {
  const header = { selector: selectorOf(policy), index: 0, direction: XFRM_POLICY_OUT }
  return policyId.encode(header, { mark: { value: policy.mark, mask: 0xffff_ffff } })
}

/** A policy as the kernel has it; undefined for one that is not such as `outgoingPolicy` makes. */
export function parseOutgoingPolicy(body: Uint8Array): OutgoingPolicy | undefined {
  const { header, attributes } = policyMessage.decode(body)
  const { selector, priority, direction, action } = header
  const { mark, template } = attributes
  if (direction !== XFRM_POLICY_OUT || selector.protocol !== IPPROTO_UDP || mark === undefined) return undefined
  const { family } = selector
  const common = { mark: mark.value, port: selector.destinationPort, priority, family }
  if (action === XFRM_POLICY_BLOCK) return common
  if (template === undefined) return undefined
  const source = addressText(selector.source, family)
  const destination = addressText(selector.destination, family)
  return { ...common, through: { source, destination, spi: template.id.spi, requestId: template.requestId } }
}

function selectorOf({ port, through, family }: OutgoingPolicy) {
  const ports = { destinationPort: port, destinationPortMask: 0xffff, protocol: IPPROTO_UDP }
  if (through === undefined) return { ...noSelector, ...ports, family }
  const { source, destination } = through
  const length = destination.includes(':') ? 128 : 32
  return {
    ...{ ...noSelector, ...ports, family: familyOf(destination) },
    ...{ source: paddedAddress(source), sourceLength: length },
    ...{ destination: paddedAddress(destination), destinationLength: length },
  }
}

function templateOf({ source, destination, spi, requestId }: NonNullable<OutgoingPolicy['through']>) {
  return {
    id: { destination: paddedAddress(destination), spi, protocol: IPPROTO_ESP },
    family: familyOf(destination),
    source: paddedAddress(source),
    ...{ requestId, mode: 0, share: 0, optional: 0 },
    ...{ authentication: anyAlgorithm, encryption: anyAlgorithm, compression: anyAlgorithm },
  }
}
