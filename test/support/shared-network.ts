import assert from 'node:assert/strict'
import type { ClusterScene } from './cluster-test.ts'
import { type Continuity, watchContinuity } from './continuity.ts'
import type { Engine } from './engine-test.ts'
import { eventually } from './eventually.ts'

/** A container on each host, all on network `shared`, each sure to reach the next one. */
export async function populate({ engines }: ClusterScene): Promise<void> {
  await engines[0]!.docker.ok('network', 'create', '-d', 'overlay', '--subnet', '10.1.0.0/24', 'shared')
  for (const [i, engine] of engines.entries()) {
    await eventually(async () => (await engine.docker.run(['network', 'inspect', 'shared'])).code, 0)
    await engine.docker.ok('run', '-di', '--name', `c${i + 1}`, '--network', 'shared', 'busybox')
  }
  for (const [i, engine] of engines.entries()) {
    for (const k of engines.keys()) await eventually(() => reach(engine, `c${i + 1}`, `c${k + 1}`), 0)
  }
}

/** Exit code of a ping from one container to another. */
export async function reach({ sh }: Engine, from: string, to: string): Promise<number> {
  return (await sh(from, `ping -c1 -W1 ${to}`)).code
}

/** Traffic and look-ups from the container of each host to that of the next. */
export async function watchAll({ engines }: ClusterScene): Promise<Continuity[]> {
  return await Promise.all(
    engines.map((engine, i) => watchContinuity(engine, `c${i + 1}`, `c${((i + 1) % engines.length) + 1}`)),
  )
}

/** Ends them; nobody must have noticed anything. @param lost the most pings that may be missing from each */
export async function assertUnharmed(watches: readonly Continuity[], lost = 0): Promise<void> {
  for (const watch of watches) {
    const { sent, answered, badNames, goodNames } = await watch.stop()
    assert.ok(sent > 5, 'there was traffic')
    assert.ok(goodNames > 0, 'there were look-ups')
    assert.ok(sent - answered <= lost + 1, `${sent - answered} of ${sent} pings were lost`) // one may be on its way
    assert.equal(badNames, 0, `${badNames} look-ups failed, ${goodNames} did not`)
  }
}

/** What every host says of the network's members: the same everywhere, no address twice. */
export async function assertAgreed({ engines }: ClusterScene, names: readonly string[]): Promise<void> {
  for (const { docker } of engines) {
    const members = async () => {
      const [network] = JSON.parse(await docker.ok('network', 'inspect', 'shared'))
      return Object.values<{ Name: string; IPv4Address: string }>(network.Containers)
    }
    await eventually(async () => (await members()).map(({ Name }) => Name).sort(), [...names].sort())
    const addresses = (await members()).map(({ IPv4Address }) => IPv4Address)
    assert.equal(new Set(addresses).size, addresses.length, `an address is there twice: ${addresses}`)
  }
}

/** Milliseconds that convergence may take in a test; what it took is told, never judged. */
const patienceMs = 15_000

interface Member {
  readonly name: string
  readonly mac: string
  readonly address: string
  /** Which host it runs on, from 0. */
  readonly host: number
}

/**
 * Waits until etcd, every host's kernel and every host's own word agree with the containers that run, and with
 * nothing else. @returns milliseconds that it took
 */
export async function assertConverged(scene: ClusterScene, names: readonly string[]): Promise<number> {
  const begin = performance.now()
  const members = await membersOf(scene)
  assert.deepEqual(members.map(({ name }) => name).sort(), [...names].sort())
  assert.equal(new Set(members.map(({ address }) => address)).size, members.length, 'each address is there once')
  const id = await scene.engines[0]!.docker.ok('network', 'inspect', '-f', '{{.Id}}', 'shared')
  const claims = members.map(({ name, address }) => `${name} ${address}`).sort()
  await eventually(() => inEtcd(scene, 'ep', id), claims, patienceMs)
  await eventually(() => inEtcd(scene, 'taken/ip', id), members.map(({ address }) => address).sort(), patienceMs)
  for (const [host, engine] of scene.engines.entries()) {
    const remote = members.filter((member) => member.host !== host)
    const wanted = {
      entries: remote.map((member) => `${member.mac} ${scene.addresses[member.host]}`).sort(),
      neighbours: remote.map(({ mac, address }) => `${address} ${mac}`).sort(),
    }
    await eventually(() => inKernel(engine, id), wanted, patienceMs)
  }
  const took = Math.round(performance.now() - begin)
  await assertAgreed(scene, names)
  return took
}

/** The containers that run on the network, as each host's own clients see them. */
async function membersOf({ engines }: ClusterScene): Promise<Member[]> {
  const found = engines.map(async ({ docker }, host) => {
    const ids = (await docker.ok('ps', '-q', '--filter', 'network=shared')).split('\n').filter(Boolean)
    if (ids.length === 0) return []
    return JSON.parse(await docker.ok('inspect', ...ids)).map(({ Name, NetworkSettings }: any) => {
      const { MacAddress: mac, IPAddress: address } = NetworkSettings.Networks.shared
      return { name: Name.slice(1), mac, address, host }
    })
  })
  return (await Promise.all(found)).flat()
}

/** Endpoints with their addresses, or the addresses that are claimed: what etcdctl sees. */
async function inEtcd({ etcd }: ClusterScene, kind: 'ep' | 'taken/ip', id: string): Promise<string[]> {
  const answer = await etcd.ctl('get', '--prefix', `/wharf/default/${kind}/${id}/`, '--write-out', 'json')
  const text = (bytes: string) => Buffer.from(bytes, 'base64').toString()
  const { kvs = [] } = JSON.parse(answer) as { kvs?: { key: string; value: string }[] }
  const lines = kvs.map(({ key, value }) => {
    if (kind === 'taken/ip') return text(key).split('/').at(-1)!
    const { containerName, ipv4 } = JSON.parse(text(value))
    return `${containerName} ${ipv4.split('/')[0]}`
  })
  return lines.sort()
}

/** What `bridge` and `ip` see of other hosts' containers; hosts themselves have entries of another kind. */
async function inKernel({ host, daemon }: Engine, id: string) {
  const enter = async (...words: string[]) => {
    const place = `--net=${daemon.root}/run/overlay/${id.slice(0, 12)}`
    return JSON.parse(await host.execOk('nsenter', [place, ...words])) as Record<string, any>[]
  }
  const entries = (await enter('bridge', '-j', 'fdb', 'show')).filter(({ mac, dst }) => dst && mac.startsWith('02:42:'))
  const neighbours = (await enter('ip', '-j', '-4', 'neigh')).filter(({ state }) => state.includes('PERMANENT'))
  return {
    entries: entries.map(({ mac, dst }) => `${mac} ${dst}`).sort(),
    neighbours: neighbours.map(({ dst, lladdr }) => `${dst} ${lladdr}`).sort(),
  }
}
