import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import { listAddresses } from '../../kernel/netlink/addresses.ts'
import { findLink } from '../../kernel/netlink/links.ts'
import { checkAttachment } from '../endpoints/check-attachment.ts'
import { connect, disconnect } from '../endpoints/connect.ts'
import { endpointLabels } from '../endpoints/endpoint-options.ts'
import { isWished } from '../endpoints/gateways.ts'
import { addressesOf } from '../links/linked-endpoints.ts'
import type { EndpointRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { ForeignContainers, ForeignNamespace, ForeignWish, SandboxView, SandboxWish } from '../networking.ts'
import { findNetwork } from '../networks/find-network.ts'
import { publishPorts } from '../ports/publish-ports.ts'
import { closeSandbox } from '../sandbox/close-sandbox.ts'
import { openSandbox } from '../sandbox/open-sandbox.ts'
import { findForeignNamespace, foreignNamespace, openForeignNamespace } from './foreign-namespace.ts'

/** On the endpoint: under which name its owner knows the network, so that it may say later which ones it still has. */
const ownerLabel = 'wharf.foreign.owner'

/** Puts containers of other engines on networks: their namespace is there, and ends, without us. */
export class ForeignContainersOf implements ForeignContainers {
  readonly #parts: NetworkParts

  constructor(parts: NetworkParts) {
    this.#parts = parts
  }

  async attach(wish: ForeignWish): Promise<SandboxView> {
    const { table, locks, hostNamespace } = this.#parts
    const { containerId, interfaceName } = wish
    using _ = await locks.acquire(`foreign ${containerId}`)
    const namespace = findForeignNamespace(wish.namespacePath, hostNamespace)
    checkAttachment(findNetwork(table, wish.network), attachmentOf(wish), 'connect')
    await this.#closeEnded(containerId, namespace)
    if (table.sandbox(containerId) === undefined) {
      const sandbox = this.#sandboxWish(wish, namespace)
      await openSandbox(this.#parts, sandbox).catch((error: unknown) => {
        rmSync(sandbox.filesDir, { recursive: true, force: true })
        throw error
      })
    } else {
      await this.#attachMore(wish)
    }
    const endpoint = this.#endpoint(containerId, interfaceName)
    return { sandbox: table.sandbox(containerId)!, endpoints: endpoint === undefined ? [] : [endpoint] }
  }

  async detach(containerId: string, interfaceName: string): Promise<void> {
    using _ = await this.#parts.locks.acquire(`foreign ${containerId}`)
    const sandbox = this.#parts.table.sandbox(containerId)
    const foreign = sandbox && foreignNamespace(sandbox)
    if (foreign === undefined) return
    const endpoint = this.#endpoint(containerId, interfaceName)
    const all = this.#parts.table.endpointsOfContainer(containerId).filter(isWished)
    if (endpoint === undefined && all.length > 0) return
    using handle = openForeignNamespace(foreign)
    if (endpoint !== undefined && all.length > 1 && handle !== undefined) {
      await disconnect(this.#parts, containerId, endpoint.networkId)
    } else {
      await this.#close(containerId)
    }
  }

  check(containerId: string, interfaceName: string, expected: readonly string[]): readonly string[] {
    const sandbox = this.#parts.table.sandbox(containerId)
    const endpoint = this.#endpoint(containerId, interfaceName)
    const foreign = sandbox && foreignNamespace(sandbox)
    if (endpoint === undefined || foreign === undefined) return ['it is not attached']
    using handle = openForeignNamespace(foreign)
    if (handle === undefined) return [`its network namespace "${foreign.path}" has ended`]
    const link = findLink(handle.netlink, interfaceName)
    if (link === undefined) return [`interface ${interfaceName} is gone`]
    const present = new Set(listAddresses(handle.netlink, link.index).map(({ address }) => address))
    return [
      ...(link.up ? [] : [`interface ${interfaceName} is down`]),
      ...expected
        .filter((cidr) => cidr !== endpoint.ipv4 && cidr !== endpoint.ipv6)
        .map((cidr) => `${cidr} is not its address`),
      ...addressesOf(endpoint)
        .filter((address) => !present.has(address))
        .map((address) => `address ${address} is gone from ${interfaceName}`),
    ]
  }

  async collect(
    network: string,
    owner: string,
    isValid: (containerId: string, interfaceName: string) => boolean,
  ): Promise<void> {
    const { table } = this.#parts
    const { id } = findNetwork(table, network)
    const stale = table
      .endpointsOfNetwork(id)
      .filter(({ driverOptions }) => driverOptions[ownerLabel] === owner)
      .filter(({ containerId, interfaceName }) => !isValid(containerId, interfaceName))
    for (const { containerId, interfaceName } of stale) await this.detach(containerId, interfaceName)
  }

  /** A container's id that is used again, with another namespace: what was is gone. */
  async #closeEnded(containerId: string, { inode }: ForeignNamespace): Promise<void> {
    const present = this.#parts.table.sandbox(containerId)
    if (present === undefined) return
    const foreign = foreignNamespace(present)
    if (foreign === undefined) {
      throw new EngineError('conflict', `Cannot attach container "${containerId}": it is one of this engine's own`)
    }
    if (foreign.inode !== inode) await this.#close(containerId)
  }

  async #attachMore(wish: ForeignWish): Promise<void> {
    const { containerId, interfaceName, ports } = wish
    if (this.#endpoint(containerId, interfaceName) !== undefined) {
      throw new EngineError(
        'conflict',
        `Cannot attach container "${containerId}": it has an interface ${interfaceName}`,
      )
    }
    await connect(this.#parts, containerId, attachmentOf(wish))
    const { wish: before } = this.#parts.table.sandbox(containerId)!
    const keyOf = ({ protocol, containerPort, hostAddress, hostPorts }: (typeof ports)[number]) =>
      [protocol, containerPort, hostAddress, hostPorts.from].join(' ')
    const known = new Set(before.ports.map(keyOf))
    const more = ports.filter((port) => !known.has(keyOf(port)))
    if (more.length === 0) return
    try {
      await publishPorts(this.#parts, containerId, more)
    } catch (error) {
      await disconnect(this.#parts, containerId, wish.network)
      throw error
    }
  }

  async #close(containerId: string): Promise<void> {
    using _ = await this.#parts.locks.acquire(`container ${containerId}`)
    await closeSandbox(this.#parts, containerId)
  }

  #endpoint(containerId: string, interfaceName: string): EndpointRecord | undefined {
    return this.#parts.table
      .endpointsOfContainer(containerId)
      .find((endpoint) => isWished(endpoint) && endpoint.interfaceName === interfaceName)
  }

  #sandboxWish(wish: ForeignWish, foreign: ForeignNamespace): SandboxWish {
    const { containerId, name, ports } = wish
    const filesDir = join(this.#parts.execRoot, 'foreign', containerId)
    mkdirSync(filesDir, { recursive: true, mode: 0o711 })
    return {
      containerId,
      containerName: name,
      hostname: name,
      domainname: '',
      mode: { kind: 'own', attachments: [attachmentOf(wish)], foreign },
      ports,
      dns: { servers: [], search: [], options: [] },
      extraHosts: [],
      sysctls: {},
      filesDir,
    }
  }
}

function attachmentOf({ network, aliases, interfaceName, owner, ipv4, ipv6, mac }: ForeignWish) {
  return {
    network,
    aliases,
    links: [],
    gatewayPriority: 0,
    driverOptions: { [endpointLabels.interfaceName]: interfaceName, [ownerLabel]: owner },
    ...(ipv4 !== undefined && { ipv4 }),
    ...(ipv6 !== undefined && { ipv6 }),
    ...(mac !== undefined && { mac }),
  }
}
