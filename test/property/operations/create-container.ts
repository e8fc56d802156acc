import fc from 'fast-check'
import {
  type Binding,
  type Container,
  changed,
  type Model,
  numbered,
  type RestartPolicy,
  type Unmet,
  type Wish,
} from '../model.ts'
import { type Operation, type Refusal, reasons } from '../operation.ts'
import { wishRefusals } from '../sandboxes.ts'
import { volumesFor } from '../volumes.ts'
import {
  aliases,
  anyContainer,
  anyNetwork,
  containerNames,
  linkName,
  networkNames,
  sometimes,
  volumeNames,
} from './names.ts'

interface Wanted {
  readonly name: string
  readonly image: string
  readonly mode: string
  readonly second: string | undefined
  readonly wish: Wish
  readonly ports: readonly Binding[]
  readonly policy: RestartPolicy
  /** Names of volumes by where they are to be had; without a name, a new one. */
  readonly volumes: Readonly<Record<string, string>>
}

/** A port to publish; those of the host are few, so that they clash. */
export const binding: fc.Arbitrary<Binding> = fc.record({
  port: fc.constantFrom('80/tcp', '81/tcp', '53/udp'),
  ip: fc.constantFrom('', '', '127.0.0.1', '127.0.0.2'),
  host: fc.constantFrom('', '8001', '8002', '8001-8002', '8003', '8003-8004'),
})

/** What to want of a network, right or wrong. */
export const wish: fc.Arbitrary<Wish> = fc.record({
  ip: sometimes(7, fc.constantFrom('10.1.0.1', '10.1.0.5', '10.1.0.20', '10.2.0.3', '10.9.9.9', 'nonsense')),
  ip6: sometimes(7, fc.constantFrom('fd00:1::5', 'fd00:1::6', 'fd00:1::1', 'fd00:9::9', '10.1.0.7')),
  alias: sometimes(4, fc.constantFrom(...aliases)),
  link: sometimes(5, fc.constantFrom(...containerNames)),
  linkLocal: sometimes(14, fc.constantFrom('169.254.7.7', '10.1.0.30')),
  priority: sometimes(4, fc.constantFrom(-1, 1, 7)),
}) as fc.Arbitrary<Wish>

export const restartPolicy: fc.Arbitrary<RestartPolicy> = fc.constantFrom(
  'no',
  'always',
  'unless-stopped',
  'on-failure',
)

const volumes: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom('/one', '/two'),
  fc.constantFrom('', ...volumeNames),
  { maxKeys: 2, noNullPrototype: true },
)

const wanted: fc.Arbitrary<Wanted> = fc.record({
  name: fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...containerNames) },
    { weight: 1, arbitrary: fc.constant('.kit') },
  ),
  image: fc.oneof({ weight: 20, arbitrary: fc.constant('busybox') }, { weight: 1, arbitrary: fc.constant('nosuch') }),
  mode: fc.oneof(
    { weight: 8, arbitrary: anyNetwork },
    { weight: 2, arbitrary: anyContainer.map((name) => `container:${name}`) },
  ),
  second: sometimes(4, fc.constantFrom(...networkNames)),
  wish: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: wish }),
  ports: sometimes(3, binding).map((one) => (one === undefined ? [] : [one])),
  policy: sometimes(3, restartPolicy).map((name) => name ?? 'no'),
  volumes: sometimes(3, volumes).map((chosen) => chosen ?? {}),
})

/** The networks of a new container; the one of its mode first. */
function networksOf({ mode, second }: Wanted): string[] {
  if (mode.startsWith('container:')) return []
  const isAlone = mode === 'host' || mode === 'none'
  return [mode, ...(second === undefined || second === mode || isAlone ? [] : [second])]
}

/** `docker create`, right and wrong. */
export const createContainer: fc.Arbitrary<Operation> = wanted.map(creation)

/** `docker create` of a name on one of `networks`, with nothing wrong in itself. */
export function createGood(name: string, networks: readonly string[]): fc.Arbitrary<Operation> {
  const common = { name, image: 'busybox', second: undefined, wish: {}, policy: 'no' } as const
  return fc
    .record({
      mode: fc.constantFrom(...networks),
      ports: fc.subarray([{ port: '80/tcp', ip: '', host: '8001-8002' }]),
      volumes: fc.constantFrom<Record<string, string>>({}, { '/one': '' }, { '/one': volumeNames[0] }),
    })
    .map((chosen) => creation({ ...common, ...chosen }))
}

