import fc from 'fast-check'
import { type Binding, type Container, changed, end, type Model, numbered, type Unmet, type Wish } from '../model.ts'
import { type Operation, type Prediction, prefixed, type Refusal, reasons } from '../operation.ts'
import { opened, startRefusals, wishRefusals } from '../sandboxes.ts'
import { aliases, anyContainer, anyNetwork, containerNames, networkNames, sometimes } from './names.ts'

interface Wanted {
  readonly name: string
  readonly image: string
  readonly mode: string
  readonly second: string | undefined
  readonly wish: Wish
  readonly ports: readonly Binding[]
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
  linkLocal: sometimes(14, fc.constantFrom('169.254.7.7', '10.1.0.30')),
  priority: sometimes(4, fc.constantFrom(-1, 1, 7)),
}) as fc.Arbitrary<Wish>

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
  const common = { name, image: 'busybox', second: undefined, wish: {} }
  return fc
    .record({ mode: fc.constantFrom(...networks), ports: fc.subarray([{ port: '80/tcp', ip: '', host: '8001-8002' }]) })
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
        HostConfig: { NetworkMode: asked.mode, PortBindings: bindingsBody(asked.ports) },
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
        draft.containers[draft.nextContainer++] = made(model, asked)
      }),
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
export function wishBody({ ip, ip6, alias, linkLocal, priority }: Wish): unknown {
  return {
    IPAMConfig: { IPv4Address: ip, IPv6Address: ip6, ...(linkLocal && { LinkLocalIPs: [linkLocal] }) },
    ...(alias && { Aliases: [alias] }),
    ...(priority && { GwPriority: priority }),
  }
}

function made(model: Model, asked: Wanted): Container {
  const { name, mode, ports } = asked
  const [donor] = numbered(model, mode.replace('container:', '')) ?? [mode as Unmet]
  const isOwn = mode !== 'host' && mode !== 'none'
  return {
    name,
    mode: mode.startsWith('container:') ? donor : isOwn ? 'own' : mode,
    status: 'created',
    wishes: Object.fromEntries(networksOf(asked).map((network, i) => [network, i === 0 ? asked.wish : {}])),
    ports: [...ports],
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

interface Verb {
  readonly name: string
  readonly words: string
  readonly request: Operation['request']
  readonly says?: string
}

/** An operation on one container, which may not be there. @param says  before what went wrong when it is not */
function verb(
  { name, words, request, says }: Verb,
  predict: (model: Model, number: number, container: Container) => Prediction,
  pairs = true,
): Operation {
  return {
    text: `${words} ${name}`,
    pairs,
    request,
    predict(model) {
      const [number, container] = numbered(model, name) ?? []
      if (number === undefined || container === undefined) {
        const missing = reasons([true, 404, `No such container: ${name}`])
        return { refusals: says === undefined ? missing : prefixed(says, missing), status: 0, next: model }
      }
      return predict(model, number, container)
    },
  }
}

const post = (path: string) => ({ method: 'POST', path }) as const

function started(model: Model, number: number): Model {
  return changed(model, ({ containers }) => {
    const container = containers[number]!
    containers[number] = { ...opened(model, container), status: 'running' }
  })
}

function ended(model: Model, number: number): Model {
  return changed(model, (draft) => end(draft, number))
}

export const startContainer: fc.Arbitrary<Operation> = anyContainer.map(startNamed)

export function startNamed(name: string): Operation {
  return verb({ name, words: 'start', request: post(`/containers/${name}/start`) }, (model, number, container) => {
    if (container.status === 'running') return { refusals: [], status: 304, next: model }
    return { refusals: startRefusals(model, container), status: 204, next: started(model, number) }
  })
}

export const stopContainer: fc.Arbitrary<Operation> = anyContainer.map((name) => ({
  ...verb({ name, words: 'stop', request: post(`/containers/${name}/stop?t=0`) }, (model, number, { status }) => {
    if (status !== 'running') return { refusals: [], status: 304, next: model }
    return { refusals: [], status: 204, next: ended(model, number) }
  }),
  overlaps: true,
}))

export const killContainer: fc.Arbitrary<Operation> = anyContainer.map((name) => {
  const says = `cannot kill container: ${name}`
  const request = post(`/containers/${name}/kill`)
  return {
    ...verb({ name, words: 'kill', request, says }, (model, number, { status }) => ({
      refusals: prefixed(says, reasons([status !== 'running', 409, /^container [0-9a-f]{64} is not running$/])),
      status: 204,
      next: ended(model, number),
    })),
    overlaps: true,
  }
})

export const restartContainer: fc.Arbitrary<Operation> = anyContainer.map((name) =>
  verb(
    { name, words: 'restart', request: post(`/containers/${name}/restart?t=0`) },
    (model, number, { status }) => {
      const stopped = status === 'running' ? ended(model, number) : model
      const why = startRefusals(stopped, stopped.containers[number]!)
      const refusals = prefixed(`Cannot restart container ${name}`, why, 500)
      return { refusals, status: 204, next: started(stopped, number), refused: stopped, halfway: [stopped] }
    },
    false,
  ),
)

export const removeContainer: fc.Arbitrary<Operation> = fc.tuple(anyContainer, fc.boolean()).map(([name, force]) =>
  verb(
    {
      name,
      words: `rm${force ? ' -f' : ''}`,
      request: { method: 'DELETE', path: `/containers/${name}?force=${force}` },
    },
    (model, number, { status }) => {
      const stopped = status === 'running' ? ended(model, number) : model
      const running = `cannot remove container "${name}": container is running: stop the container before removing or force remove`
      return {
        refusals: reasons([status === 'running' && !force, 409, running]),
        status: 204,
        next: changed(stopped, ({ containers }) => {
          delete containers[number]
        }),
        halfway: force ? [stopped] : [],
      }
    },
  ),
)

export const renameContainer: fc.Arbitrary<Operation> = fc
  .tuple(anyContainer, fc.constantFrom(...containerNames))
  .map(([name, to]) =>
    verb(
      { name, words: `rename to ${to}`, request: post(`/containers/${name}/rename?name=${to}`) },
      (model, number) => ({
        refusals: reasons(
          [name === to, 400, 'Renaming a container with the same name as its current name'],
          [
            name !== to && numbered(model, to) !== undefined,
            409,
            /^Error when allocating new name: Conflict\. The container name "\/\w+" is already/,
          ],
        ),
        status: 204,
        next: changed(model, ({ containers }) => {
          containers[number]!.name = to
        }),
      }),
    ),
  )
