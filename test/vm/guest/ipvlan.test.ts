// Virtual machine: ipvlan 8021q dummy
import assert from 'node:assert/strict'
import { KernelFeatures } from '../../../src/kernel/host/features.ts'
import { IpvlanDriver } from '../../../src/network/drivers/ipvlan/ipvlan-driver.ts'
import { ParentUsers } from '../../../src/network/drivers/parent/parent-users.ts'
import { driverContract } from '../../contracts/driver.ts'
import { kernelTest } from '../../support/kernel.ts'
import { lanContainer, lanRequest, openMacvlanLab } from '../../support/macvlan-lab.ts'
import { type NetworkLab, networkRequest } from '../../support/network-lab.ts'
import { ping } from '../../support/network-traffic.ts'
import { runIn } from '../../support/shell.ts'

const kernel = new KernelFeatures()

driverContract({
  create: () => new IpvlanDriver({ users: new ParentUsers(), kernel }) as never,
  spec: {
    id: '0123456789abcdef'.repeat(4),
    name: 'net',
    isDefault: false,
    internal: false,
    enableIPv6: true,
    options: {},
    subnets: [{ prefix: '172.18.0.0/16' }, { prefix: 'fd00:18::/64' }],
  },
  endpoint: {
    id: 'fedcba9876543210'.repeat(4),
    addresses: ['172.18.0.2/16', 'fd00:18::2/64'],
    mac: '',
    interfaceName: 'eth0',
    driverOptions: {},
  },
})

const lanOf = (options = {}, request = {}) =>
  lanRequest('lan', options, {
    driver: 'ipvlan',
    ipamConfigs: [{ subnet: '192.0.2.0/24', ipRange: '192.0.2.64/26', gateway: '192.0.2.2' }],
    ...request,
  })

kernelTest('ipvlan l2: containers are on the LAN with the hardware address of their host', async () => {
  await using lan = await openMacvlanLab(1)
  const { hosts, plain } = lan
  const lab = lan.labs[0]!
  await lab.networking.create(lanOf())
  const a = await lanContainer(lab, 'a', ['lan'])
  const b = await lanContainer(lab, 'b', ['lan'])
  for (const [from, to] of [
    [a.path, b.address],
    [a.path, '192.0.2.2'],
    [plain.namespace.path, b.address],
  ] as const)
    assert.equal(await ping(from, to), true, `${from} reaches ${to}`)
  const [parent] = JSON.parse(runIn(hosts[0]!.namespace, 'ip', '-j', 'link', 'show', 'eth0'))
  assert.deepEqual([a.mac, b.mac], [parent.address, parent.address])
  const [endpoint] = lab.networking.endpointsOf(lab.networking.find('lan').id)
  assert.equal(endpoint?.mac, '', 'inspect shows none')
  assert.match(a.sh('ip', 'route'), /^default via 192\.0\.2\.2 dev eth0/m)
  const [{ linkinfo }] = JSON.parse(a.sh('ip', '-j', '-d', 'link', 'show', 'eth0'))
  assert.deepEqual([linkinfo.info_kind, linkinfo.info_data.mode], ['ipvlan', 'l2'])
  await assert.rejects(lanContainer(lab, 'c', [{ network: 'lan', mac: '02:00:00:00:00:01' }]), {
    kind: 'internal',
    message: /ipvlan interfaces do not support custom mac address assignment/,
  })
  // The same address at once again: on one parent nobody else may have it.
  for (let round = 0; round < 3; round++) {
    const again = await lanContainer(lab, 'd', [{ network: 'lan', ipv4: '192.0.2.99' }])
    assert.equal(await ping(again.path, '192.0.2.2'), true)
    await lab.networking.closeSandbox(lab.wish('d', []).containerId)
  }
})

