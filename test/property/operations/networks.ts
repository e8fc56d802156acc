import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isInside } from '../addresses.ts'
import {
  askedFor,
  changed,
  containersOf,
  type Model,
  membersOf,
  type Network,
  predefined,
  type Subnet,
} from '../model.ts'
import { noNetwork, type Operation, type Refusal, reasons } from '../operation.ts'
import { parentName } from '../world.ts'
import { anyNetwork, networkNames, sometimes } from './names.ts'

const bridge = 'com.docker.network.bridge.'
const mtu = 'com.docker.network.driver.mtu'

interface Wanted {
  readonly name: string
  readonly driver: string
  readonly asked: readonly Subnet[]
  readonly ipv4: boolean
  readonly ipv6: boolean
  readonly internal: boolean
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly template: boolean
  readonly from: string
}

const goodSubnets: readonly (readonly Subnet[])[] = [
  [{ subnet: '10.1.0.0/24' }],
  [{ subnet: '10.1.0.0/24', gateway: '10.1.0.9', aux: { printer: '10.1.0.5' } }],
  [{ subnet: '10.1.0.0/24', range: '10.1.0.64/30' }],
  [{ subnet: '10.1.0.128/25' }],
  [{ subnet: '10.2.0.0/29', gateway: '10.2.0.6' }],
  [{ subnet: '10.3.0.0/30' }],
  [{ subnet: '10.1.0.0/24' }, { subnet: 'fd00:1::/64' }],
]

/** With what there is to say against each. */
const badSubnets: readonly (readonly [Subnet, string])[] = [
  [{ subnet: '10.1.0.1/24' }, 'invalid subnet 10.1.0.1/24: it should be 10.1.0.0/24'],
  [{ subnet: 'nonsense' }, 'invalid subnet nonsense: invalid CIDR block notation'],
  [{ subnet: '10.4.0.0/33' }, 'invalid subnet 10.4.0.0/33: invalid CIDR block notation'],
  [
    { subnet: '10.1.0.0/24', gateway: '10.9.0.1' },
    "invalid gateway 10.9.0.1: parent subnet 10.1.0.0/24 doesn't contain this address",
  ],
  [
    { subnet: '10.1.0.0/24', range: '10.9.0.0/25' },
    "invalid ip-range 10.9.0.0/25: parent subnet 10.1.0.0/24 doesn't contain ip-range",
  ],
  [
    { subnet: '10.1.0.0/24', range: '10.0.0.0/8' },
    'invalid ip-range 10.0.0.0/8: CIDR block is bigger than its parent subnet 10.1.0.0/24',
  ],
  [
    { subnet: '10.1.0.0/24', aux: { printer: 'fd00::5' } },
    'invalid auxiliary address printer: parent subnet is an IPv4 block',
  ],
]

