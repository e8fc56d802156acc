import { EngineError, isErrno } from '../../../base/errors.ts'
import { createIpvlan } from '../../../kernel/netlink/create-link.ts'
import type { Changes, DriverContext, EndpointSpec, OpenSandbox } from '../../driver.ts'
import { ensureChild } from '../parent/child.ts'
import { requireParent } from '../parent/ensure-parent.ts'
import type { IpvlanPlan } from './plan.ts'

/** What the kernel calls it. */
export const ipvlanKind = 'ipvlan'

/** Puts a container on the parent, with the parent's hardware address. Makes only what is missing. */
export async function ensureIpvlanEndpoint(
  { parent, mode, flag, networkName }: IpvlanPlan,
  endpoint: EndpointSpec,
  sandbox: OpenSandbox,
  context: DriverContext,
): Promise<Changes> {
  if (endpoint.mac !== '') {
    throw new EngineError('internal', 'ipvlan interfaces do not support custom mac address assignment')
  }
  const { index } = requireParent(parent, context)
  const { namespace } = sandbox
  const create = (name: string) => createIpvlan(context.host, { name, parent: index, mode, flag, namespace })
  try {
    // Somebody has the address: on one parent nobody else can have it.
    return await ensureChild({ kind: ipvlanKind, busy: ['EADDRINUSE'], create }, endpoint, sandbox)
  } catch (error) {
    if (!isErrno(error, 'EBUSY')) throw error
    const why = `network "${networkName}": "${parent.name}" is a port of a bridge or a bond, or carries macvlan`
    throw new EngineError('conflict', `failed to create the ipvlan port: device or resource busy: ${why}`, {
      cause: error,
    })
  }
}
