import assert from 'node:assert/strict'
import { type Log, silentLog } from '../../src/base/log.ts'
import { kernelTest } from '../support/kernel.ts'
import { lanContainer, lanRequest, type MacvlanLab, openMacvlanLab } from '../support/macvlan-lab.ts'
import { networkRequest } from '../support/network-lab.ts'
import { ping } from '../support/network-traffic.ts'
import { runIn } from '../support/shell.ts'

/** Pulls eth0 of the first host out, as if its card were gone. */
function pullOut({ hosts }: MacvlanLab): void {
  runIn(hosts[0]!.namespace, 'ip', 'link', 'delete', 'eth0')
}

/** Puts it in again, with the address that it had. */
function putIn({ hosts, wire, addresses }: MacvlanLab): void {
  const peer = ['peer', 'name', 'eth0', 'netns', hosts[0]!.namespace.path]
  runIn(wire.namespace, 'ip', 'link', 'add', 'port1', 'master', 'lan0', 'up', 'type', 'veth', ...peer)
  runIn(hosts[0]!.namespace, 'ip', 'addr', 'add', `${addresses[0]}/24`, 'dev', 'eth0')
  runIn(hosts[0]!.namespace, 'ip', 'link', 'set', 'eth0', 'up')
}

kernelTest('macvlan: a parent that disappears is told, and its containers come back with it', async () => {
  const warnings: string[] = []
  const log: Log = { ...silentLog, child: () => log, warn: (text) => void warnings.push(text) }
  await using lan = await openMacvlanLab(1, { log })
  const lab = lan.labs[0]!
  const gateway = lan.addresses[1]!
  const ipamConfigs = [{ subnet: '192.0.2.0/24', ipRange: '192.0.2.64/26', gateway }]
  await lab.networking.create(lanRequest('lan', { host_access: 'true' }, { ipamConfigs }))
  const a = await lanContainer(lab, 'a', ['lan'])
  const b = await lanContainer(lab, 'b', ['lan'])
  const seen = () => [
    a
      .sh('ip', '-br', 'addr')
      .replaceAll(/@if\d+/g, '')
      .replaceAll(/ +\n/g, '\n'),
    a.sh('ip', 'route'),
  ]
  const before = seen()
  const macs = [a.mac, b.mac]

  pullOut(lan)
  const { attributes } = await lab.heard(({ action }) => action === 'orphaned')
  assert.deepEqual(attributes, { parent: 'eth0', containers: 'a, b' })
  assert.ok(warnings.includes('sees the parent of a network gone, and waits for it'))
  assert.equal(await ping(a.path, gateway), false)
  const refused = { kind: 'internal', message: /the requested parent interface eth0 was not found on the Docker host/ }
  await assert.rejects(lanContainer(lab, 'c', ['lan']), refused)

  putIn(lan)
  const healed = await lab.heard(({ action, attributes: said }) => {
    return action === 'heal' && /parent eth0.*eth0 of container a, eth0 of container b/.test(said?.['lost'] ?? '')
  })
  assert.equal(healed.network.name, 'lan')
  const path = lan.hosts[0]!.namespace.path
  for (const [from, to] of [
    [a.path, gateway],
    [a.path, b.address],
    [path, a.address],
    [path, b.address],
    [lan.plain.namespace.path, b.address],
  ] as const)
    assert.equal(await ping(from, to), true, `${from} reaches ${to}`)
  assert.deepEqual(seen(), before)
  const macOf = (one: typeof a) => JSON.parse(one.sh('ip', '-j', 'link', 'show', 'eth0'))[0].address
  assert.deepEqual([a, b].map(macOf), macs)
  assert.equal(lab.events.filter(({ action }) => action === 'orphaned').length, 1)
})

kernelTest('macvlan: what is ours on the host is made again when somebody deletes it', async () => {
  await using lan = await openMacvlanLab(1)
  const lab = lan.labs[0]!
  const host = lan.hosts[0]!.namespace
  await lab.networking.create(lanRequest('lan', { host_access: 'true' }))
  await lab.networking.create(networkRequest('island', { driver: 'macvlan' }))
  const nameOf = (prefix: string, network: string) => `${prefix}${lab.networking.find(network).id.slice(0, 12)}`
  const a = await lanContainer(lab, 'a', ['lan'])
  const b = await lanContainer(lab, 'b', ['island'])
  const c = await lanContainer(lab, 'c', ['island'])
  const routes = runIn(host, 'ip', 'route')
  for (const [network, name] of [
    ['lan', nameOf('mv-', 'lan')],
    ['island', nameOf('dm-', 'island')],
  ] as const) {
    runIn(host, 'ip', 'link', 'delete', name)
    await lab.heard((event) => event.action === 'heal' && event.network.name === network)
  }
  assert.equal(await ping(host.path, a.address), true)
  assert.equal(runIn(host, 'ip', 'route'), routes)
  assert.equal(await ping(b.path, c.address), true)
})

