import assert from 'node:assert/strict'
import { type Log, silentLog } from '../../src/base/log.ts'
import type { NetworkEvent } from '../../src/network/networking.ts'
import { kernelTest, type Sandbox } from '../support/kernel.ts'
import { type NetworkLab, networkRequest, openNetworkLab } from '../support/network-lab.ts'
import { runIn } from '../support/shell.ts'

const shadowed = ({ action }: NetworkEvent) => action === 'shadowed' || action === 'cleared'

/** What was told of shadows: `"shadowed net: 10.8.0.0/16 by tun0 hides 10.8.0.0/24"`. */
function told({ events }: NetworkLab): string[] {
  return events.filter(shadowed).map(({ action, network, attributes: said }) => {
    return `${action} ${network.name}: ${said?.['route']} by ${said?.['device']} hides ${said?.['subnet']}`
  })
}

/** Waits for the next word about a shadow. */
async function next(lab: NetworkLab, change: () => void): Promise<string[]> {
  lab.events.length = 0
  change()
  await lab.heard(shadowed)
  return told(lab)
}

function setUp({ namespace }: Sandbox) {
  const ip = (...words: string[]) => runIn(namespace, 'ip', ...words)
  ip('tuntap', 'add', 'tun0', 'mode', 'tun')
  ip('link', 'set', 'tun0', 'up')
  return ip
}

const subnet = (text: string) => ({ ipamConfigs: [{ subnet: text }] })

kernelTest('a route that hides part of a network is told once, and so is its end', async (sandbox) => {
  const ip = setUp(sandbox)
  const warnings: string[] = []
  const log: Log = { ...silentLog, child: () => log, warn: (text) => void warnings.push(text) }
  await using lab = await openNetworkLab(sandbox.namespace, { log })
  await lab.networking.create(networkRequest('one', subnet('10.8.0.0/24')))
  await lab.networking.create(networkRequest('two', subnet('10.9.0.0/24')))
  const route = (verb: string, to: string, ...more: string[]) => ip('route', verb, to, 'dev', 'tun0', ...more)

  assert.deepEqual(await next(lab, () => route('add', '10.8.0.128/25')), [
    'shadowed one: 10.8.0.128/25 by tun0 hides 10.8.0.0/24',
  ])
  assert.deepEqual(warnings, ['sees a route that takes packets away from a network'])
  assert.match(ip('route', 'get', '10.8.0.200'), /dev tun0/, 'the kernel agrees')
  assert.deepEqual(await next(lab, () => route('delete', '10.8.0.128/25')), [
    'cleared one: 10.8.0.128/25 by tun0 hides 10.8.0.0/24',
  ])
  // Broader ones, and those that nobody asks, hide nothing; the last one does.
  assert.deepEqual(
    await next(lab, () => {
      route('add', '10.0.0.0/8')
      route('add', 'default')
      route('add', '10.8.0.0/25', 'table', '100')
      route('append', '10.9.0.0/24', 'metric', '77')
      route('prepend', '10.9.0.0/24')
    }),
    ['shadowed two: 10.9.0.0/24 by tun0 hides 10.9.0.0/24'],
  )
  assert.deepEqual(lab.networking.shadows(), [
    {
      networkId: lab.networking.find('two').id,
      network: 'two',
      subnet: '10.9.0.0/24',
      route: '10.9.0.0/24',
      device: 'tun0',
      table: 254,
    },
  ])
  assert.deepEqual(await next(lab, () => void ip('rule', 'add', 'priority', '9', 'table', '100')), [
    'shadowed one: 10.8.0.0/25 by tun0 hides 10.8.0.0/24',
  ])
  assert.deepEqual((await next(lab, () => void ip('link', 'delete', 'tun0'))).sort(), [
    'cleared one: 10.8.0.0/25 by tun0 hides 10.8.0.0/24',
    'cleared two: 10.9.0.0/24 by tun0 hides 10.9.0.0/24',
  ])
  assert.deepEqual(lab.networking.shadows(), [])
})

kernelTest('a shadow that is there already is told of at the start, and to a new network', async (sandbox) => {
  const ip = setUp(sandbox)
  await using lab = await openNetworkLab(sandbox.namespace)
  await lab.networking.create(networkRequest('old', subnet('10.8.0.0/24')))
  await lab.networking.close()
  ip('route', 'add', '10.8.0.0/25', 'dev', 'tun0')
  ip('route', 'add', '10.9.1.0/24', 'dev', 'tun0')
  ip('-6', 'route', 'add', 'fd00:9::/80', 'dev', 'tun0')
  lab.events.length = 0
  await lab.restart()
  assert.deepEqual(told(lab), ['shadowed old: 10.8.0.0/25 by tun0 hides 10.8.0.0/24'])
  lab.events.length = 0
  const both = [{ subnet: '10.9.0.0/16' }, { subnet: 'fd00:9::/64' }]
  await lab.networking.create(networkRequest('new', { ipamConfigs: both, enableIPv6: true }))
  assert.deepEqual(told(lab), [
    'shadowed new: 10.9.1.0/24 by tun0 hides 10.9.0.0/16',
    'shadowed new: fd00:9::/80 by tun0 hides fd00:9::/64',
  ])
  await lab.networking.remove('new')
  assert.deepEqual(
    lab.networking.shadows().map(({ network }) => network),
    ['old'],
  )
})

