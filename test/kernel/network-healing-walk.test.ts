import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { vethName } from '../../src/network/cables/link-marks.ts'
import { eventually } from '../support/eventually.ts'
import { run } from '../support/finished.ts'
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

const steps = Number(process.env['WALK_STEPS'] ?? 40)
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

interface Target {
  readonly bridges: readonly string[]
  readonly cables: readonly string[]
}

type Disturbance = (target: Target, pick: (below: number) => number) => readonly [program: string, ...args: string[]]

const any = <T>(list: readonly T[], pick: (below: number) => number): T => list[pick(list.length)]!

const disturbances: readonly Disturbance[] = [
  () => ['nft', 'flush', 'ruleset'],
  () => ['nft', 'delete', 'table', 'inet', 'wharf'],
  () => ['nft', 'flush', 'chain', 'inet', 'wharf', 'nat-postrouting'],
  () => ['nft', 'flush', 'map', 'inet', 'wharf', 'published4_any'],
  () => ['nft', 'add', 'element', 'inet', 'wharf', 'bridges', '{ "eth0" }'],
  () => ['nft', 'add table inet wharf { flags dormant; }'],
  ({ bridges }, pick) => ['ip', 'link', 'delete', any(bridges, pick)],
  ({ bridges }, pick) => ['ip', 'link', 'set', any(bridges, pick), 'down'],
  ({ bridges }, pick) => ['ip', 'address', 'flush', 'dev', any(bridges, pick), 'scope', 'global'],
  ({ cables }, pick) => ['ip', 'link', 'delete', any(cables, pick)],
  ({ cables }, pick) => ['ip', 'link', 'set', any(cables, pick), 'down'],
  ({ cables }, pick) => ['ip', 'link', 'set', any(cables, pick), 'nomaster'],
  ({ cables }, pick) => ['ip', 'link', 'set', any(cables, pick), 'master', 'theirs'],
]

/** Things to ask for meanwhile; whether they succeed on a broken host does not matter here. */
const requests: readonly ((lab: NetworkLab) => Promise<unknown>)[] = [
  (lab) => lab.networking.openSandbox(lab.wish('guest', ['one'], [port(9999, 99)])),
  ({ networking }) => networking.connect(containerId('guest'), attachment({ network: 'two' })),
  ({ networking }) => networking.closeSandbox(containerId('guest')),
  ({ networking }) => networking.create(networkRequest('guests')),
  ({ networking }) => networking.remove('guests'),
]

/** Does it, unless what it is about is gone already, and not back yet. @returns what there is to tell of it */
async function disturb(host: NetworkNamespace, command: readonly [string, ...string[]]): Promise<string> {
  const { code } = await run('nsenter', [`--net=${host.path}`, ...command])
  return `${command.join(' ')}${code === 0 ? '' : ': refused'}`
}

const sorted = (text: string) =>
  text
    .split(/\n|,|[{}]/)
    .map((line) =>
      line
        .replaceAll(/@\S+/g, '')
        .replaceAll(/\b(UNKNOWN|LOWERLAYERDOWN)\b/g, 'UP')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => line !== '')
    .sort()

/** All that independent witnesses see, on the host and in the containers. */
async function stateOf({ host, networking }: NetworkLab): Promise<unknown> {
  const links = JSON.parse(runIn(host, 'ip', '-j', 'link')) as { ifname: string; master?: string; ifalias?: string }[]
  const inside = containers.map((name) => {
    using namespace = NetworkNamespace.at(networking.sandboxOf(containerId(name))!.sandbox.path)
    return [
      runIn(namespace, 'ip', '-br', 'address'),
      runIn(namespace, 'ip', '-br', 'link'),
      runIn(namespace, 'ip', 'route'),
    ].map(sorted)
  })
  return {
    links: links.map(({ ifname, master, ifalias }) => `${ifname} in ${master}: ${ifalias}`).sort(),
    addresses: sorted(runIn(host, 'ip', '-4', '-br', 'address')),
    rules: sorted((await run('nsenter', [`--net=${host.path}`, 'nft', '-s', 'list', 'table', 'inet', 'wharf'])).stdout),
    inside,
  }
}

kernelTest('whatever is damaged in whatever order, in the end all is as it was', async ({ namespace }, t) => {
  const seed = Number(process.env['WALK_SEED'] ?? 1) // the same for everybody unless told
  t.diagnostic(`WALK_SEED=${seed} WALK_STEPS=${steps}`)
  const pick = randomFrom(seed)
  await using lab = await openNetworkLab(namespace)
  await lab.networking.create(networkRequest('one'))
  await lab.networking.create(
    networkRequest('two', { enableIPv6: true, options: { 'com.docker.network.bridge.enable_icc': 'false' } }),
  )
  runIn(namespace, 'ip', 'link', 'add', 'theirs', 'type', 'bridge')
  for (const [i, name] of containers.entries())
    await lab.networking.openSandbox(lab.wish(name, ['bridge', 'one', 'two'].slice(i), [port(8000 + i, 80)]))
  const target = {
    bridges: lab.networking
      .list()
      .filter(({ driver }) => driver === 'bridge')
      .map(({ id, name }) => (name === 'bridge' ? 'docker0' : `br-${id.slice(0, 12)}`)),
    cables: containers.flatMap((name) =>
      lab.networking.sandboxOf(containerId(name))!.endpoints.map(({ id }) => vethName(id)),
    ),
  }
  const wanted = await stateOf(lab)
  const journal: string[] = []
  const asked: Promise<unknown>[] = []
  for (let step = 0; step < steps; step++) {
    if (pick(4) === 0)
      asked.push(any(requests, pick)(lab).catch(() => {})) // refused, perhaps: see above
    else journal.push(await disturb(namespace, any(disturbances, pick)(target, pick)))
  }
  await Promise.all(asked)
  await lab.networking.closeSandbox(containerId('guest'))
  if (lab.networking.list().some(({ name }) => name === 'guests')) await lab.networking.remove('guests')
  await lab.networking.settled()
  try {
    await eventually(() => stateOf(lab), wanted)
  } catch (error) {
    throw new Error(`seed ${seed}, after:\n${journal.join('\n')}`, { cause: error })
  }
})
