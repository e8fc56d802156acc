import assert from 'node:assert/strict'
import { createNode } from '../support/cluster-lab.ts'
import { startEtcd } from '../support/etcd.ts'
import { run, runOk } from '../support/finished.ts'
import { attachment, containerId, type LabOptions, type NetworkLab, port } from '../support/network-lab.ts'
import { type Inhabited, type Scene, scene } from '../support/network-scene.ts'
import { fetch, ping, serve } from '../support/network-traffic.ts'
import { enterOwnNamespace } from '../support/own-namespace.ts'

enterOwnNamespace() // etcd's ports are nobody else's here

const options: LabOptions = {
  async openCluster(owned) {
    const etcd = owned.use(await startEtcd())
    const self = { id: 'a'.repeat(64), name: 'alpha', address: '192.0.2.1', mtu: 1500 }
    return await owned.use(createNode(etcd, 'alpha', { self })).open()
  },
}
const gwbridge = 'docker_gwbridge'

/** A network that leads nowhere but to its own containers. */
function overlay(s: Scene, name: string, internal = false): Promise<void> {
  return s.network(name, { driver: 'overlay', internal })
}

/** What a container has, as iproute2 sees it: interfaces, and where the rest of the world is. */
async function inside({ path }: Pick<Inhabited, 'path'>): Promise<{ links: string[]; way: string }> {
  const links: { ifname: string }[] = JSON.parse(await runOk('nsenter', [`--net=${path}`, 'ip', '-j', 'link']))
  const way = await runOk('nsenter', [`--net=${path}`, 'ip', 'route', 'show', 'default'])
  return { links: links.map(({ ifname }) => ifname).filter((name) => name !== 'lo'), way: way.trim() }
}

function membersOfGateway({ networking }: NetworkLab): string[] {
  const network = networking.list().find(({ name }) => name === gwbridge)
  return network === undefined ? [] : networking.endpointsOf(network.id).map(({ containerName }) => containerName)
}

const memberName = (name: string) => `gateway_${containerId(name).slice(0, 12)}`

scene(
  'a container whose network leads nowhere gets a way out of the engine’s, which only its network shows',
  async (s) => {
    await overlay(s, 'over')
    assert.equal(
      s.lab.networking.list().some(({ name }) => name === gwbridge),
      false,
    )
    const web = await s.container('web', ['over'], [port(8080, 80)])
    const { links, way } = await inside(web)
    assert.deepEqual(links, ['eth0', 'eth1'])
    assert.match(way, /^default via 172\.\d+\.0\.1 dev eth1$/)
    const { networking } = s.lab
    const shown = networking.sandboxOf(containerId('web'))!.endpoints
    assert.deepEqual(
      shown.map(({ networkName, gateway }) => [networkName, gateway]),
      [['over', undefined]],
    )
    assert.deepEqual(membersOfGateway(s.lab), [memberName('web')])
    await using _inside = await serve(web.path, 80, 'web saw')
    await using _outside = await serve(s.outside.path, 7000, 'outside saw')
    assert.equal(await fetch(s.outside.path, s.host.address, 8080), `web saw ${s.outside.address}`)
    assert.equal(await fetch(web.path, s.outside.address, 7000), `outside saw ${s.host.address}`)
    const hosts = await runOk('cat', [`${s.lab.dir}/container-web/hosts`])
    assert.equal(hosts.split('\n').filter((line) => line.includes('host-web')).length, 1)
    await assert.rejects(networking.remove(gwbridge), {
      kind: 'forbidden',
      message: new RegExp(`name:"${memberName('web')}"`),
    })
    await assert.rejects(
      networking.disconnect(containerId('web'), gwbridge),
      /is not connected to network docker_gwbridge/,
    )
    assert.deepEqual(
      s.lab.events.filter(({ network, action }) => network.name === gwbridge && action !== 'create'),
      [],
    )
    await networking.closeSandbox(containerId('web'))
    await networking.remove(gwbridge)
    await s.container('web', ['over'])
    assert.deepEqual(membersOfGateway(s.lab), [memberName('web')])
  },
  options,
)

scene(
  'two containers on an overlay network reach each other by it, and not by their ways out',
  async (s) => {
    await overlay(s, 'over')
    const [a, b] = [await s.container('a', ['over']), await s.container('b', ['over'])]
    assert.equal(await ping(a.path, b.address), true)
    const network = s.lab.networking.find(gwbridge)
    const [one, two] = s.lab.networking.endpointsOf(network.id).map(({ ipv4 }) => ipv4!.split('/')[0]!)
    assert.equal(await ping(a.path, two!), false)
    assert.equal(await ping(b.path, one!), false)
  },
  options,
)

scene(
  'an internal network, or one beside a network that leads outside, brings no way out of the engine’s',
  async (s) => {
    await overlay(s, 'over')
    await overlay(s, 'closed', true)
    await s.network('open')
    assert.deepEqual(await inside(await s.container('a', ['closed'])), { links: ['eth0'], way: '' })
    assert.deepEqual((await inside(await s.container('b', ['over', 'open']))).links, ['eth0', 'eth1'])
    const c = await s.container('c', ['open'])
    await s.lab.networking.connect(containerId('c'), attachment({ network: 'over' }))
    assert.deepEqual((await inside(c)).links, ['eth0', 'eth1'])
    assert.equal(
      s.lab.networking.list().some(({ name }) => name === gwbridge),
      false,
    )
  },
  options,
)

