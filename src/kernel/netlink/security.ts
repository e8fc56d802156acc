import { isErrno } from '../../base/errors.ts'
import { NLM_F_DUMP } from '../../wire/netlink/frame.ts'
import {
  type EspName,
  type EspParts,
  espAssociation,
  espName,
  parseEspAssociation,
  XFRM_MSG_DELSA,
  XFRM_MSG_GETSA,
  XFRM_MSG_NEWSA,
} from '../../wire/netlink/xfrm.ts'
import {
  type OutgoingPolicy,
  outgoingPolicy,
  outgoingPolicyId,
  parseOutgoingPolicy,
  XFRM_MSG_DELPOLICY,
  XFRM_MSG_GETPOLICY,
  XFRM_MSG_UPDPOLICY,
} from '../../wire/netlink/xfrm-policy.ts'
import type { NetlinkSocket } from './netlink-socket.ts'

/** An association as it is now. */
export interface EspInfo extends EspParts {
  /** That went through it so far. */
  readonly packets: bigint
}

/** Lists a namespace's associations of one owner. @param netlink speaks `NETLINK_XFRM`, in all of this file */
export function listAssociations(netlink: NetlinkSocket, requestId: number): EspInfo[] {
  const question = new Uint8Array() // all of them
  return netlink
    .request('list security associations', XFRM_MSG_GETSA, NLM_F_DUMP, question)
    .flatMap((body) => parseEspAssociation(body) ?? [])
    .filter((one) => one.requestId === requestId)
}

/** Makes an association; there already is success. Its key is never in an error. */
export function ensureAssociation(netlink: NetlinkSocket, parts: EspParts): void {
  const action = `add security association from ${parts.source} to ${parts.destination}`
  try {
    netlink.request(action, XFRM_MSG_NEWSA, 0, espAssociation(parts))
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  }
}

/** Removes an association; absent is success. */
export function removeAssociation(netlink: NetlinkSocket, name: EspName): void {
  try {
    netlink.request(`remove security association to ${name.destination}`, XFRM_MSG_DELSA, 0, espName(name))
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error
  }
}

/** Lists a namespace's policies for outgoing UDP packets with one mark. */
export function listOutgoingPolicies(netlink: NetlinkSocket, mark: number): OutgoingPolicy[] {
  return netlink
    .request('list security policies', XFRM_MSG_GETPOLICY, NLM_F_DUMP, new Uint8Array())
    .flatMap((body) => parseOutgoingPolicy(body) ?? [])
    .filter((policy) => policy.mark === mark)
}

/** Makes a policy, or puts it in the place of one for the same packets: there is no moment without. */
export function putOutgoingPolicy(netlink: NetlinkSocket, policy: OutgoingPolicy): void {
  netlink.request(`put security policy to ${toWhom(policy)}`, XFRM_MSG_UPDPOLICY, 0, outgoingPolicy(policy))
}

/** Removes a policy; absent is success. */
export function removeOutgoingPolicy(netlink: NetlinkSocket, policy: OutgoingPolicy): void {
  try {
    const action = `remove security policy to ${toWhom(policy)}`
    netlink.request(action, XFRM_MSG_DELPOLICY, 0, outgoingPolicyId(policy))
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
  }
}

function toWhom({ through }: OutgoingPolicy): string {
  return through?.destination ?? 'anybody'
}
