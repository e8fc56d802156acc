import assert from 'node:assert/strict'
import { OverlayDriver } from '../../src/network/drivers/overlay/overlay-driver.ts'
import type { PeerSpec } from '../../src/network/peers.ts'
import { kernelTest } from '../support/kernel.ts'
import { type OverlayHost, openOverlayLab, overlaySpec, witnessPeer } from '../support/overlay-lab.ts'

const wide = {
  ...overlaySpec,
  subnets: [{ prefix: '10.0.0.0/16', gateway: '10.0.0.1', vni: 4097 }, overlaySpec.subnets[1]!],
}

function peers(count: number, hostAddress = '192.0.2.9'): PeerSpec[] {
  const driver = new OverlayDriver()
  return Array.from({ length: count }, (_, i) => {
    const address = `10.0.${1 + (i >> 8)}.${i & 255}`
    const addresses = [`${address}/16`, `fd00:10::1:${(i + 1).toString(16)}/64`]
    return { endpointId: `${i}`.padStart(64, '0'), addresses, mac: driver.macFor(address), hostAddress }
  })
}

/** Everything that iproute2 sees in a network's namespace that is about a peer. */
async function entries({ host, path }: OverlayHost): Promise<string[]> {
  const inside = (...command: string[]) => host.execOk('nsenter', [`--net=${path}`, ...command])
  const fdb = (await inside('bridge', 'fdb', 'show')).split('\n').filter((line) => line.includes('02:42:0a:00'))
  const neighbours = [
    ...(await inside('ip', '-4', 'neigh', 'show', 'nud', 'permanent')).split('\n'),
    ...(await inside('ip', '-6', 'neigh', 'show', 'nud', 'permanent')).split('\n'),
  ].filter((line) => line !== '')
  return [...fdb, ...neighbours].map((line) => line.trim()).sort()
}

kernelTest('overlay peers: a thousand are told at once, and all of them are known', async () => {
  await using lab = await openOverlayLab(1, wide)
  const [host] = lab.hosts
  const { driver, plan } = lab
  const all = peers(1000)
  assert.deepEqual(await driver.peers.ensure(plan, all, host!.context), ['made 4000 entries for peers'])
  assert.equal((await entries(host!)).length, 4000)
  assert.deepEqual(await driver.peers.ensure(plan, all, host!.context), [])
  for (const peer of [all[0]!, all[999]!]) {
    const [v4, v6] = peer.addresses.map((cidr) => cidr.split('/')[0])
    assert.deepEqual(await witnessPeer(host!, peer), {
      remote: ['192.0.2.9'],
      port: ['vx4097'],
      neighbours: [`${v4} ${peer.mac}`, `${v6} ${peer.mac}`],
    })
  }
  await driver.peers.remove(plan, all, host!.context)
  assert.deepEqual(await entries(host!), [])
})

kernelTest('overlay peers: ensure() removes whom nobody names, and mends what somebody changed', async () => {
  await using lab = await openOverlayLab(1, wide)
  const [host] = lab.hosts
  const { driver, plan } = lab
  const wanted = peers(10)
  await driver.peers.ensure(plan, wanted, host!.context)
  const right = await entries(host!)
  const inside = (...command: string[]) => host!.host.execOk('nsenter', [`--net=${host!.path}`, ...command])
  await inside('bridge', 'fdb', 'replace', wanted[0]!.mac, 'dev', 'vx4097', 'dst', '192.0.2.66', 'self', 'permanent')
  await inside('bridge', 'fdb', 'del', wanted[1]!.mac, 'dev', 'vx4097', 'self')
  await inside('bridge', 'fdb', 'del', wanted[2]!.mac, 'dev', 'vx4097', 'master')
  await inside('bridge', 'fdb', 'add', '02:42:0a:00:77:77', 'dev', 'vx4097', 'master', 'static')
  await inside('bridge', 'fdb', 'append', '00:00:00:00:00:00', 'dev', 'vx4097', 'dst', '192.0.2.66', 'self')
  await inside('ip', 'neigh', 'replace', '10.0.1.3', 'lladdr', '02:00:00:00:00:99', 'dev', 'br0', 'nud', 'permanent')
  await inside('ip', 'neigh', 'flush', 'dev', 'br0', 'nud', 'permanent', 'to', 'fd00:10::/64')
  const changes = await driver.peers.ensure(plan, wanted, host!.context)
  assert.deepEqual(changes, ['removed 4 entries for peers', 'made 14 entries for peers'])
  assert.deepEqual(await entries(host!), right)
  assert.doesNotMatch(await inside('bridge', 'fdb', 'show', 'dev', 'vx4097'), /00:00:00:00:00:00/)
  await driver.peers.ensure(plan, wanted.slice(0, 3), host!.context)
  assert.equal((await entries(host!)).length, 12)
})

kernelTest('overlay peers: whoever comes here from another host answers for itself', async () => {
  await using lab = await openOverlayLab(2)
  const [one, two] = lab.hosts
  const remote = await two!.plugIn('10.0.0.9/24', 'fd00:10::9/64')
  await lab.driver.peers.add(lab.plan, [remote.peer], one!.context)
  const here = await one!.plugIn('10.0.0.9/24', 'fd00:10::9/64')
  const after = await witnessPeer(one!, here.peer)
  assert.deepEqual([after.neighbours, after.port.filter((name) => name === 'vx4097')], [[], []])
  // The news that it has left the other host comes last.
  await lab.driver.peers.remove(lab.plan, [remote.peer], one!.context)
  assert.deepEqual((await witnessPeer(one!, here.peer)).port.length, 1)
})

kernelTest(
  'overlay peers: with an underlay of IPv6 the far ends are IPv6 too, and packets 20 bytes smaller',
  async () => {
    await using lab = await openOverlayLab(2)
    const addresses = ['2001:db8::1', '2001:db8::2']
    for (const [i, { host, context }] of lab.hosts.entries()) {
      await host.execOk('ip', ['addr', 'add', `${addresses[i]}/64`, 'dev', 'eth0', 'nodad'])
      Object.assign(context, { underlay: { address: addresses[i]!, mtu: 1500 } })
      const changes = await lab.driver.ensureNetwork(lab.plan, context)
      assert.deepEqual(changes, ['set mtu of br0: 1450 to 1430', 'created tunnel vx4097'])
      assert.deepEqual(await lab.driver.ensureNetwork(lab.plan, context), [])
    }
    // The wire itself needs a moment: until its addresses are settled, questions on it are lost.
    await lab.hosts[0]!.host.execOk('ping', ['-n', '-c', '1', '-w', '10', addresses[1]!])
    const containers = [await lab.hosts[0]!.plugIn('10.0.0.2/24'), await lab.hosts[1]!.plugIn('10.0.0.3/24')]
    const told = containers.map((one, i) => ({ ...one, peer: { ...one.peer, hostAddress: addresses[i]! } }))
    await lab.introduce(told)
    const ping = (size: number) =>
      lab.hosts[0]!.host.exec('nsenter', [
        `--net=${containers[0]!.namespace.path}`,
        ...['ping', '-n', '-c', '1', '-W', '2', '-M', 'do', '-s', `${size}`, '10.0.0.3'],
      ])
    assert.equal((await ping(1430 - 28)).code, 0)
    assert.notEqual((await ping(1431 - 28)).code, 0)
  },
)
