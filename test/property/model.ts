/**
 * What there should be: the networks and containers that somebody asked for and got. Plain data, no engine.
 *
 * Ids, addresses and ports that the engine chooses are learned from its answers once they are found to be good ones;
 * until then they are undefined.
 */
export interface Model {
  readonly networks: Record<string, Network>
  /** By a number that stays when the name changes. */
  readonly containers: Record<number, Container>
  nextContainer: number
  /** By a number, because it is the engine that names those without a name. */
  readonly volumes: Record<number, Volume>
  nextVolume: number
}

/** One subnet of a network; texts as Docker writes them. */
export interface Subnet {
  readonly subnet: string
  readonly gateway?: string
  readonly range?: string
  readonly aux?: Readonly<Record<string, string>>
}

export interface Network {
  /** A template: `--config-only`. */
  readonly template: boolean
  /** A bridge of its own on the host, or the wire of an interface that the host has. */
  readonly driver: 'bridge' | 'macvlan'
  /** The template that it was made from. */
  readonly from?: string
  readonly internal: boolean
  readonly ipv4: boolean
  readonly ipv6: boolean
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** Those that were asked for; the engine completes them. */
  readonly asked: readonly Subnet[]
  id?: string
  subnets?: readonly Subnet[]
}

/** The subnets that a network was to have, of the families that it has. */
export function askedFor({ asked, ipv4, ipv6 }: Network): readonly Subnet[] {
  return asked.filter(({ subnet }) => (subnet.includes(':') ? ipv6 : ipv4))
}

/** What a container wants of one network. */
export interface Wish {
  readonly ip?: string
  readonly ip6?: string
  readonly alias?: string
  /** A container that it calls `linkName` there, whenever that is there. */
  readonly link?: string
  readonly linkLocal?: string
  readonly priority?: number
}

/** A published port as it was asked for: `host` is `""`, `"8001"` or `"8001-8003"`. */
export interface Binding {
  /** `"80/tcp"` */
  readonly port: string
  readonly ip: string
  readonly host: string
}

/** A published port as it is. */
export interface Bound {
  readonly port: string
  readonly ip: string
  readonly host: number
}

export interface Endpoint {
  id?: string
  ipv4?: string
  ipv6?: string
}

/** A container's network while it has one; others may keep it alive after the container has ended. */
export interface Sandbox {
  readonly endpoints: Record<string, Endpoint>
  bound?: readonly Bound[]
}

/** A donor that is to come later than those that join it. */
export type Unmet = `container:${string}`

export interface Volume {
  readonly anonymous: boolean
  name?: string
  /** Its directory as the kernel knows it: nobody may put another in its place. */
  inode?: number
}

/** What a container may use; undefined: nobody has limited it. */
export interface Limits {
  readonly Memory?: number
  readonly MemorySwap?: number
  readonly PidsLimit?: number
  readonly CpuShares?: number
}

export type RestartPolicy = 'no' | 'always' | 'unless-stopped' | 'on-failure'

export interface Container {
  name: string
  /** The number of the donor for `container:`, or its name while nobody has that. */
  readonly mode: 'own' | 'host' | 'none' | number | Unmet
  status: 'created' | 'running' | 'exited'
  /** By the network's name, in the order of asking. */
  wishes: Record<string, Wish>
  ports: Binding[]
  /** The numbers of its volumes, by where it has them. */
  readonly volumes: Readonly<Record<string, number>>
  limits: Limits
  policy: RestartPolicy
  /** Somebody wanted its end, so that it is not started again after it. */
  isStopped?: boolean
  /** How often it was started again after its end. */
  restarts: number
  sandbox?: Sandbox
  id?: string
  /** Of its first process while it runs: nothing but a start gives it another. */
  pid?: number
}

type Family = 'ipv4' | 'ipv6'

/** The networks that are always there. */
export const predefined = ['bridge', 'host', 'none']

