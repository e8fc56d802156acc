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
import type { Family } from '../../ipam/prefix.ts'
import { removeChild } from '../parent/child.ts'
import { ensureParent } from '../parent/ensure-parent.ts'
import { ownParentName, parentLabel } from '../parent/parent-name.ts'
import type { ParentParts } from '../parent/parent-parts.ts'
import type { ParentUser } from '../parent/parent-users.ts'
import { releaseParent, sweepParents } from '../parent/remove-parent.ts'
import { trunkOf } from '../parent/vlan-name.ts'
import { ensureIpvlanEndpoint, ipvlanKind } from './endpoint.ts'
import { parseIpvlanOptions } from './options.ts'
import { type IpvlanPlan, planIpvlan } from './plan.ts'

/** Networks on the host's own LAN whose containers share the host's hardware address. */
export class IpvlanDriver implements NetworkDriver<IpvlanPlan> {
  readonly name = 'ipvlan'
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

  plan(spec: NetworkSpec): IpvlanPlan {
    return planIpvlan(spec)
  }

  /** None that Docker's words for networks with the same bridge would fit: see `ensureNetwork`. */
  hostInterface(): undefined {
    return undefined
  }

  parents({ parent }: IpvlanPlan): readonly string[] {
    const trunk = parent.isOwn ? undefined : trunkOf(parent.name)
    return trunk === undefined ? [parent.name] : [parent.name, trunk]
  }

  interfacePrefix({ interfacePrefix }: IpvlanPlan): string {
    return interfacePrefix
  }

  /** Where the host routes there is no next hop; where nothing leads outside, there is no need of one. */
  freeOfGateway({ internal, options }: Pick<NetworkSpec, 'internal' | 'options'>): readonly Family[] {
    const isNeeded = parseIpvlanOptions(options).mode === 'l2' && !internal && (options[parentLabel] ?? '') !== ''
    return isNeeded ? [] : ['ipv4', 'ipv6']
  }

  wayOut({ parent, mode }: IpvlanPlan): WayOut {
    if (parent.isOwn) return 'none'
    return mode === 'l2' ? 'gateway' : 'interface'
  }

  publishing(): Publishing {
    return { routed: [], opened: [] }
  }

  /** The parent's. */
  macFor(): string {
    return ''
  }

  elements(): readonly [] {
    return []
  }

  ownership({ parent }: IpvlanPlan, { host }: DriverContext): Ownership {
    return findLink(host, parent.name) === undefined ? 'missing' : 'ours'
  }

  async ensureNetwork(plan: IpvlanPlan, context: DriverContext): Promise<Changes> {
    const { users, kernel } = this.#parts
    const { networkId, parent } = plan
    kernel.require('ipvlan')
    const user: ParentUser = { networkId, driver: 'ipvlan', isExclusive: true }
    users.add(parent.name, user)
    const [other] = users.beside(parent.name, user)
    if (other !== undefined) {
      const name = ownParentName('ipvlan', other.networkId) // as Docker calls it
      throw new EngineError('internal', `network ${name} is already using parent interface ${parent.name}`)
    }
    return ensureParent(parent, kernel, context)
  }

  async removeNetwork({ parent, networkId }: IpvlanPlan, context: DriverContext): Promise<void> {
    this.#parts.users.remove(parent.name, networkId)
    releaseParent(parent, this.#parts.users, context)
  }

  async ensureEndpoint(
    plan: IpvlanPlan,
    endpoint: EndpointSpec,
    sandbox: OpenSandbox,
    context: DriverContext,
  ): Promise<Changes> {
    return ensureIpvlanEndpoint(plan, endpoint, sandbox, context)
  }

  async removeEndpoint(
    _plan: IpvlanPlan,
    endpoint: EndpointSpec,
    context: DriverContext,
    sandbox?: OpenSandbox,
  ): Promise<void> {
    await removeChild(ipvlanKind, endpoint, context, sandbox)
  }

  /** Nothing of it is outside. */
  abandonEndpoint(): void {}

  async sweep({ networks }: { readonly networks: readonly IpvlanPlan[] }, context: DriverContext): Promise<Changes> {
    const { users } = this.#parts
    users.keep(this.name, new Set(networks.map(({ networkId }) => networkId)))
    return sweepParents(users, context)
  }
}
