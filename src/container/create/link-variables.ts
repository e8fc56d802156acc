import { EngineError } from '../../base/errors.ts'
import { bareAddress } from '../../network/ipam/prefix.ts'
import type { ContainerParts } from '../container-parts.ts'
import type { ContainerRecord } from '../model.ts'
import { joinedContainer } from './network-wish.ts'

/** What links are looked up in. */
export interface LinkParts extends Pick<ContainerParts, 'table'> {
  readonly networking: Pick<ContainerParts['networking'], 'sandboxOf'>
}

/** A container that another one names by `--link`. */
export interface LinkedContainer {
  readonly alias: string
  readonly address: string
  /** `"80/tcp"`, `"8000-8002/udp"` */
  readonly exposed: readonly string[]
  readonly env: readonly string[]
}

/** The network on which links are variables; on all others they are names only. */
const legacyNetwork = 'bridge'
/** Of every image, and no news to anybody. */
const keptToItself: ReadonlySet<string> = new Set(['HOME', 'PATH'])

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

/** The variables of one link. Pure. @param linker name of the container that links */
export function planLinkVariables(linker: string, { alias, address, exposed, env }: LinkedContainer): string[] {
  const prefix = alias.toUpperCase().replaceAll('-', '_')
  const ports = exposed.flatMap(expand).sort((a, b) => a.port - b.port || (a.protocol === 'tcp' ? -1 : 1))
  const [first] = ports
  return [
    ...(first === undefined ? [] : [`${prefix}_PORT=${first.protocol}://${address}:${first.port}`]),
    ...ports.flatMap(({ port, protocol }) => {
      const name = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`
      const url = `${protocol}://${address}:${port}`
      return [`${name}=${url}`, `${name}_ADDR=${address}`, `${name}_PORT=${port}`, `${name}_PROTO=${protocol}`]
    }),
    `${prefix}_NAME=/${linker}/${alias}`,
    ...env
      .filter((variable) => variable.includes('=') && !keptToItself.has(variable.split('=')[0]!))
      .map((variable) => `${prefix}_ENV_${variable}`),
  ]
}

function resolveLink({ table, networking }: LinkParts, linker: string, link: string): LinkedContainer {
  const { target, alias } = parseLink(link)
  const { id, name, config } = findInhabited(table, target)
  const endpoint = networking.sandboxOf(id)?.endpoints.find(({ networkName }) => networkName === legacyNetwork)
  if (endpoint === undefined) {
    throw new EngineError('internal', `Cannot link to a non running container: /${name} AS /${linker}/${alias}`)
  }
  const address = bareAddress(endpoint.ipv4 ?? endpoint.ipv6 ?? '')
  return { alias, address, exposed: Object.keys(config.ExposedPorts ?? {}), env: config.Env ?? [] }
}

function parseLink(link: string): { readonly target: string; readonly alias: string } {
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

function expand(key: string): { readonly port: number; readonly protocol: string }[] {
  const [range = '', protocol = 'tcp'] = key.split('/')
  const [first = 0, last = first] = range.split('-').map(Number)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => ({ port: first + i, protocol }))
}