kernelTest('ipvlan l3 and l3s: the default route has no next hop, and others reach the subnet by a route', async () => {
  await using lan = await openMacvlanLab(1)
  const lab = lan.labs[0]!
  const { path } = lan.plain.namespace
  runIn(lan.plain.namespace, 'ip', 'route', 'add', '10.7.0.0/24', 'via', lan.addresses[0]!)
  for (const mode of ['l3', 'l3s']) {
    const ipamConfigs = [{ subnet: '10.7.0.0/24' }]
    await lab.networking.create(lanOf({ ipvlan_mode: mode }, { ipamConfigs, enableIPv6: true }))
    assert.equal(lab.networking.find('lan').ipam.configs[0]?.gateway, undefined)
    const a = await lanContainer(lab, 'a', ['lan'])
    const b = await lanContainer(lab, 'b', ['lan'])
    assert.match(a.sh('ip', 'route'), /^default dev eth0 /m)
    assert.match(a.sh('ip', '-6', 'route'), /^default dev eth0 /m)
    for (const [from, to] of [
      [a.path, b.address],
      [a.path, lan.addresses[1]!],
      [path, a.address],
    ] as const)
      assert.equal(await ping(from, to), true, `${mode}: ${from} reaches ${to}`)
    const [{ linkinfo }] = JSON.parse(a.sh('ip', '-j', '-d', 'link', 'show', 'eth0'))
    assert.equal(linkinfo.info_data.mode, mode)
    await clear(lab)
  }
})

kernelTest('ipvlan: the flag says whether containers of one host reach each other', async () => {
  await using lan = await openMacvlanLab(1)
  const lab = lan.labs[0]!
  for (const [flag, reached] of [
    ['bridge', true],
    ['private', false],
    ['vepa', false], // until a switch sends frames back, which the bridge of the test does not
  ] as const) {
    await lab.networking.create(lanOf({ ipvlan_flag: flag }))
    const a = await lanContainer(lab, 'a', ['lan'])
    const b = await lanContainer(lab, 'b', ['lan'])
    assert.equal(await ping(a.path, '192.0.2.2'), true)
    assert.equal(await ping(a.path, b.address), reached, flag)
    await clear(lab)
  }
})

/** Takes the containers a and b away, and their network. */
async function clear(lab: NetworkLab, name = 'lan'): Promise<void> {
  for (const one of ['a', 'b']) await lab.networking.closeSandbox(lab.wish(one, []).containerId)
  await lab.networking.remove(name)
}

kernelTest('ipvlan: one network on each parent, none beside macvlan, and a dummy where nobody names one', async () => {
  await using lan = await openMacvlanLab(1)
  const lab = lan.labs[0]!
  await lab.networking.create(lanOf())
  const { id } = lab.networking.find('lan')
  const second = networkRequest('second', { driver: 'ipvlan', options: { parent: 'eth0' } })
  await assert.rejects(lab.networking.create(second), {
    kind: 'internal',
    message: `network di-${id.slice(0, 12)} is already using parent interface eth0`,
  })
  await lab.networking.create(networkRequest('tagged', { driver: 'ipvlan', options: { parent: 'eth0.10' } }))
  await lab.networking.create(networkRequest('mac', { driver: 'macvlan', options: { parent: 'eth0' } }))
  await lanContainer(lab, 'a', ['lan'])
  await assert.rejects(lanContainer(lab, 'b', ['mac']), {
    kind: 'conflict',
    message: /failed to create the macvlan port: device or resource busy: network "mac": .*carries ipvlan/,
  })
  await lab.networking.remove('tagged')
  assert.equal((await lab.links()).includes('eth0.10'), false)
  await clear(lab)

  for (const [driver, prefix] of [
    ['ipvlan', 'di-'],
    ['macvlan', 'dm-'],
  ] as const) {
    await lab.networking.create(networkRequest('island', { driver }))
    const name = `${prefix}${lab.networking.find('island').id.slice(0, 12)}`
    const [link] = JSON.parse(runIn(lan.hosts[0]!.namespace, 'ip', '-j', '-d', 'link', 'show', name))
    assert.equal(link.linkinfo.info_kind, 'dummy')
    const a = await lanContainer(lab, 'a', ['island'])
    const b = await lanContainer(lab, 'b', ['island'])
    assert.equal(await ping(a.path, b.address), true)
    assert.doesNotMatch(a.sh('ip', 'route'), /default/)
    await clear(lab, 'island')
    assert.equal((await lab.links()).includes(name), false)
  }
})