kernelTest('macvlan: a new engine on the old records finds everything, or makes it again', async () => {
  await using lan = await openMacvlanLab(1)
  const lab = lan.labs[0]!
  const host = lan.hosts[0]!.namespace
  await lab.networking.create(lanRequest('lan', { host_access: 'true' }))
  const a = await lanContainer(lab, 'a', ['lan'])
  const b = await lanContainer(lab, 'b', ['lan'])
  const [idA, idB] = ['a', 'b'].map((name) => lab.wish(name, []).containerId)
  const index = () => JSON.parse(a.sh('ip', '-j', 'link', 'show', 'eth0'))[0].ifindex
  const before = [index(), runIn(host, 'ip', 'route')]
  await lab.restart([idA!, idB!])
  assert.deepEqual([index(), runIn(host, 'ip', 'route')], before, 'what was there is left as it is')

  b.sh('ip', 'link', 'delete', 'eth0')
  runIn(host, 'ip', 'link', 'delete', `mv-${lab.networking.find('lan').id.slice(0, 12)}`)
  runIn(host, 'ip', 'link', 'add', 'link', 'eth0', 'name', 'mv-0123456789ab', 'type', 'macvlan', 'mode', 'bridge')
  runIn(host, 'ip', 'link', 'set', 'mv-0123456789ab', 'alias', 'wharf host access 0123456789ab')
  runIn(host, 'ip', 'link', 'add', 'dm-0123456789ab', 'type', 'ifb')
  runIn(host, 'ip', 'link', 'set', 'dm-0123456789ab', 'alias', 'wharf parent')
  await lab.restart([idA!, idB!])
  for (const address of [a.address, b.address]) assert.equal(await ping(host.path, address), true, address)
  assert.deepEqual(
    (await lab.links()).filter((name) => name.includes('0123456789ab')),
    [],
    'what nobody wants is gone',
  )
  await lab.restart([idA!])
  assert.doesNotMatch(runIn(host, 'ip', 'route'), new RegExp(`^${b.address} `, 'm'))
})

kernelTest('macvlan: an engine that starts while the parent is gone waits for it', async () => {
  await using lan = await openMacvlanLab(1)
  const lab = lan.labs[0]!
  await lab.networking.create(lanRequest('lan', { host_access: 'true' }))
  const a = await lanContainer(lab, 'a', ['lan'])
  const { containerId } = lab.wish('a', [])
  pullOut(lan)
  await lab.heard(({ action }) => action === 'orphaned')
  await lab.restart([containerId])
  lab.events.length = 0
  putIn(lan)
  await lab.heard(({ action, attributes }) => action === 'heal' && /of container a/.test(attributes?.['lost'] ?? ''))
  assert.equal(await ping(a.path, lan.addresses[1]!), true)
  assert.equal(await ping(lan.hosts[0]!.namespace.path, a.address), true)
  // A network whose parent is gone is removed like any other.
  pullOut(lan)
  await lab.heard(({ action }) => action === 'orphaned')
  await lab.networking.closeSandbox(containerId)
  await lab.networking.remove('lan')
  assert.deepEqual(await lab.links(), ['docker0'])
})

kernelTest(
  'macvlan: a parent that somebody else has, or an address that does, is told, and nothing is left',
  async () => {
    await using lan = await openMacvlanLab(1)
    const lab = lan.labs[0]!
    const host = lan.hosts[0]!.namespace
    await lab.networking.create(lanRequest('lan'))
    await lanContainer(lab, 'a', [{ network: 'lan', mac: '02:00:00:00:00:01' }])
    await assert.rejects(lanContainer(lab, 'b', [{ network: 'lan', mac: '02:00:00:00:00:01' }]), {
      kind: 'conflict',
      message: /network "lan": somebody on "eth0" has the hardware address 02:00:00:00:00:01/,
    })
    await lab.networking.closeSandbox(lab.wish('a', []).containerId)
    await lab.networking.create(lanRequest('taken', { parent: 'tap' }, { ipamConfigs: [] })).then(
      () => assert.fail('there is no such parent'),
      () => {},
    )
    runIn(host, 'ip', 'link', 'add', 'tap', 'type', 'veth', 'peer', 'name', 'pat')
    await lab.networking.create(lanRequest('taken', { parent: 'tap' }, { ipamConfigs: [] }))
    runIn(host, 'ip', 'link', 'set', 'tap', 'master', 'docker0')
    await assert.rejects(lanContainer(lab, 'c', ['taken']), {
      kind: 'conflict',
      message:
        /failed to create the macvlan port: device or resource busy: network "taken": "tap" is a port of a bridge/,
    })
    assert.deepEqual(
      ['lan', 'taken'].map((name) => lab.networking.endpointsOf(lab.networking.find(name).id)),
      [[], []],
    )
  },
)
