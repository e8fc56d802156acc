import assert from 'node:assert/strict'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { vethName } from '../../src/network/link-marks.ts'
import { kernelTest } from '../support/kernel.ts'
import {
  attachment,
  containerId,
  type NetworkLab,
  networkRequest,
  openNetworkLab,
  port,
} from '../support/network-lab.ts'
import { runIn } from '../support/shell.ts'

const steps = Number(process.env['WALK_STEPS'] ?? 60)
const networks = ['one', 'two', 'inner'] as const // no hexadecimal digits: those would be prefixes of ids
const containers = ['x', 'y', 'z'] as const

/** Numbers that are the same for the same seed. @source mulberry32, in the public domain */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** What there should be: networks, and for each container that runs the networks it is on. */
class Model {
  readonly networks = new Set<string>()
  readonly containers = new Map<string, Set<string>>()

  isUsed(network: string): boolean {
    return [...this.containers.values()].some((on) => on.has(network))
  }
}

type Move = (lab: NetworkLab, model: Model, pick: (below: number) => number) => Promise<string>

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: Error & { kind?: string }) => error.kind ?? String(error),
  )

/** One thing to do at random, sure to be refused when the model says so. */
const moves: readonly Move[] = [
  async ({ networking }, model, pick) => {
    const name = networks[pick(networks.length)]!
    const said = await outcome(networking.create(networkRequest(name, { internal: name === 'inner' })))
    assert.equal(said, model.networks.has(name) ? 'conflict' : 'done')
    model.networks.add(name)
    return `create ${name}`
  },
  async ({ networking }, model, pick) => {
    const name = networks[pick(networks.length)]!
    const want = !model.networks.has(name) ? 'not-found' : model.isUsed(name) ? 'forbidden' : 'done'
    assert.equal(await outcome(networking.remove(name)), want)
    if (want === 'done') model.networks.delete(name)
    return `remove ${name}: ${want}`
  },
  async (lab, model, pick) => {
    const name = containers[pick(containers.length)]!
    if (model.containers.has(name)) return `leave ${name}`
    const on = ['bridge', ...networks].filter(
      (network) => pick(2) === 0 && (network === 'bridge' || model.networks.has(network)),
    )
    const ports = pick(2) === 0 ? [port(8000 + containers.indexOf(name), 80), port(0, 53, { protocol: 'udp' })] : []
    assert.equal(await outcome(lab.networking.openSandbox(lab.wish(name, on, ports))), 'done')
    model.containers.set(name, new Set(on))
    return `open ${name} on ${on.join(' ')} with ${ports.length} ports`
  },
  async ({ networking }, model, pick) => {
    const name = containers[pick(containers.length)]!
    await networking.closeSandbox(containerId(name))
    model.containers.delete(name)
    return `close ${name}`
  },
  async ({ networking }, model, pick) => {
    const name = containers[pick(containers.length)]!
    const network = ['bridge', ...networks][pick(networks.length + 1)]!
    const on = model.containers.get(name)
    const exists = network === 'bridge' || model.networks.has(network)
    const want = on === undefined ? 'conflict' : !exists ? 'not-found' : on.has(network) ? 'forbidden' : 'done'
    const wish = attachment({ network, gatewayPriority: pick(3) })
    assert.equal(await outcome(networking.connect(containerId(name), wish)), want)
    if (want === 'done') on!.add(network)
    return `connect ${name} to ${network}: ${want}`
  },
  async ({ networking }, model, pick) => {
    const name = containers[pick(containers.length)]!
    const network = ['bridge', ...networks][pick(networks.length + 1)]!
    const on = model.containers.get(name)
    const exists = network === 'bridge' || model.networks.has(network)
    const want = on === undefined ? 'conflict' : !exists ? 'not-found' : on.has(network) ? 'done' : 'internal'
    assert.equal(await outcome(networking.disconnect(containerId(name), network)), want)
    on?.delete(network)
    return `disconnect ${name} from ${network}: ${want}`
  },
  async (lab, model) => {
    await lab.restart([...model.containers.keys()].map(containerId))
    return 'restart'
  },
]

/** Kernel and firewall have exactly what the model says. */
async function check(
  { networking, host, links, withoutLinks }: NetworkLab,
  model: Model,
  gone: readonly string[],
): Promise<string[]> {
  const endpoints = [...model.containers.keys()].flatMap((name) => networking.sandboxOf(containerId(name))!.endpoints)
  const cables = endpoints.map(({ id }) => vethName(id))
  await withoutLinks(gone.filter((name) => !cables.includes(name)))
  const bridges = networking.list().filter(({ driver }) => driver === 'bridge')
  const names = bridges.map(({ name, id }) => (name === 'bridge' ? 'docker0' : `br-${id.slice(0, 12)}`))
  assert.deepEqual((await links()).sort(), [...names, ...cables].sort())
  assert.deepEqual(bridges.map(({ name }) => name).sort(), ['bridge', ...model.networks].sort())
  const rules = runIn(host, 'nft', 'list', 'table', 'inet', 'wharf')
  const published = [...rules.matchAll(/comment "container (\w)" : (\S+) \./g)].map(
    ([, name, address]) => `${name} ${address}`,
  )
  const wanted: string[] = []
  for (const [name, on] of model.containers) {
    const { sandbox, endpoints: own } = networking.sandboxOf(containerId(name))!
    assert.deepEqual(own.map(({ networkName }) => networkName).sort(), [...on].sort())
    using inside = NetworkNamespace.at(sandbox.path)
    const seen = [...runIn(inside, 'ip', '-4', '-br', 'addr').matchAll(/^(eth\d)\S*\s+UP\s+(\S+)/gm)].map(
      ([, eth, cidr]) => `${eth} ${cidr}`,
    )
    assert.deepEqual(seen.sort(), own.map(({ interfaceName, ipv4 }) => `${interfaceName} ${ipv4}`).sort())
    const [, way] = /^default via (\S+)/m.exec(runIn(inside, 'ip', 'route')) ?? []
    const out = own.filter(({ gateway }) => gateway !== undefined)
    const best = Math.max(...out.map(({ gatewayPriority }) => gatewayPriority))
    const elected = out
      .filter(({ gatewayPriority }) => gatewayPriority === best)
      .sort((a, b) => (a.networkName < b.networkName ? -1 : 1))[0]
    assert.equal(way, elected?.gateway)
    if (elected === undefined) assert.deepEqual(sandbox.ports, [])
    for (const { hostAddress } of sandbox.ports) {
      if (hostAddress === '0.0.0.0') wanted.push(`${name} ${elected!.ipv4!.split('/')[0]}`)
    }
  }
  assert.deepEqual(published.sort(), wanted.sort())
  return cables
}

kernelTest(
  'a walk at random through what can be asked for ends, at each step, in exactly what was asked for',
  async ({ namespace }, t) => {
    const seed = Number(process.env['WALK_SEED'] ?? Date.now() % 1_000_000)
    t.diagnostic(`WALK_SEED=${seed} WALK_STEPS=${steps}`)
    const pick = randomFrom(seed)
    await using lab = await openNetworkLab(namespace)
    const model = new Model()
    const journal: string[] = []
    let cables: string[] = []
    for (let step = 0; step < steps; step++) {
      try {
        journal.push(await moves[pick(moves.length)]!(lab, model, pick))
        cables = await check(lab, model, cables)
      } catch (error) {
        throw new Error(`seed ${seed}, after:\n${journal.join('\n')}`, { cause: error })
      }
    }
  },
)
