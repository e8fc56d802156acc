import type {
  Changes,
  DriverContext,
  EndpointSpec,
  NetworkDriver,
  NetworkSpec,
  OpenSandbox,
  Publishing,
} from '../../driver.ts'
import type { Attacher } from '../../endpoints/attach.ts'
import { AttachmentKeeper, type KeeperSettings } from './attachment-keeper.ts'
import { type CniPlan, planCni } from './plan.ts'
import { settleOptions } from './settle-options.ts'

interface Wanted {
  readonly networks: readonly CniPlan[]
  readonly endpointIds: ReadonlySet<string>
}

/** Networks of CNI plugins: programs that plug containers in, and choose addresses and routes. */
export class CniDriver implements NetworkDriver<CniPlan> {
  readonly name = 'cni'
  readonly traits = {
    scope: 'local',
    onlyPredefined: false,
    hasInterfaces: true,
    publishesPorts: true,
    providesGateway: true,
  } as const
  readonly attacher: Attacher<CniPlan>
  readonly #keeper: AttachmentKeeper

  constructor(settings: KeeperSettings) {
    const keeper = new AttachmentKeeper(settings)
    this.#keeper = keeper
    this.attacher = {
      settleOptions: (network, options, context) => settleOptions(network, options, keeper.hostOf(context)),
      attach: (plan, wish, sandbox, context) => keeper.attach(plan, wish, sandbox, context),
    }
  }

  plan(spec: NetworkSpec): CniPlan {
    return planCni(spec)
  }

  /** Which one there is, if any, only the plugins know. */
  hostInterface(): undefined {
    return undefined
  }

  interfacePrefix(): string {
    return 'eth'
  }

  publishing(): Publishing {
    return { routed: [], opened: [], proxied: true }
  }

  /** The plugins choose. */
  macFor(): string {
    return ''
  }

  /** Who may talk to whom is for the plugins to say. */
  elements(): readonly [] {
    return []
  }

  ownership(): 'ours' {
    return 'ours'
  }

  /** Plugins make what a network needs when the first container comes. */
  async ensureNetwork(): Promise<Changes> {
    return []
  }

  /** Nobody is on it any more; what is still owed is tried once more. */
  async removeNetwork({ networkId }: CniPlan, context: DriverContext): Promise<void> {
    await this.#keeper.sweep((attachment) => attachment.networkId !== networkId, context)
  }

  async ensureEndpoint(
    plan: CniPlan,
    endpoint: EndpointSpec,
    sandbox: OpenSandbox,
    context: DriverContext,
  ): Promise<Changes> {
    return await this.#keeper.ensure(plan, endpoint, sandbox, context)
  }

  async removeEndpoint(_: CniPlan, { id }: EndpointSpec, context: DriverContext): Promise<void> {
    await this.#keeper.remove(id, context)
  }

  /** `removeEndpoint` came before, while the namespace was there. */
  abandonEndpoint(): void {}

  async sweep({ endpointIds }: Wanted, context: DriverContext): Promise<Changes> {
    return await this.#keeper.sweep(({ id }) => endpointIds.has(id), context)
  }
}
