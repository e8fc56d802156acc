import { EngineError } from '../../base/errors.ts'
import { bareAddress } from '../../network/ipam/prefix.ts'
import type { ContainerParts } from '../container-parts.ts'
import type { ContainerRecord } from '../model.ts'
import { joinedContainer } from './network-wish.ts'
import { type LinkedContainer, planLinkVariables } from './plan-link-variables.ts'

/** What links are looked up in. */
export interface LinkParts extends Pick<ContainerParts, 'table'> {
  readonly networking: Pick<ContainerParts['networking'], 'sandboxOf'>
}

/** The network on which links are variables; on all others they are names only. */
const legacyNetwork = 'bridge'

/**
 * The variables that a container is given for those that it links to on the default network.
 *
 * @throws {EngineError} with Docker's words when one of them does not run
 */
export function linkVariables(parts: LinkParts, { name, hostConfig }: ContainerRecord): string[] {
  if (hostConfig.NetworkMode !== legacyNetwork) return []
  const present = (hostConfig.Links ?? []).filter((link) => isThere(parts.table, parseLink(link).target))
  return present.flatMap((link) => planLinkVariables(name, resolveLink(parts, name, link)))
}

/** A link to a container that was removed since is no link any more. */
function isThere(table: ContainerParts['table'], target: string): boolean {
  return (table.get(target) ?? table.named(target)) !== undefined
}

/**
 * Finds, when a container is made, those it links to: they are kept by their ids, for they may get other names.
 * Whether they run is asked when it starts.
 *
 * On networks of the user links are names only, of containers that may come later: they stay as they are.
 *
 * @throws {EngineError} `invalid-argument` with Docker's words
 */
export function resolveLinks({ table }: Pick<ContainerParts, 'table'>, record: ContainerRecord): ContainerRecord {
  const { hostConfig } = record
  const named = hostConfig.Links ?? []
  if (hostConfig.NetworkMode !== legacyNetwork || named.length === 0) return record
  const links = named.map((link) => {
    const { target: name, alias } = parseLink(link)
    const target = findInhabited(table, name)
    if (target.hostConfig.NetworkMode !== 'host') return `${target.id}:${alias}`
    throw new EngineError(
      'invalid-argument',
      "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
    )
  })
  return { ...record, hostConfig: { ...hostConfig, Links: links } }
}

function resolveLink({ table, networking }: LinkParts, linker: string, link: string): LinkedContainer {
  const { target, alias } = parseLink(link)
  const { id, name, config } = findInhabited(table, target)
  const sandbox = networking.sandboxOf(id)
  if (sandbox === undefined) {
    throw new EngineError('internal', `Cannot link to a non running container: /${name} AS /${linker}/${alias}`)
  }
  const endpoint = sandbox.endpoints.find(({ networkName }) => networkName === legacyNetwork)
  if (endpoint === undefined) {
    throw new EngineError('internal', `Cannot link to /${name}, as it does not belong to the default network`)
  }
  const address = bareAddress(endpoint.ipv4 ?? endpoint.ipv6 ?? '')
  return { alias, address, exposed: Object.keys(config.ExposedPorts ?? {}), env: config.Env ?? [] }
}

function parseLink(link: string): { readonly target: string; readonly alias: string } {
  if (link === '') throw new EngineError('invalid-argument', 'empty string specified for links')
  if (link.split(':').length > 2) throw new EngineError('invalid-argument', `bad format for links: ${link}`)
  const [target = '', chosen = target] = link.replace(/^\//, '').split(':')
  return { target, alias: chosen.split('/').at(-1)! }
}

/** The container of that name, or the one in whose network it lives: that is what can be linked to. */
function findInhabited(table: ContainerParts['table'], target: string): ContainerRecord {
  const record = find(table, target)
  const donor = joinedContainer(record.hostConfig.NetworkMode)
  return donor === undefined ? record : findInhabited(table, donor)
}

function find(table: ContainerParts['table'], target: string): ContainerRecord {
  try {
    return table.find(target)
  } catch (cause) {
    const why = (cause as Error).message
    throw new EngineError('invalid-argument', `could not get container for ${target}: ${why}`, { cause })
  }
}
