import { EngineError, isErrno, type KernelError } from '../../../base/errors.ts'
import { createMacvlan } from '../../../kernel/netlink/create-link.ts'
import { findLink, setLink } from '../../../kernel/netlink/links.ts'
import type { Changes, DriverContext, EndpointSpec, OpenSandbox } from '../../driver.ts'
import { ensureChild } from '../parent/child.ts'
import { requireParent } from '../parent/ensure-parent.ts'
import type { MacvlanPlan } from './plan.ts'

/** What the kernel calls it. */
export const macvlanKind = 'macvlan'

/** Plugs a container into the parent. Makes only what is missing. */
export async function ensureMacvlanEndpoint(
  plan: MacvlanPlan,
  endpoint: EndpointSpec,
  sandbox: OpenSandbox,
  context: DriverContext,
): Promise<Changes> {
  const { index } = requireParent(plan.parent, context)
  // Somebody has the hardware address, or the parent to himself.
  const busy = plan.mode === 'passthru' ? ['EADDRINUSE', 'EINVAL'] : ['EADDRINUSE']
  const create = (name: string) => createInside({ plan, index, name, mac: endpoint.mac }, sandbox, context)
  try {
    return await ensureChild({ kind: macvlanKind, busy, create }, endpoint, sandbox)
  } catch (error) {
    throw isErrno(error, 'EBUSY', ...busy) ? explained(plan, endpoint, error) : error
  }
}

interface NewChild {
  readonly plan: MacvlanPlan
  /** Of the parent. */
  readonly index: number
  readonly name: string
  readonly mac: string
}

function createInside(
  { plan: { mode }, index: parent, name, mac }: NewChild,
  { namespace, netlink }: OpenSandbox,
  { host }: DriverContext,
): void {
  createMacvlan(host, { name, mode, parent, namespace, ...(mac !== '' && { mac }) })
  if (mode !== 'passthru' || mac === '') return
  // It was born with the parent's address; given another, it hands that on to the parent until it goes.
  const { index } = findLink(netlink, name)!
  setLink(netlink, index, { mac })
}

function explained({ parent, mode, networkName }: MacvlanPlan, { mac }: EndpointSpec, error: KernelError): EngineError {
  const why = {
    EADDRINUSE: `somebody on "${parent.name}" has the hardware address ${mac}`,
    EBUSY: `"${parent.name}" is a port of a bridge or a bond, or carries ipvlan`,
  }[error.errno]
  const alone =
    mode === 'passthru' ? `one container has "${parent.name}" to itself` : `"${parent.name}" is in mode passthru`
  const words = `failed to create the macvlan port: device or resource busy: network "${networkName}": ${why ?? alone}`
  return new EngineError('conflict', words, { cause: error })
}
