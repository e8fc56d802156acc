import assert from 'node:assert/strict'
import { run } from '../support/finished.ts'
import { containerId } from '../support/network-lab.ts'
import { scene } from '../support/network-scene.ts'
import { ping } from '../support/network-traffic.ts'

const inside = async (path: string, ...words: string[]) => (await run('nsenter', [`--net=${path}`, ...words])).stdout

scene('a network that is made from a template is as the template says, and holds it', async (s) => {
  const { networking } = s.lab
  const options = { 'com.docker.network.driver.mtu': '1400' }
  const subnet = '10.77.0.0/24'
  await s.network('base', { configOnly: true, ipamConfigs: [{ subnet }], options, labels: { a: 'b' } })
  assert.deepEqual(
    (await s.lab.links()).filter((name) => name.startsWith('br-')),
    [],
    'a template has no interface',
  )
  await s.network('made', { configFrom: 'base' })
  const made = networking.find('made')
  assert.deepEqual([made.options, made.labels, made.ipam.configs[0]?.subnet], [options, { a: 'b' }, subnet])
  await assert.rejects(networking.remove('base'), {
    kind: 'forbidden',
    message: 'configuration network "base" is in use',
  })
  const forbidden = /cannot create endpoint on configuration-only network$/
  await assert.rejects(s.container('lost', ['base']), { kind: 'forbidden', message: forbidden })
  const a = await s.container('a', ['made'])
  assert.match(await inside(a.path, 'ip', 'link', 'show', 'eth0'), / mtu 1400 /)
  assert.equal(await ping(a.path, '10.77.0.1'), true)
  await s.lab.restart([containerId('a')])
  await s.lab.networking.closeSandbox(containerId('a'))
  assert.deepEqual(await s.lab.networking.prune(() => true, new Set()), ['made'], 'a template is not pruned')
  await s.lab.networking.remove('base')
})

scene('serial allocation gives addresses back at once', async (s) => {
  await s.network('serial', { ipamOptions: { 'com.docker.network.ipam.serial': 'true' } })
  const first = await s.container('a', ['serial'])
  await s.lab.networking.closeSandbox(containerId('a'))
  const second = await s.container('b', ['serial'])
  assert.equal(second.address, first.address)
  assert.equal(await ping(s.host.path, second.address), true)
})

scene('a subnet of an asked size is chosen from the pools', async (s) => {
  await s.network('small', { enableIPv6: true, ipamConfigs: [{ subnet: '0.0.0.0/28' }, { subnet: '::/80' }] })
  const { configs } = s.lab.networking.find('small').ipam
  assert.match(configs[0]!.subnet, /^172\.\d+\.0\.0\/28$/)
  assert.match(configs[1]!.subnet, /^fd[\da-f:]+::\/80$/)
  const a = await s.container('a', ['small'])
  assert.equal(await ping(a.path, configs[0]!.gateway!), true)
  assert.equal(await ping(a.path, configs[1]!.gateway!), true)
})

scene('the null address manager gives no addresses, and the wire is there all the same', async (s) => {
  await s.network('bare', { ipamDriver: 'null' })
  const a = await s.container('a', ['bare'])
  const b = await s.container('b', ['bare'])
  assert.deepEqual(JSON.parse(await inside(a.path, 'ip', '-j', '-4', 'addr', 'show', 'eth0'))[0]?.addr_info ?? [], [])
  await inside(a.path, 'ip', 'addr', 'add', '10.5.5.1/24', 'dev', 'eth0')
  await inside(b.path, 'ip', 'addr', 'add', '10.5.5.2/24', 'dev', 'eth0')
  assert.equal(await ping(a.path, '10.5.5.2'), true)
})

scene('an auxiliary address of the right name is the way out', async (s) => {
  const subnet = '10.78.0.0/24'
  const auxAddresses = { DefaultGatewayIPv4: '10.78.0.254', printer: '10.78.0.2' }
  await s.network('aux', { ipamConfigs: [{ subnet, auxAddresses }] })
  const a = await s.container('a', ['aux'])
  assert.equal(a.address, '10.78.0.3')
  assert.match(await inside(a.path, 'ip', 'route'), /^default via 10\.78\.0\.254 /m)
  assert.equal(await ping(a.path, '10.78.0.1'), true)
})