kernelTest(
  'networks without a subnet keep away from the routes of a VPN, also in a table of its own',
  async (sandbox) => {
    const ip = setUp(sandbox)
    await using lab = await openNetworkLab(sandbox.namespace)
    ip('route', 'add', '172.18.0.0/16', 'dev', 'tun0')
    ip('route', 'add', '172.19.128.0/17', 'dev', 'tun0', 'table', '51820')
    ip('rule', 'add', 'from', '192.0.2.9', 'table', '51820')
    ip('route', 'add', '0.0.0.0/1', 'dev', 'tun0')
    await lab.networking.create(networkRequest('net'))
    assert.equal(lab.networking.find('net').ipam.configs[0]?.subnet, '172.20.0.0/16')
    assert.deepEqual(told(lab), [])
  },
)

kernelTest('networks that come and go on one subnet are no shadows of each other', async (sandbox) => {
  const ip = setUp(sandbox)
  await using lab = await openNetworkLab(sandbox.namespace)
  for (let round = 0; round < 8; round++) {
    await lab.networking.create(networkRequest('one', subnet('10.8.0.0/24')))
    await lab.networking.remove('one')
  }
  await lab.networking.create(networkRequest('one', subnet('10.8.0.0/24')))
  ip('route', 'add', '10.8.0.0/25', 'dev', 'tun0')
  await lab.heard(({ action, attributes }) => action === 'shadowed' && attributes?.['device'] === 'tun0')
  assert.deepEqual(told(lab), ['shadowed one: 10.8.0.0/25 by tun0 hides 10.8.0.0/24'])
  assert.deepEqual(
    lab.networking.shadows().map(({ route }) => route),
    ['10.8.0.0/25'],
  )
})

kernelTest('a route that takes the place of another, or goes with an address, is not remembered', async (sandbox) => {
  const ip = setUp(sandbox)
  ip('tuntap', 'add', 'tun1', 'mode', 'tun')
  ip('link', 'set', 'tun1', 'up')
  ip('address', 'add', '192.0.2.1/32', 'dev', 'tun1')
  await using lab = await openNetworkLab(sandbox.namespace)
  await lab.networking.create(networkRequest('one', subnet('10.8.0.0/24')))
  const route = (verb: string, ...words: string[]) => ip('route', verb, '10.8.0.0/25', 'dev', ...words)
  assert.deepEqual(await next(lab, () => void route('add', 'tun0')), [
    'shadowed one: 10.8.0.0/25 by tun0 hides 10.8.0.0/24',
  ])
  assert.deepEqual((await next(lab, () => void route('replace', 'tun1', 'src', '192.0.2.1'))).sort(), [
    'cleared one: 10.8.0.0/25 by tun0 hides 10.8.0.0/24',
    'shadowed one: 10.8.0.0/25 by tun1 hides 10.8.0.0/24',
  ])
  assert.deepEqual(await next(lab, () => void ip('address', 'delete', '192.0.2.1/32', 'dev', 'tun1')), [
    'cleared one: 10.8.0.0/25 by tun1 hides 10.8.0.0/24',
  ])
  assert.equal(ip('route', 'show', '10.8.0.0/25'), '', 'the kernel agrees')
})

kernelTest(
  'a subnet is kept away from a route that was made a moment ago, and free again when it is gone',
  async (sandbox) => {
    const ip = setUp(sandbox)
    await using lab = await openNetworkLab(sandbox.namespace)
    const chosen = async (name: string) => {
      await lab.networking.create(networkRequest(name))
      return lab.networking.find(name).ipam.configs[0]!.subnet
    }
    assert.equal(await chosen('one'), '172.18.0.0/16')
    ip('route', 'add', '172.19.128.0/24', 'dev', 'tun0')
    ip('rule', 'add', 'priority', '9', 'table', '100')
    ip('route', 'add', '172.20.0.0/16', 'dev', 'tun0', 'table', '100')
    ip('route', 'add', '172.21.0.0/16', 'dev', 'tun0', 'table', '101')
    assert.equal(await chosen('two'), '172.21.0.0/16')
    ip('route', 'delete', '172.19.128.0/24', 'dev', 'tun0')
    assert.equal(await chosen('three'), '172.19.0.0/16')
    ip('link', 'set', 'tun0', 'down') // its routes go without a word
    assert.equal(await chosen('four'), '172.20.0.0/16')
  },
)