/** Nothing but what every engine begins with. */
export function emptyModel(): Model {
  const common = { template: false, driver: 'bridge', internal: false, ipv4: true, ipv6: false } as const
  const network: Network = { ...common, options: {}, labels: {}, asked: [] }
  return {
    networks: Object.fromEntries(predefined.map((name) => [name, structuredClone(network)])),
    containers: {},
    nextContainer: 1,
    volumes: {},
    nextVolume: 1,
  }
}

/** The model after `change`; the one before stays as it is. */
export function changed(model: Model, change: (draft: Model) => void): Model {
  const draft = structuredClone(model)
  change(draft)
  return draft
}

export function containersOf({ containers }: Model): Container[] {
  return Object.values(containers)
}

/** A container with its number, by its name. */
export function numbered(model: Model, name: string): [number, Container] | undefined {
  const found = Object.entries(model.containers).find(([, container]) => container.name === name)
  return found && [Number(found[0]), found[1]]
}

/** A container that the caller knows to be there. */
export function containerNamed(model: Model, name: string): Container {
  return numbered(model, name)![1]
}

/** Who is on a network: those that have an endpoint there. */
export function membersOf(model: Model, network: string): Container[] {
  return containersOf(model).filter(({ sandbox }) => sandbox !== undefined && network in sandbox.endpoints)
}

/** The containers that live in the network of another. */
export function joinersOf(model: Model, donor: number): Container[] {
  return containersOf(model).filter(({ mode, status }) => mode === donor && status === 'running')
}

/** Whether a container has the network of another. */
export function isJoiner({ mode }: Container): boolean {
  return typeof mode === 'number' || mode.startsWith('container:')
}

/** The number of the container whose network another is to have; undefined when there is none. */
export function donorOf(model: Model, { mode }: Container): number | undefined {
  if (typeof mode === 'number') return mode in model.containers ? mode : undefined
  return numbered(model, mode.replace('container:', ''))?.[0]
}

/** Networks whose cables we make and whose addresses we give. */
export function hasInterfaces(name: string): boolean {
  return name !== 'host' && name !== 'none'
}

/** Networks that are a bridge on the host. */
export function isBridge({ networks }: Model, name: string): boolean {
  return hasInterfaces(name) && networks[name]!.driver === 'bridge' && !networks[name]!.template
}

/** The networks of a sandbox in the order in which they would be its way out, and in which names are looked for. */
export function rankedNetworks(model: Model, container: Container): string[] {
  const { sandbox, wishes } = container
  const rank = (name: string) => wishes[name]?.priority ?? 0
  const isInternal = (name: string) => model.networks[name]!.internal
  const families = (name: string) => waysOf(model.networks[name]!).length
  return Object.keys(sandbox?.endpoints ?? {})
    .filter((name) => hasInterfaces(name) && name in model.networks)
    .sort(
      (a, b) =>
        rank(b) - rank(a) ||
        Number(isInternal(a)) - Number(isInternal(b)) ||
        families(b) - families(a) ||
        (a < b ? -1 : 1),
    )
}

/** The families of a network that lead out: of a macvlan network those with a gateway, which nobody but its user can know. */
function waysOf(network: Network): Family[] {
  const { internal, driver } = network
  return (['ipv4', 'ipv6'] as const).filter((family) => {
    const isMeant = ({ subnet, gateway }: Subnet) =>
      gateway !== undefined && subnet.includes(':') === (family === 'ipv6')
    return !internal && network[family] && (driver === 'bridge' || network.asked.some(isMeant))
  })
}

/** The network that a container goes out by. */
export function wayOut(model: Model, container: Container, family: Family): string | undefined {
  return rankedNetworks(model, container).find((name) => waysOf(model.networks[name]!).includes(family))
}

/** A container has ended: its network goes, unless others live in it. */
export function end(model: Model, number: number): void {
  const container = model.containers[number]!
  container.status = 'exited'
  delete container.pid
  if (joinersOf(model, number).length === 0) delete container.sandbox
  if (typeof container.mode !== 'number') return
  const donor = model.containers[container.mode]
  const isLast = joinersOf(model, container.mode).length === 0
  if (donor !== undefined && donor.status !== 'running' && isLast) delete donor.sandbox
}