scene(
  'the way out goes when a network brings its own, and comes back with the same published port when that goes',
  async (s) => {
    await overlay(s, 'over')
    await s.network('open')
    const { networking } = s.lab
    const web = await s.container('web', ['over'], [port(0, 80)])
    await using _inside = await serve(web.path, 80, 'web saw')
    const published = networking.publishedPorts(containerId('web'))
    const reached = () => fetch(s.outside.path, s.host.address, published[0]!.hostPort)
    assert.equal(await reached(), `web saw ${s.outside.address}`)
    await networking.connect(containerId('web'), attachment({ network: 'open' }))
    assert.deepEqual(membersOfGateway(s.lab), [])
    assert.match((await inside(web)).way, /dev eth2$/)
    assert.equal(await reached(), `web saw ${s.outside.address}`)
    await networking.disconnect(containerId('web'), 'open')
    assert.deepEqual(membersOfGateway(s.lab), [memberName('web')])
    assert.deepEqual(networking.publishedPorts(containerId('web')), published)
    assert.equal(await reached(), `web saw ${s.outside.address}`)
    await networking.disconnect(containerId('web'), 'over')
    assert.deepEqual([await inside(web), membersOfGateway(s.lab)], [{ links: [], way: '' }, []])
    await networking.connect(containerId('web'), attachment({ network: 'over' }))
    assert.deepEqual((await inside(web)).links, ['eth0', 'eth1'])
    assert.equal(networking.publishedPorts(containerId('web')).length, published.length)
  },
  options,
)

scene(
  'many that need a way out at once make one network, and another engine finds all as it was',
  async (s) => {
    await overlay(s, 'over')
    const names = Array.from({ length: 8 }, (_, i) => `c${i}`)
    const all = await Promise.all(names.map((name) => s.container(name, ['over'])))
    assert.equal(s.lab.networking.list().filter(({ name }) => name === gwbridge).length, 1)
    assert.deepEqual(membersOfGateway(s.lab).sort(), names.map(memberName).sort())
    await s.lab.restart(names.map(containerId))
    for (const one of all) {
      assert.deepEqual((await inside(one)).links, ['eth0', 'eth1'])
      assert.equal(await ping(one.path, all[0]!.address), true)
      assert.equal(await ping(one.path, s.outside.address), true)
    }
    await s.lab.networking.rename(containerId('c0'), 'other')
    assert.ok(membersOfGateway(s.lab).includes(memberName('c0')))
    const { code } = await run('test', ['-e', `${s.lab.dir}/overlay`])
    assert.equal(code, 0)
  },
  options,
)

scene(
  'what somebody deletes inside the namespace of an overlay network comes back when everything is compared',
  async (s, t) => {
    await overlay(s, 'over')
    const [a, b] = [await s.container('a', ['over']), await s.container('b', ['over'])]
    t.mock.timers.enable({ apis: ['setInterval'] })
    await s.lab.restart([containerId('a'), containerId('b')]) // the timer that compares is the test's from now on
    const { id } = s.lab.networking.find('over')
    const path = `${s.lab.dir}/overlay/${id.slice(0, 12)}`
    const links = () => runOk('nsenter', [`--net=${path}`, 'ip', '-br', 'link'])
    const cable = `veth${a.view.endpoints[0]!.id.slice(0, 7)}`
    const [tunnel] = /vx\d+/.exec(await links())!
    for (const [lost, words] of [
      [tunnel, /^parts of overlay over$/],
      [cable, new RegExp(`^${cable} of container a$`)],
      ['br0', /^parts of overlay over, .*veth/],
    ] as const) {
      s.lab.events.length = 0
      await runOk('nsenter', [`--net=${path}`, 'ip', 'link', 'del', lost])
      t.mock.timers.tick(30_000)
      const { attributes } = await s.lab.heard(({ action }) => action === 'heal')
      assert.match(attributes!['lost']!, words)
      await s.lab.networking.settled()
      assert.equal(await ping(a.path, b.address), true, lost)
      assert.match(await links(), new RegExp(tunnel))
    }
    s.lab.events.length = 0
    t.mock.timers.tick(30_000)
    await s.lab.networking.settled()
    assert.deepEqual(s.lab.events, [])
  },
  options,
)

scene(
  'encryption, which there is none of, is refused before any host hears of the network',
  async (s) => {
    const asked = s.network('secret', { driver: 'overlay', options: { encrypted: '' } })
    await assert.rejects(asked, { kind: 'not-implemented', message: /encrypt/ })
    assert.equal(
      s.lab.networking.list().some(({ name }) => name === 'secret'),
      false,
    )
  },
  options,
)

scene('without a cluster an overlay network is refused, and nothing is left of it', async (s) => {
  await assert.rejects(overlay(s, 'over'), {
    kind: 'forbidden',
    message: /needs a cluster, and this engine is in none/,
  })
  assert.equal(
    s.lab.networking.list().some(({ name }) => name === 'over'),
    false,
  )
})
