import assert from 'node:assert/strict'
import { run } from '../support/finished.ts'
import { attachment, containerId } from '../support/network-lab.ts'
import { scene } from '../support/network-scene.ts'
import { ping } from '../support/network-traffic.ts'

const option = (name: string) => `com.docker.network.endpoint.${name}`
const inside = async (path: string, ...words: string[]) => (await run('nsenter', [`--net=${path}`, ...words])).stdout

scene('an endpoint has the interface name, hardware address and sysctls that its options say', async (s) => {
  await s.network('one')
  await s.network('two')
  const sysctls = 'net.ipv4.conf.IFNAME.log_martians=1,net.ipv4.neigh.ifname.gc_stale_time=77'
  const driverOptions = {
    [option('ifname')]: 'wan',
    [option('macaddress')]: '02:00:00:00:BE:EF',
    [option('sysctls')]: sysctls,
  }
  const a = await s.container('a', [{ network: 'one', driverOptions }])
  const read = (name: string) => inside(a.path, 'sysctl', '-n', name)
  const [link] = JSON.parse(await inside(a.path, 'ip', '-j', 'link', 'show', 'wan'))
  assert.equal(link.address, '02:00:00:00:be:ef')
  assert.deepEqual(
    [await read('net.ipv4.conf.wan.log_martians'), await read('net.ipv4.neigh.wan.gc_stale_time')],
    ['1\n', '77\n'],
  )
  assert.equal(await ping(a.path, a.view.endpoints[0]!.gateway!), true)
  const clash = attachment({ network: 'two', driverOptions: { [option('ifname')]: 'wan' } })
  await assert.rejects(s.lab.networking.connect(containerId('a'), clash), /the container has one of that name/)
  const live = attachment({
    network: 'two',
    driverOptions: { [option('sysctls')]: 'net.ipv4.conf.IFNAME.arp_notify=1' },
  })
  const { interfaceName } = await s.lab.networking.connect(containerId('a'), live)
  assert.equal(await read(`net.ipv4.conf.${interfaceName}.arp_notify`), '1\n')
})

scene('a sysctl that the kernel does not know is an error, and leaves nothing behind', async (s) => {
  await s.network('one')
  const driverOptions = { [option('sysctls')]: 'net.ipv4.conf.IFNAME.nothing=1' }
  await assert.rejects(s.container('a', [{ network: 'one', driverOptions }]), { kind: 'invalid-argument' })
  assert.deepEqual(s.lab.networking.endpointsOf(s.lab.networking.find('one').id), [])
})

scene('link-local addresses are on the interface besides its own', async (s) => {
  await s.network('dual', { enableIPv6: true })
  const linkLocal = ['169.254.8.8', 'fe80::8:8']
  const a = await s.container('a', [{ network: 'dual', linkLocal }])
  const b = await s.container('b', [{ network: 'dual', linkLocal: ['169.254.9.9'] }])
  const [{ addr_info: addresses }] = JSON.parse(await inside(a.path, 'ip', '-j', 'addr', 'show', 'eth0'))
  const own = addresses.map(({ local, prefixlen }: { local: string; prefixlen: number }) => `${local}/${prefixlen}`)
  assert.ok(own.includes('169.254.8.8/16') && own.includes('fe80::8:8/64'), own.join(' '))
  assert.equal(await ping(b.path, '169.254.8.8'), true)
  const check = (wish: object) => s.lab.networking.check(s.lab.wish('c', [{ network: 'dual', ...wish }]))
  assert.throws(() => check({ linkLocal: ['10.0.0.1'] }), {
    kind: 'invalid-argument',
    message: 'invalid config for network dual: invalid endpoint settings:\ninvalid link-local IP address: 10.0.0.1',
  })
  assert.throws(
    () => check({ driverOptions: { [option('sysctls')]: 'net.ipv4.conf.eth0.x=1' } }),
    /unrecognised network/,
  )
})
