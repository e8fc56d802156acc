import { EngineError } from '../../../base/errors.ts'
import { findLink } from '../../../kernel/netlink/links.ts'
import type {
  Changes,
  DriverContext,
  EndpointSpec,
  NetworkDriver,
  NetworkSpec,
  OpenSandbox,
  Ownership,
  Publishing,
  WayOut,
} from '../../driver.ts'
import { removeChild } from '../parent/child.ts'
import { ensureParent } from '../parent/ensure-parent.ts'
import type { ParentParts } from '../parent/parent-parts.ts'
import type { ParentUser } from '../parent/parent-users.ts'
import { releaseParent, sweepParents } from '../parent/remove-parent.ts'
import { trunkOf } from '../parent/vlan-name.ts'
import { ensureMacvlanEndpoint, macvlanKind } from './endpoint.ts'
import {
  ensureHostAccess,
  ensureHostRoutes,
  removeHostAccess,
  removeHostRoutes,
  sweepHostAccess,
} from './host-access.ts'
import { parseMacvlanOptions } from './options.ts'
import { hostAddressName, type MacvlanPlan, macOf, planMacvlan } from './plan.ts'

/** Networks on the host's own LAN: each container has a hardware address there, beside the host's. */
export class MacvlanDriver implements NetworkDriver<MacvlanPlan> {
  readonly name = 'macvlan'
  readonly traits = {
    scope: 'local',
    onlyPredefined: false,
    hasInterfaces: true,
    publishesPorts: false,
    providesGateway: true,
  } as const
  readonly #parts: ParentParts

  constructor(parts: ParentParts) {
    this.#parts = parts
  }

  plan(spec: NetworkSpec): MacvlanPlan {
    return planMacvlan(spec)
  }

  /** Several networks may share a parent. */
  hostInterface(): undefined {
    return undefined
  }

  parents({ parent, hostAccess }: MacvlanPlan): readonly string[] {
    const trunk = parent.isOwn ? undefined : trunkOf(parent.name)
    return [parent.name, trunk, hostAccess?.name].filter((name) => name !== undefined)
  }

  interfacePrefix({ interfacePrefix }: MacvlanPlan): string {
    return interfacePrefix
  }

  /** The gateway of a LAN is there, or is not: nobody can choose one for it. */
  freeOfGateway(): readonly ['ipv4', 'ipv6'] {
    return ['ipv4', 'ipv6']
  }

  hostAddress(options: NetworkSpec['options']): string | undefined {
    return parseMacvlanOptions(options).hostAccess ? hostAddressName : undefined
  }

  wayOut({ parent }: MacvlanPlan): WayOut {
    return parent.isOwn ? 'none' : 'gateway'
  }

  publishing(): Publishing {
    return { routed: [], opened: [] }
  }

  macFor(address: string): string {
    return macOf(address)
  }

  /** Its packets never meet the host's firewall. */
  elements(): readonly [] {
    return []
  }

  ownership({ parent }: MacvlanPlan, { host }: DriverContext): Ownership {
    return findLink(host, parent.name) === undefined ? 'missing' : 'ours'
  }

  async ensureNetwork(plan: MacvlanPlan, context: DriverContext): Promise<Changes> {
    const { users, kernel } = this.#parts
    kernel.require('macvlan')
    const user = userOf(plan)
    users.add(plan.parent.name, user)
    checkBeside(plan, users.beside(plan.parent.name, user))
    const changes = await ensureParent(plan.parent, kernel, context)
    return [...changes, ...(await ensureHostAccess(plan, context))]
  }

  async removeNetwork(plan: MacvlanPlan, context: DriverContext): Promise<void> {
    this.#parts.users.remove(plan.parent.name, plan.networkId)
    removeHostAccess(plan, context)
    releaseParent(plan.parent, this.#parts.users, context)
  }

  async ensureEndpoint(
    plan: MacvlanPlan,
    endpoint: EndpointSpec,
    sandbox: OpenSandbox,
    context: DriverContext,
  ): Promise<Changes> {
    const changes = await ensureMacvlanEndpoint(plan, endpoint, sandbox, context)
    ensureHostRoutes(plan, endpoint, context)
    return changes
  }

  async removeEndpoint(
    plan: MacvlanPlan,
    endpoint: EndpointSpec,
    context: DriverContext,
    sandbox?: OpenSandbox,
  ): Promise<void> {
    removeHostRoutes(plan, endpoint, context)
    await removeChild(macvlanKind, endpoint, context, sandbox)
  }

  abandonEndpoint(plan: MacvlanPlan, endpoint: EndpointSpec, context: DriverContext): void {
    removeHostRoutes(plan, endpoint, context)
  }

  async sweep({ networks }: { readonly networks: readonly MacvlanPlan[] }, context: DriverContext): Promise<Changes> {
    const { users } = this.#parts
    users.keep(this.name, new Set(networks.map(({ networkId }) => networkId)))
    return [...(await sweepHostAccess(networks, context)), ...(await sweepParents(users, context))]
  }
}

function userOf({ networkId, mode }: MacvlanPlan): ParentUser {
  return { networkId, driver: 'macvlan', isExclusive: mode === 'passthru' }
}

/** @throws {EngineError} `internal`, with Docker's words, for two of which one wants the parent to itself */
function checkBeside({ mode, parent }: MacvlanPlan, others: readonly ParentUser[]): void {
  const [first] = others
  const exclusive = others.find(({ isExclusive }) => isExclusive)
  if (mode === 'passthru' && first !== undefined) {
    const other = `macvlan network ${first.networkId} is already using parent interface ${parent.name}`
    throw new EngineError('internal', `cannot use mode passthru, ${other}`)
  }
  if (exclusive === undefined) return
  const other = `macvlan network ${exclusive.networkId} is already using parent interface ${parent.name}`
  throw new EngineError('internal', `${other} in mode passthru`)
}