/** With the code and the words against each; none: a good one. */
const optionsToTry: readonly (readonly [Readonly<Record<string, string>>, (readonly [number, RegExp])?])[] = [
  [{}],
  [{ [mtu]: '1400' }],
  [{ [`${bridge}enable_icc`]: 'false' }],
  [{ [`${bridge}gateway_mode_ipv4`]: 'nat-unprotected' }],
  [{ [`${bridge}name`]: 'shared0' }],
  [{ [mtu]: '-1' }, [400, /^invalid MTU number: -1$/]],
  [{ [mtu]: 'wide' }, [400, /^failed to parse com.docker.network.driver.mtu value: wide \(/]],
  [
    { [`${bridge}enable_icc`]: 'maybe' },
    [400, /^failed to parse com.docker.network.bridge.enable_icc value: maybe \(/],
  ],
  [{ [`${bridge}gateway_mode_ipv4`]: 'open' }, [400, /gateway_mode_ipv4/]],
  [{ [`${bridge}name`]: 'a-name-that-is-too-long' }, [400, /a-name-that-is-too-long/]],
]

const anyWanted: fc.Arbitrary<Wanted> = fc.record({
  name: fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...networkNames) },
    { weight: 1, arbitrary: fc.constantFrom('', ' ', 'bridge', 'host', 'none', 'default') },
  ),
  driver: fc.oneof(
    { weight: 30, arbitrary: fc.constant('bridge') },
    { weight: 4, arbitrary: fc.constant('macvlan') },
    { weight: 1, arbitrary: fc.constantFrom('host', 'null', 'warp') },
  ),
  asked: fc.oneof(
    { weight: 8, arbitrary: fc.constant([]) },
    { weight: 10, arbitrary: fc.constantFrom(...goodSubnets) },
    { weight: 1, arbitrary: fc.constantFrom(...badSubnets).map(([subnet]) => [subnet]) },
    { weight: 1, arbitrary: fc.constant([{ subnet: '10.5.0.0/24' }, { subnet: '10.6.0.0/24' }]) },
  ),
  ipv4: fc.oneof({ weight: 30, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  ipv6: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  internal: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  options: fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constantFrom(...optionsToTry).map(([options]) => options) },
  ),
  labels: fc.constantFrom({}, { team: 'a' }),
  template: fc.oneof({ weight: 20, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  from: sometimes(25, anyNetwork).map((name) => name ?? ''),
})

const wanted = anyWanted.map((one): Wanted => {
  return one.driver === 'macvlan' ? { ...one, options: { parent: parentName }, template: false, from: '' } : one
})

/** `network create`, right and wrong. */
export const createNetwork: fc.Arbitrary<Operation> = wanted.map(creation)

/** `network create` of a name, with nothing wrong in itself. */
export function createGood(name: string): fc.Arbitrary<Operation> {
  const common = { name, ipv4: true, labels: {}, template: false, from: '' }
  const choice = fc.record({
    asked: fc.constantFrom<(readonly Subnet[])[]>([], [], ...goodSubnets),
    ipv6: fc.boolean(),
    internal: fc.constantFrom(false, false, false, true),
    options: fc.constantFrom(...optionsToTry.filter(([, wrong]) => wrong === undefined).map(([options]) => options)),
  })
  const bridge = choice.map((chosen) => creation({ ...common, ...chosen, driver: 'bridge' }))
  const macvlan = choice.map((chosen) => {
    return creation({ ...common, ...chosen, driver: 'macvlan', options: { parent: parentName } })
  })
  return fc.oneof({ weight: 8, arbitrary: bridge }, { weight: 1, arbitrary: macvlan })
}

function creation(asked: Wanted): Operation {
  return {
    text: `network create ${JSON.stringify(asked)}`,
    pairs: true,
    request: { method: 'POST', path: '/networks/create', body: bodyOf(asked) },
    predict: (model) => ({
      refusals: createRefusals(model, asked),
      status: 201,
      next: changed(model, ({ networks }) => {
        networks[asked.name] = made(model, asked)
      }),
    }),
  }
}

function bodyOf({ name, driver, asked, ipv4, ipv6, internal, options, labels, template, from }: Wanted): unknown {
  return {
    Name: name,
    Driver: driver,
    EnableIPv4: ipv4,
    EnableIPv6: ipv6,
    Internal: internal,
    Options: options,
    Labels: labels,
    ConfigOnly: template,
    ...(from === '' ? {} : { ConfigFrom: { Network: from } }),
    IPAM: {
      Config: asked.map(({ subnet, gateway, range, aux }) => {
        return { Subnet: subnet, Gateway: gateway, IPRange: range, AuxiliaryAddresses: aux }
      }),
    },
  }
}

/** What a request comes to when it may be fulfilled. */
function made({ networks }: Model, { from, template, internal, driver, ...said }: Wanted): Network {
  const source = networks[from]?.template ? networks[from] : said
  const { ipv4, ipv6, options, labels, asked } = source
  const kind = driver === 'macvlan' ? 'macvlan' : 'bridge'
  return { template, driver: kind, internal, ipv4, ipv6, options, labels, asked, ...(from === '' ? {} : { from }) }
}

function createRefusals(model: Model, asked: Wanted): Refusal[] {
  const { name, template } = asked
  const isReserved = [...predefined, 'default'].includes(name)
  const problems = badSubnets.filter(([subnet]) => asked.asked.includes(subnet)).map(([, problem]) => problem)
  return [
    ...reasons(
      [isReserved, 403, `operation is not permitted on predefined ${name} network `],
      [name.trim() === '', 400, 'invalid name: name is empty'],
      [!isReserved && name in model.networks, 409, `network with name ${name} already exists`],
      [problems.length > 0, 400, `invalid network config:\n${problems[0]}`],
    ),
    ...(template ? templateRefusals(asked) : networkRefusals(model, asked)),
  ]
}

function templateRefusals({ internal, from }: Wanted): Refusal[] {
  return reasons(
    [internal, 403, /^configuration network can only contain network specific fields\./],
    [from !== '', 403, 'a configuration network cannot depend on another configuration network'],
  )
}

function networkRefusals(model: Model, asked: Wanted): Refusal[] {
  const { driver, ipv4, ipv6, from } = asked
  const network = made(model, asked)
  const isRest = !ipv4 || ipv6 || asked.asked.length > 0 || Object.keys(asked.labels).length > 0
  const depends = 'are not supported if the network depends on a configuration network'
  const bad = optionsToTry.find(([options]) => sameOptions(options, network.options))?.[1]
  const name = network.options[`${bridge}name`]
  const isTwice = Object.values(model.networks).some(
    (other) => !other.template && other.options[`${bridge}name`] === name,
  )
  return reasons(
    [from !== '' && isRest, 403, `user-specified configurations ${depends}`],
    [from !== '' && Object.keys(asked.options).length > 0, 403, `network driver options ${depends}`],
    [from !== '' && !model.networks[from]?.template, 404, `configuration network "${from}" does not exist`],
    [driver === 'warp', 404, 'plugin "warp" not found'],
    [driver === 'host' || driver === 'null', 403, `only one instance of "${driver}" network is allowed`],
    [!network.ipv4 && !network.ipv6, 400, 'IPv4 or IPv6 must be enabled'],
    [
      driver === 'bridge' && askedFor(network).filter(({ subnet }) => !subnet.includes(':')).length > 1,
      403,
      "bridge driver doesn't support multiple subnets",
    ],
    [
      askedFor(network).some(({ subnet }) => overlapsOne(model, subnet)),
      403,
      'invalid pool request: Pool overlaps with other one on this address space',
    ],
    [name !== undefined && isTwice, 403, /: networks have same bridge name$/],
    ...(bad === undefined ? [] : [[true, ...bad] as const]),
  )
}

function sameOptions(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function overlapsOne({ networks }: Model, wanted: string): boolean {
  const first = (block: string) => block.split('/')[0]!
  if (badSubnets.slice(0, 3).some(([{ subnet }]) => subnet === wanted)) return false
  return Object.values(networks)
    .flatMap((network) => (network.template ? [] : [...(network.subnets ?? []), ...askedFor(network)]))
    .some(({ subnet }) => isInside(subnet, first(wanted)) || isInside(wanted, first(subnet)))
}

/** `network rm`. */
export const removeNetwork: fc.Arbitrary<Operation> = anyNetwork.map((name) => ({
  text: `network rm ${name}`,
  pairs: true,
  request: { method: 'DELETE', path: `/networks/${name}` },
  predict: (model) => {
    const members = membersOf(model, name).map((member) => `(?=.*name:"${member.name}" id:"[0-9a-f]{12}")`)
    const isPredefined = predefined.includes(name)
    const isSource = Object.values(model.networks).some(({ from }) => from === name)
    const inUse = `^error while removing network: network ${name} has active endpoints ${members.join('')}\\(`
    return {
      refusals: [
        ...noNetwork(model, name),
        ...reasons(
          [isPredefined, 403, `${name} is a pre-defined network and cannot be removed`],
          [isSource && model.networks[name]?.template === true, 403, `configuration network "${name}" is in use`],
          [!isPredefined && members.length > 0, 403, new RegExp(inUse)],
        ),
      ],
      status: 204,
      next: changed(model, ({ networks }) => {
        delete networks[name]
      }),
    }
  },
}))

/** `network prune`: what nobody is on, and no container that there is wants. */
export const pruneNetworks: fc.Arbitrary<Operation> = fc.constant({
  text: 'network prune',
  pairs: false,
  request: { method: 'POST', path: '/networks/prune' },
  predict: (model) => {
    const wishes = containersOf(model).flatMap((container) => Object.keys(container.wishes))
    const unused = Object.keys(model.networks).filter((name) => {
      const isKept = predefined.includes(name) || model.networks[name]!.template || wishes.includes(name)
      return !isKept && membersOf(model, name).length === 0
    })
    const without = (names: readonly string[]) =>
      changed(model, ({ networks }) => {
        for (const name of names) delete networks[name]
      })
    return {
      refusals: [],
      status: 200,
      next: without(unused),
      halfway: unused.map((_, count) => without(unused.slice(0, count + 1))),
      sees: (body) => assert.deepEqual([...body.NetworksDeleted].sort(), unused.toSorted()),
    }
  },
})
