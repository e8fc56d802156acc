import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { Background } from '../../src/base/background.ts'
import { silentLog } from '../../src/base/log.ts'
import { LinkReaper } from '../../src/network/cables/link-reaper.ts'
import type { NetworkSpec } from '../../src/network/driver.ts'
import { BareDriver } from '../../src/network/drivers/bare/bare-driver.ts'
import { BridgeDriver } from '../../src/network/drivers/bridge/bridge-driver.ts'
import { driverContract } from '../contracts/driver.ts'
import { kernelTest, type Sandbox } from '../support/kernel.ts'
import { runIn } from '../support/shell.ts'

const spec: NetworkSpec = {
  id: '0123456789abcdef'.repeat(4),
  name: 'net',
  isDefault: false,
  internal: false,
  enableIPv6: true,
  options: {},
  subnets: [
    { prefix: '172.18.0.0/16', gateway: '172.18.0.1' },
    { prefix: 'fd00:18::/64', gateway: 'fd00:18::1' },
  ],
}
const endpoint = {
  id: 'fedcba9876543210'.repeat(4),
  addresses: ['172.18.0.2/16', 'fd00:18::2/64'],
  mac: '02:42:ac:12:00:02',
  interfaceName: 'eth0',
  driverOptions: {},
}

driverContract({
  create: () => new BridgeDriver({ uplinkMtu: () => 1500, directRouting: false }) as never,
  spec,
  endpoint,
})
driverContract({
  create: () => new BareDriver('host') as never,
  spec: { ...spec, subnets: [] },
  endpoint: { ...endpoint, addresses: [] },
})
driverContract({
  create: () => new BareDriver('null') as never,
  spec: { ...spec, subnets: [] },
  endpoint: { ...endpoint, addresses: [] },
})

function contextOf({ namespace, netlink }: Sandbox) {
  const background = new Background((what, error) => assert.fail(`${what}: ${error}`))
  const reaper = new LinkReaper({ netlink, background })
  const context = { host: netlink, hostNamespace: namespace, reaper, log: silentLog, execRoot: tmpdir() }
  const settle = async () => {
    reaper.deleteCondemned()
    await background.settle()
  }
  return { context, settle }
}

kernelTest('bridge driver makes a bridge with a fixed address, and repairs what others take away', async (sandbox) => {
  const { context } = contextOf(sandbox)
  const driver = new BridgeDriver({ uplinkMtu: () => 1400, directRouting: false })
  const plan = driver.plan(spec)
  await driver.ensureNetwork(plan, context)
  const [link] = sandbox.ip('addr', 'show', 'br-0123456789ab')
  assert.partialDeepStrictEqual(link, {
    address: '02:42:01:23:45:67',
    mtu: 1400,
    ifalias: 'wharf network 0123456789ab',
    linkinfo: { info_kind: 'bridge' },
  })
  assert.ok(link.flags.includes('UP'))
  runIn(sandbox.namespace, 'ip', 'addr', 'flush', 'dev', 'br-0123456789ab')
  runIn(sandbox.namespace, 'ip', 'link', 'set', 'br-0123456789ab', 'down', 'mtu', '1500')
  runIn(sandbox.namespace, 'sysctl', '-qw', 'net.ipv4.ip_forward=0')
  assert.deepEqual(await driver.ensureNetwork(plan, context), [
    'set mtu of br-0123456789ab: 1500 to 1400',
    'added 172.18.0.1/16 to br-0123456789ab',
    'added fd00:18::1/64 to br-0123456789ab',
    'brought up br-0123456789ab',
    'set net.ipv4.ip_forward to 1',
  ])
  runIn(sandbox.namespace, 'ip', 'link', 'del', 'br-0123456789ab')
  assert.deepEqual((await driver.ensureNetwork(plan, context))[0], 'created bridge br-0123456789ab')
})

kernelTest('bridge driver makes a bridge that keeps its mtu when its last port leaves', async (sandbox) => {
  const { context } = contextOf(sandbox)
  const driver = new BridgeDriver({ uplinkMtu: () => 1400, directRouting: false })
  await driver.ensureNetwork(driver.plan(spec), context)
  runIn(sandbox.namespace, 'ip', 'link', 'add', 'port', 'mtu', '1400', 'type', 'veth', 'peer', 'name', 'far')
  runIn(sandbox.namespace, 'ip', 'link', 'set', 'port', 'master', 'br-0123456789ab')
  runIn(sandbox.namespace, 'ip', 'link', 'delete', 'port')
  const [link] = sandbox.ip('link', 'show', 'br-0123456789ab')
  assert.equal(link.mtu, 1400)
})

kernelTest('bridge driver uses a bridge that was there, and leaves it there', async (sandbox) => {
  const { context, settle } = contextOf(sandbox)
  const driver = new BridgeDriver({ uplinkMtu: () => 1500, directRouting: false })
  const plan = driver.plan({ ...spec, options: { 'com.docker.network.bridge.name': 'mine' } })
  runIn(sandbox.namespace, 'ip', 'link', 'add', 'mine', 'address', '02:00:00:00:00:99', 'mtu', '1300', 'type', 'bridge')
  await driver.ensureNetwork(plan, context)
  const [link] = sandbox.ip('addr', 'show', 'mine')
  assert.partialDeepStrictEqual(link, { address: '02:00:00:00:00:99', mtu: 1300 })
  assert.equal(link.addr_info[0].local, '172.18.0.1')
  await driver.removeNetwork(plan, context)
  await driver.sweep({ networks: [], endpointIds: new Set() }, context)
  await settle()
  assert.equal(sandbox.ip('link', 'show', 'mine').length, 1)
})
