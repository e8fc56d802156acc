import assert from 'node:assert/strict'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { vethName } from '../../src/network/cables/link-marks.ts'
import type { NetworkEvent } from '../../src/network/networking.ts'
import { run } from '../support/finished.ts'
import { type Inhabited, type Scene, scene } from '../support/network-scene.ts'
import { runIn } from '../support/shell.ts'

const mtuOption = 'com.docker.network.driver.mtu'

/** What iproute2 sees of an interface in the namespace of `path`. */
function mtuOf(path: string, name: string): number {
  using namespace = NetworkNamespace.at(path)
  return (JSON.parse(runIn(namespace, 'ip', '-j', 'link', 'show', name)) as { mtu: number }[])[0]!.mtu
}

/** Of the bridge, the host's end of a cable, and the container's. */
function sizes({ lab, host }: Scene, { path, view }: Inhabited): number[] {
  const [endpoint] = view.endpoints
  const bridge = bridgeOf(lab.networking.find(endpoint!.networkName))
  return [mtuOf(host.path, bridge), mtuOf(host.path, vethName(endpoint!.id)), mtuOf(path, endpoint!.interfaceName)]
}

function bridgeOf({ id, name }: { readonly id: string; readonly name: string }): string {
  return name === 'bridge' ? 'docker0' : `br-${id.slice(0, 12)}`
}

/** True when a packet of that many bytes comes through whole, and its answer back. */
async function carries(path: string, address: string, bytes: number): Promise<boolean> {
  const size = String(bytes - 28) // the headers of IPv4 and ICMP
  const { code } = await run('nsenter', [`--net=${path}`, 'ping', '-c1', '-W1', '-M', 'do', '-s', size, address])
  return code === 0
}

const isMtu =
  (name: string, next: string) =>
  ({ action, network, attributes }: NetworkEvent) =>
    action === 'mtu' && network.name === name && attributes?.['new'] === next

function onHost({ lab }: Scene, ...words: string[]): void {
  runIn(lab.host, 'ip', ...words)
}

scene('networks carry what the way out carries, and follow it in place; what says its own size stays', async (at) => {
  const { lab, outside } = at
  await at.network('follows')
  await at.network('says', { options: { [mtuOption]: '1300' } })
  const [a, b] = [await at.container('a', ['follows']), await at.container('b', ['follows'])]
  const [plain, says] = [await at.container('c', ['bridge']), await at.container('d', ['says'])]
  assert.deepEqual(sizes(at, a), [1500, 1500, 1500], 'there is no way out')

  onHost(at, 'link', 'set', 'eth0', 'mtu', '1400')
  onHost(at, 'route', 'add', 'default', 'via', outside.address)
  await lab.heard(isMtu('follows', '1400'))
  await lab.heard(isMtu('bridge', '1400'))
  assert.deepEqual(
    [a, b, plain].map((one) => sizes(at, one)),
    Array(3).fill([1400, 1400, 1400]),
  )
  assert.deepEqual(sizes(at, says), [1300, 1300, 1300])
  for (const to of [b.address, outside.address]) {
    assert.deepEqual([await carries(a.path, to, 1400), await carries(a.path, to, 1401)], [true, false], to)
  }
  assert.equal(lab.networking.find('bridge').options[mtuOption], '1400')

  onHost(at, 'link', 'set', 'eth0', 'mtu', '9000')
  await lab.heard(isMtu('follows', '1500'))
  await lab.heard(isMtu('bridge', '1500'))
  assert.deepEqual(
    [a, plain, says].map((one) => sizes(at, one)[2]),
    [1500, 1500, 1300],
  )
  const later = await at.container('e', ['follows'])
  assert.deepEqual(sizes(at, later), [1500, 1500, 1500])
  assert.deepEqual(
    lab.events.filter(({ action }) => action === 'mtu').map(({ network, attributes }) => [network.name, attributes]),
    [
      ['bridge', { old: '1500', new: '1400', uplink: '1400' }],
      ['follows', { old: '1500', new: '1400', uplink: '1400' }],
      ['bridge', { old: '1400', new: '1500', uplink: '9000' }],
      ['follows', { old: '1400', new: '1500', uplink: '9000' }],
    ],
  )
})

scene(
  'a network is made as large as the way out, keeps IPv6 alive, and leaves a container its own choice',
  async (at) => {
    const { lab, outside } = at
    onHost(at, 'link', 'set', 'eth0', 'mtu', '1450')
    onHost(at, 'route', 'add', 'default', 'via', outside.address)
    await lab.restart()
    await at.network('four')
    await at.network('six', { enableIPv6: true })
    const [four, six] = [await at.container('a', ['four']), await at.container('b', ['six'])]
    assert.deepEqual([sizes(at, four), sizes(at, six)], [Array(3).fill(1450), Array(3).fill(1450)])
    using inside = NetworkNamespace.at(four.path)
    runIn(inside, 'ip', 'link', 'set', 'eth0', 'mtu', '1000')

    onHost(at, 'link', 'set', 'eth0', 'mtu', '1200')
    await lab.heard(isMtu('six', '1280'))
    await lab.heard(isMtu('four', '1200'))
    assert.deepEqual([sizes(at, four), sizes(at, six)], [[1200, 1200, 1000], Array(3).fill(1280)])
    assert.match(runIn(lab.host, 'ip', '-6', 'address', 'show', bridgeOf(lab.networking.find('six'))), /inet6 fd/)
  },
)

scene('the way out is the VPN that took it, and what is gone leaves its figure', async (at) => {
  const { lab, outside } = at
  await at.network('net')
  const box = await at.container('a', ['net'])
  onHost(at, 'route', 'add', 'default', 'via', outside.address)
  onHost(at, 'tuntap', 'add', 'tun0', 'mode', 'tun')
  onHost(at, 'link', 'set', 'tun0', 'mtu', '1420', 'up')
  onHost(at, 'route', 'add', 'default', 'dev', 'tun0', 'table', '51820')
  onHost(at, 'rule', 'add', 'priority', '100', 'table', 'main', 'suppress_prefixlength', '0')
  onHost(at, 'rule', 'add', 'priority', '101', 'not', 'fwmark', '51820', 'table', '51820')
  await lab.heard(isMtu('net', '1420'))
  assert.deepEqual(sizes(at, box), [1420, 1420, 1420])
  onHost(at, 'rule', 'delete', 'priority', '101')
  await lab.heard(isMtu('net', '1500'))
  lab.events.length = 0
  onHost(at, 'route', 'add', '0.0.0.0/1', 'dev', 'tun0')
  await lab.heard(isMtu('net', '1420'))
  onHost(at, 'link', 'delete', 'tun0')
  await lab.heard(isMtu('net', '1500'))
  onHost(at, 'route', 'delete', 'default')
  onHost(at, 'link', 'set', 'eth0', 'mtu', '1300')
  await at.network('later')
  assert.deepEqual(sizes(at, await at.container('b', ['later'])), [1500, 1500, 1500])
})
