// Virtual machine: 8021q macvlan
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { kernelTest } from '../../support/kernel.ts'
import { lanContainer, lanRequest, type MacvlanLab, openMacvlanLab } from '../../support/macvlan-lab.ts'
import { ping } from '../../support/network-traffic.ts'
import { runIn } from '../../support/shell.ts'

const request = (name: string, parent: string, from: number, options = {}) =>
  lanRequest(
    name,
    { parent, ...options },
    { ipamConfigs: [{ subnet: `10.0.${name}.0/24`, ipRange: `10.0.${name}.${from}/28` }] },
  )

/** What tcpdump prints of the first `count` frames on a port of the wire, while `body` runs. */
async function captured(
  { wire }: MacvlanLab,
  filter: string,
  count: number,
  body: () => Promise<void>,
): Promise<string> {
  const words = ['tcpdump', '-e', '-n', '-l', '-c', String(count), '-i', 'port1', filter]
  const child = spawn('nsenter', [`--net=${wire.namespace.path}`, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stdout.on('data', (data) => (said += data))
  const ended = once(child, 'close')
  await once(child.stderr, 'data')
  await body()
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await ended
  clearTimeout(timer)
  return said
}

kernelTest(
  'macvlan on a trunk: 10 reaches 10 on another host and never 20, and the wire carries the tags',
  async () => {
    await using lan = await openMacvlanLab(2)
    const { labs, hosts, wire } = lan
    for (const [i, lab] of labs.entries())
      for (const id of ['10', '20']) await lab.networking.create(request(id, `eth0.${id}`, 16 + 32 * i))
    const a10 = await lanContainer(labs[0]!, 'a10', ['10'])
    const a20 = await lanContainer(labs[0]!, 'a20', ['20'])
    const b10 = await lanContainer(labs[1]!, 'b10', ['10'])
    // On the wrong VLAN with the right addresses: only the tag keeps them apart.
    a20.sh('ip', 'addr', 'add', '10.0.10.99/24', 'dev', 'eth0')
    const said = await captured(lan, 'icmp or (vlan and icmp)', 2, async () => {
      assert.equal(await ping(a10.path, b10.address), true)
    })
    assert.match(said, /vlan 10,.* > .*ICMP echo request/)
    assert.doesNotMatch(said, /vlan 20/)
    assert.equal(await ping(b10.path, '10.0.10.99'), false)
    assert.equal(await ping(a10.path, '10.0.10.99'), false)
    assert.equal(await ping(b10.path, a10.address), true)
    const show = () => JSON.parse(runIn(hosts[0]!.namespace, 'ip', '-j', '-d', 'link', 'show', 'eth0.10'))[0]
    const expected = { ifalias: 'wharf parent', linkinfo: { info_kind: 'vlan', info_data: { id: 10 } } }
    assert.partialDeepStrictEqual(show(), expected)

    // The trunk goes, and all that sits on it; when it is back, so are they.
    runIn(hosts[0]!.namespace, 'ip', 'link', 'delete', 'eth0')
    await labs[0]!.heard(({ action, network }) => action === 'orphaned' && network.name === '10')
    assert.equal(await ping(a10.path, b10.address), false)
    const peer = ['peer', 'name', 'eth0', 'netns', hosts[0]!.namespace.path]
    runIn(wire.namespace, 'ip', 'link', 'add', 'port1', 'master', 'lan0', 'up', 'type', 'veth', ...peer)
    runIn(hosts[0]!.namespace, 'ip', 'link', 'set', 'eth0', 'up')
    const isBack = /eth0 of container a10/
    await labs[0]!.heard(({ action, attributes }) => action === 'heal' && isBack.test(attributes?.['lost'] ?? ''))
    assert.equal(await ping(a10.path, b10.address), true)
    assert.partialDeepStrictEqual(show(), expected)
  },
)

kernelTest('a sub-interface goes with its last network if it was made for one, and stays otherwise', async () => {
  await using lan = await openMacvlanLab(1)
  const lab = lan.labs[0]!
  const host = lan.hosts[0]!.namespace
  const vlans = async () => (await lab.links()).filter((name) => name.startsWith('eth0.')).sort()
  await lab.networking.create(request('10', 'eth0.10', 16))
  await lab.networking.create(request('11', 'eth0.10', 16))
  runIn(host, 'ip', 'link', 'add', 'link', 'eth0', 'name', 'eth0.20', 'type', 'vlan', 'id', '20')
  await lab.networking.create(request('20', 'eth0.20', 16))
  await lab.networking.remove('10')
  assert.deepEqual(await vlans(), ['eth0.10', 'eth0.20'])
  await lab.networking.remove('11')
  await lab.networking.remove('20')
  assert.deepEqual(await vlans(), ['eth0.20'])
  await lab.networking.create(request('10', 'eth0.10', 16))
  await lab.restart()
  assert.deepEqual(await vlans(), ['eth0.10', 'eth0.20'], 'a restart keeps what a network sits on')
  await lab.networking.remove('10')
  assert.deepEqual(await vlans(), ['eth0.20'])

  // Somebody else has it under another name, or the trunk is down.
  runIn(host, 'ip', 'link', 'add', 'link', 'eth0', 'name', 'office', 'type', 'vlan', 'id', '10')
  await assert.rejects(lab.networking.create(request('10', 'eth0.10', 16)), {
    kind: 'conflict',
    message: 'Cannot create sub-interface "eth0.10": VLAN 10 of "eth0" is there as "office"; use that as the parent',
  })
  await lab.networking.create(request('10', 'office', 16))
  runIn(host, 'ip', 'link', 'set', 'eth0', 'down')
  await assert.rejects(lab.networking.create(request('30', 'eth0.30', 16)), {
    kind: 'internal',
    message: 'Cannot bring sub-interface "eth0.30" up: "eth0" is down',
  })
  assert.deepEqual(await vlans(), ['eth0.20'], 'nothing is left of it')
})
