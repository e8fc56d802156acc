import assert from 'node:assert/strict'
import { bringUpLoopback } from '../../src/kernel/named-namespace.ts'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts'
import type { PeerSpec } from '../../src/network/peers.ts'
import { injectFaults } from '../support/faults.ts'
import { kernelTest } from '../support/kernel.ts'
import { endpointOf, type OverlayLab, openOverlayLab, overlaySpec } from '../support/overlay-lab.ts'
import { runIn } from '../support/shell.ts'

/** A network with two tunnels, a container and two peers, all made by one function that may die at any step. */
const spec = {
  ...overlaySpec,
  subnets: [...overlaySpec.subnets, { prefix: '10.7.0.0/24', gateway: '10.7.0.1', vni: 4098 }],
}
const peers: readonly PeerSpec[] = [
  { endpointId: 'a', addresses: ['10.0.0.5/24'], mac: '02:42:0a:00:00:05', hostAddress: '192.0.2.9' },
  { endpointId: 'b', addresses: ['10.7.0.5/24'], mac: '02:42:0a:07:00:05', hostAddress: '192.0.2.9' },
]

/** All that iproute2 sees in the network's namespace and in the container, without what differs each time. */
function seen({ hosts }: OverlayLab, container: NetworkNamespace): string[] {
  using network = NetworkNamespace.at(hosts[0]!.path)
  const links = JSON.parse(runIn(network, 'ip', '-j', '-d', 'link')) as Record<string, any>[]
  const fdb = runIn(network, 'bridge', 'fdb', 'show').split('\n')
  const neighbours = runIn(network, 'ip', 'neigh', 'show', 'nud', 'permanent').split('\n')
  return [
    ...links.map(({ ifname, mtu, master, flags, linkinfo }) => {
      const { learning, flood, mcast_flood, bcast_flood, neigh_suppress } = linkinfo?.info_slave_data ?? {}
      const port = [learning, flood, mcast_flood, bcast_flood, neigh_suppress].join(' ')
      return `${ifname} ${mtu} ${master} ${flags.includes('UP')} ${ifname.startsWith('vx') ? port : ''}`
    }),
    ...fdb.filter((line) => line.startsWith('02:42:0a')).map((line) => line.trim()),
    ...neighbours.map((line) => line.trim()),
    runIn(network, 'ip', '-br', 'addr', 'show', 'br0').replaceAll(/fe80\S+/g, ''),
    runIn(container, 'ip', '-4', '-br', 'addr'),
    runIn(container, 'ip', '-4', 'route'),
  ].sort()
}

kernelTest(
  'overlay: an engine that dies at any step of making a network is followed by one that finishes it',
  async (_, t) => {
    const faults = injectFaults(t)
    await using lab = await openOverlayLab(1, spec)
    const { driver, plan } = lab
    const { context } = lab.hosts[0]!
    const endpoint = endpointOf(driver, ['10.0.0.2/24', 'fd00:10::2/64'])
    using namespace = NetworkNamespace.create()
    using netlink = new NetlinkSocket(namespace)
    bringUpLoopback(netlink)
    const make = async () => {
      await driver.ensureNetwork(plan, context)
      await driver.peers.ensure(plan, peers, context)
      await driver.ensureEndpoint(plan, endpoint, { namespace, netlink }, context)
    }
    const remove = async () => {
      await driver.removeEndpoint(plan, endpoint, context)
      await driver.removeNetwork(plan, context)
    }
    await make()
    const right = seen(lab, namespace)
    await remove()
    for (let step = 1; ; step++) {
      faults.arm(step, true)
      const outcome = await make().then(
        () => 'done',
        (error: Error) => error.message,
      )
      const reached = faults.disarm()
      await make()
      assert.deepEqual(seen(lab, namespace), right, `step ${step}: ${outcome}`)
      assert.deepEqual(await driver.ensureNetwork(plan, context), [])
      await remove()
      if (!reached) {
        assert.ok(step > 20, `only ${step} steps`)
        break
      }
    }
  },
)

kernelTest('overlay: what somebody deletes inside a network’s namespace comes back, peers included', async () => {
  await using lab = await openOverlayLab(1, spec)
  const { driver, plan } = lab
  const [host] = lab.hosts
  const { namespace } = await host!.plugIn('10.0.0.2/24')
  await driver.peers.ensure(plan, peers, host!.context)
  const right = seen(lab, namespace)
  const damages = [
    ['ip', 'link', 'del', 'vx4097'],
    ['ip', 'link', 'set', 'vx4097', 'nomaster'],
    ['ip', 'link', 'set', 'vx4098', 'down'],
    ['ip', 'addr', 'flush', 'dev', 'br0', 'scope', 'global'],
    ['ip', 'link', 'set', 'br0', 'mtu', '1300'],
    ['bridge', 'link', 'set', 'dev', 'vx4097', 'learning', 'on', 'flood', 'on'],
    ['bridge', 'link', 'set', 'dev', 'vx4098', 'neigh_suppress', 'off'],
    ['ip', 'neigh', 'flush', 'all', 'nud', 'permanent'],
  ]
  for (const damage of damages) {
    await host!.host.execOk('nsenter', [`--net=${host!.path}`, ...damage])
    assert.notDeepEqual(seen(lab, namespace), right, damage.join(' '))
    const changes = [
      ...(await driver.ensureNetwork(plan, host!.context)),
      ...(await driver.peers.ensure(plan, peers, host!.context)),
    ]
    assert.notDeepEqual(changes, [])
    assert.deepEqual(seen(lab, namespace), right, damage.join(' '))
  }
})

kernelTest('overlay: a VNI that somebody else’s tunnel has is an error that says so, and nothing is left', async () => {
  await using lab = await openOverlayLab(1)
  const { context, host } = lab.hosts[0]!
  const { driver } = lab
  await host.execOk('ip', [
    'link',
    'add',
    'theirs',
    'type',
    'vxlan',
    'id',
    '77',
    'dstport',
    '4789',
    'local',
    '192.0.2.1',
    'nolearning',
  ])
  const plan = driver.plan({ ...overlaySpec, id: 'f'.repeat(64), subnets: [{ prefix: '10.9.0.0/24', vni: 77 }] })
  await assert.rejects(driver.ensureNetwork(plan, context), {
    kind: 'conflict',
    message: /VNI 77 is in use on this host/,
  })
  await driver.removeNetwork(plan, context)
  await host.execOk('ip', ['link', 'del', 'theirs'])
  await driver.ensureNetwork(plan, context)
  await driver.removeNetwork(plan, context)
})

kernelTest(
  'overlay: without a cluster, and where encryption is asked for, a network is refused with the reason',
  async () => {
    await using lab = await openOverlayLab(1)
    const { context } = lab.hosts[0]!
    const { driver } = lab
    const id = 'e'.repeat(64)
    const alone = { ...context, underlay: undefined }
    await assert.rejects(driver.ensureNetwork(driver.plan({ ...overlaySpec, id }), alone), {
      kind: 'forbidden',
      message: /this host is in no cluster/,
    })
    const encrypted = driver.plan({ ...overlaySpec, id, options: { encrypted: '' } })
    await assert.rejects(driver.ensureNetwork(encrypted, context), { kind: 'not-implemented', message: /encrypt/ })
  },
)