function creation(asked: Wanted): Operation {
  return {
    text: `create ${JSON.stringify(asked)}`,
    pairs: true,
    request: {
      method: 'POST',
      path: `/containers/create?name=${asked.name}`,
      body: {
        Image: asked.image,
        Cmd: commandOf(asked),
        HostConfig: {
          NetworkMode: asked.mode,
          PortBindings: bindingsBody(asked.ports),
          RestartPolicy: { Name: asked.policy },
          Mounts: Object.entries(asked.volumes).map(([Target, Source]) => ({ Type: 'volume', Source, Target })),
        },
        NetworkingConfig: {
          EndpointsConfig: Object.fromEntries(
            networksOf(asked).map((name, i) => [name, i === 0 ? wishBody(asked.wish) : {}]),
          ),
        },
      },
    },
    predict: (model) => ({
      refusals: createRefusals(model, asked),
      status: 201,
      next: changed(model, (draft) => {
        draft.containers[draft.nextContainer++] = made(draft, asked)
      }),
      // Volumes with a name outlive whoever wanted them, also one that came to nothing.
      halfway: volumesOnTheWay(model, asked),
    }),
  }
}

/** Whoever has a network of his own tells by HTTP who he is. */
function commandOf({ mode }: Wanted): string[] {
  const isOwn = mode !== 'host' && mode !== 'none' && !mode.startsWith('container:')
  if (!isOwn) return ['sleep', '100000']
  return ['sh', '-c', 'for port in 80 81; do httpd -p $port -h /etc; done; exec sleep 100000']
}

/** `HostConfig.PortBindings`. */
export function bindingsBody(ports: readonly Binding[]): unknown {
  return Object.fromEntries(ports.map(({ port, ip, host }) => [port, [{ HostIp: ip, HostPort: host }]]))
}

/** `EndpointSettings`. */
export function wishBody({ ip, ip6, alias, link, linkLocal, priority }: Wish): unknown {
  return {
    IPAMConfig: { IPv4Address: ip, IPv6Address: ip6, ...(linkLocal && { LinkLocalIPs: [linkLocal] }) },
    ...(alias && { Aliases: [alias] }),
    ...(link && { Links: [`${link}:${linkName}`] }),
    ...(priority && { GwPriority: priority }),
  }
}

/** The models with the first of the volumes, the first two, … */
function volumesOnTheWay(model: Model, { volumes }: Wanted): Model[] {
  const named = Object.entries(volumes).filter(([, name]) => name !== '')
  return named.map((_, count) =>
    changed(model, (draft) => {
      volumesFor(draft, Object.fromEntries(named.slice(0, count + 1)))
    }),
  )
}

/** The new container, and in `model` the volumes that were not there yet. */
function made(model: Model, asked: Wanted): Container {
  const { name, mode, ports, policy } = asked
  const [donor] = numbered(model, mode.replace('container:', '')) ?? [mode as Unmet]
  const isOwn = mode !== 'host' && mode !== 'none'
  return {
    name,
    mode: mode.startsWith('container:') ? donor : isOwn ? 'own' : mode,
    status: 'created',
    wishes: Object.fromEntries(networksOf(asked).map((network, i) => [network, i === 0 ? asked.wish : {}])),
    ports: [...ports],
    volumes: volumesFor(model, asked.volumes),
    limits: {},
    policy,
    restarts: 0,
  }
}

function createRefusals(model: Model, asked: Wanted): Refusal[] {
  const { name, image, mode, ports } = asked
  const donor = mode.startsWith('container:') ? mode.slice('container:'.length) : undefined
  const networks = networksOf(asked)
  const taken = `^Conflict. The container name "/${name}" is already in use by container "[0-9a-f]{64}". You have to remove `
  return [
    ...reasons(
      [name === '.kit', 400, 'Invalid container name (.kit), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed'],
      [image === 'nosuch', 404, /^No such image: nosuch/],
      [numbered(model, name) !== undefined, 409, new RegExp(taken)],
      [
        donor !== undefined && ports.length > 0,
        400,
        'conflicting options: port publishing and the container type network mode',
      ],
    ),
    ...networks.flatMap((network, i) => {
      if (i > 0) return []
      return wishRefusals(model, network, asked.wish, `invalid config for network ${network}: `)
    }),
  ]
}
