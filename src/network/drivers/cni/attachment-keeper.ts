import { EngineError } from '../../../base/errors.ts'
import { findLink } from '../../../kernel/netlink/links.ts'
import type { Changes, DriverContext, EndpointSpec, OpenSandbox } from '../../driver.ts'
import type { Attached, AttachWish } from '../../endpoints/attach.ts'
import type { CniAttachment, CniAttachments } from './attachments.ts'
import { add, check, del, type PluginHost } from './chain.ts'
import type { CniPlan } from './plan.ts'
import { attachedBy } from './result.ts'

/** Milliseconds until a DEL that failed is tried again; it doubles. */
const firstPause = 1000
const longestPause = 300_000

/** What a container wants to be told to the plugins. */
type Wish = Pick<AttachWish, 'id' | 'interfaceName' | 'mac'> &
  Partial<Pick<AttachWish, 'containerId' | 'containerName' | 'aliases'>> & { readonly addresses?: readonly string[] }

/** How the driver's settings reach it. */
export interface KeeperSettings {
  readonly attachments: CniAttachments
  /** `"/opt/cni/bin:/usr/lib/cni"` */
  readonly cniPath: string
  readonly timeoutMs: number
}

/**
 * Adds containers to CNI networks and takes them off, and keeps what is to be kept for it.
 *
 * An attachment is recorded before ADD and until DEL has succeeded: a plugin that fails, or an engine that is killed,
 * leaves nothing that is not asked for again.
 */
export class AttachmentKeeper {
  readonly #settings: KeeperSettings
  /** Compared since the engine has started. */
  readonly #sound = new Set<string>()
  /** When a failed DEL may be tried again, and how long it waited. */
  readonly #pauses = new Map<string, { readonly until: number; readonly ms: number }>()

  constructor(settings: KeeperSettings) {
    this.#settings = settings
  }

  hostOf({ hostNamespace }: Pick<DriverContext, 'hostNamespace'>): PluginHost {
    const { cniPath, timeoutMs } = this.#settings
    return { path: cniPath, namespace: hostNamespace, timeoutMs }
  }

  /** @throws {EngineError} with the plugin's words; DEL has been called then */
  async attach(plan: CniPlan, wish: Wish, sandbox: OpenSandbox, context: DriverContext): Promise<Attached> {
    await this.#retryOne(context)
    const attachment = newAttachment(plan, wish, sandbox)
    this.#put(attachment)
    try {
      const result = await add(attachment, this.hostOf(context))
      this.#put({ ...attachment, result })
      requireInterface(attachment, sandbox)
      this.#sound.add(wish.id)
      return attachedBy(result, wish.interfaceName)
    } catch (cause) {
      await this.remove(wish.id, context)
      throw cause
    }
  }

  /** Looks whether an endpoint is as its plugins made it, and has them make it again when it is not. */
  async ensure(plan: CniPlan, endpoint: EndpointSpec, sandbox: OpenSandbox, context: DriverContext): Promise<Changes> {
    const { id, interfaceName, addresses, mac } = endpoint
    const known = this.#settings.attachments.get(id)
    if (known !== undefined) {
      const isThere = findLink(sandbox.netlink, interfaceName) !== undefined
      if (isThere && known.result !== undefined && (await this.#isSound(known, context))) return []
      await del(known, this.hostOf(context))
    }
    const attached = await this.attach(plan, { id, interfaceName, mac, addresses }, sandbox, context)
    const others = [attached.ipv4, attached.ipv6].filter((one) => one !== undefined && !addresses.includes(one))
    if (others.length === 0) return [`plugged ${interfaceName} into ${plan.networkName}`]
    await this.remove(id, context)
    const why = `its plugins give it ${others.join(' and ')} and not ${addresses.join(' and ')} again`
    throw new EngineError('conflict', `Cannot plug a container into CNI network "${plan.networkName}" again: ${why}`)
  }

  /** Calls DEL; when it fails, that is recorded, told, and tried again later. Absent is success. */
  async remove(id: string, context: DriverContext): Promise<void> {
    const attachment = this.#settings.attachments.get(id)
    if (attachment === undefined) return
    this.#sound.delete(id)
    try {
      await del(attachment, this.hostOf(context))
      this.#pauses.delete(id)
      this.#settings.attachments.delete(id)
    } catch (error) {
      const ms = Math.min((this.#pauses.get(id)?.ms ?? firstPause / 2) * 2, longestPause)
      this.#pauses.set(id, { until: performance.now() + ms, ms })
      this.#put({ ...attachment, owed: true })
      context.log.warn('cannot take a container off a CNI network, and tries again later', {
        network: attachment.config.name,
        endpoint: id,
        error,
      })
    }
  }

  /** Calls DEL for all that nobody wants. @returns what was removed, in words */
  async sweep(isWanted: (attachment: CniAttachment) => boolean, context: DriverContext): Promise<Changes> {
    const forgotten = this.#settings.attachments.list().filter((attachment) => !isWanted(attachment))
    await Promise.all(forgotten.map(({ id }) => this.remove(id, context)))
    return forgotten
      .filter(({ id }) => this.#settings.attachments.get(id) === undefined)
      .map(({ config, interfaceName }) => `removed ${interfaceName} from CNI network ${config.name}`)
  }

  /** One is enough at a time: who comes now must not wait for all that failed before. */
  async #retryOne(context: DriverContext): Promise<void> {
    const now = performance.now()
    const due = this.#settings.attachments
      .list()
      .find(({ id, owed }) => owed === true && (this.#pauses.get(id)?.until ?? 0) <= now)
    if (due !== undefined) await this.remove(due.id, context)
  }

  async #isSound(attachment: CniAttachment, context: DriverContext): Promise<boolean> {
    const { id, config } = attachment
    if (this.#sound.has(id)) return true
    try {
      await check(attachment, this.hostOf(context))
      this.#sound.add(id)
      return true
    } catch (error) {
      context.log.warn('finds a container changed on a CNI network', { network: config.name, endpoint: id, error })
      return false
    }
  }

  #put(attachment: CniAttachment): void {
    this.#settings.attachments.put(attachment.id, attachment)
  }
}

function newAttachment({ networkId, config }: CniPlan, wish: Wish, sandbox: OpenSandbox): CniAttachment {
  const { id, interfaceName, containerId, containerName, mac, aliases = [], addresses = [] } = wish
  const args = {
    IgnoreUnknown: '1',
    ...(containerId !== undefined && { WHARF_CONTAINER_ID: containerId }),
    ...(containerName !== undefined && { WHARF_CONTAINER_NAME: containerName }),
    ...(mac && { MAC: mac }),
    ...(addresses[0] !== undefined && { IP: addresses[0] }),
  }
  return {
    version: 1,
    id,
    networkId,
    interfaceName,
    netns: sandbox.path ?? sandbox.namespace.path,
    args: Object.entries(args)
      .map((pair) => pair.join('='))
      .join(';'),
    capabilities: {
      ...(mac && { mac }),
      ...(addresses.length > 0 && { ips: addresses }),
      ...(aliases.length > 0 && { aliases }),
    },
    config,
  }
}

function requireInterface({ interfaceName, config }: CniAttachment, { netlink }: OpenSandbox): void {
  if (findLink(netlink, interfaceName) !== undefined) return
  const why = `its plugins say that all is well, but there is no interface ${interfaceName}`
  throw new EngineError('internal', `Cannot plug a container into CNI network "${config.name}": ${why}`)
}
