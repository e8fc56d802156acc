import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestFor } from './chain.ts'
import { parseConfig, renderConfig } from './config.ts'
import { attachedBy, withoutWaysOut } from './result.ts'
import { chooseVersion } from './versions.ts'

test('parseConfig() reads a single plugin as a list of one, and what it renders it reads again', () => {
  const single = { cniVersion: '0.4.0', name: 'net', type: 'bridge', bridge: 'cni0', ipam: { type: 'host-local' } }
  const { cniVersions, ...config } = parseConfig(JSON.stringify(single), 'other')
  assert.deepEqual(
    [cniVersions, config],
    [
      ['0.4.0'],
      {
        name: 'net',
        disableCheck: false,
        plugins: [{ type: 'bridge', bridge: 'cni0', ipam: { type: 'host-local' } }],
      },
    ],
  )
  const text = renderConfig({ ...config, cniVersion: '0.4.0' })
  assert.deepEqual(parseConfig(text, 'other'), { cniVersions, ...config })
})

test('parseConfig() takes the versions of a list, and the name of the network where there is none', () => {
  const list = { cniVersion: '1.0.0', cniVersions: ['0.4.0', '1.1.0'], disableCheck: true, plugins: [{ type: 'ptp' }] }
  assert.deepEqual(parseConfig(JSON.stringify(list), 'mine'), {
    name: 'mine',
    cniVersions: ['1.0.0', '0.4.0', '1.1.0'],
    disableCheck: true,
    plugins: [{ type: 'ptp' }],
  })
})

test('parseConfig() refuses what only the engine may say', () => {
  const text = JSON.stringify({ cniVersion: '1.0.0', type: 'ptp', runtimeConfig: {} })
  assert.throws(() => parseConfig(text, 'net'), { message: /"runtimeConfig" of ptp is the engine's to say/ })
})

test('chooseVersion() takes the highest that all speak', () => {
  assert.equal(chooseVersion(['0.4.0', '1.1.0', '1.0.0'], [['0.3.1', '0.4.0', '1.0.0']]), '1.0.0')
  assert.equal(chooseVersion(['0.4.0'], [['0.4.0'], ['1.0.0']]), undefined)
  assert.equal(chooseVersion(['2.0.0'], []), undefined)
})

test('requestFor() hands a plugin its own capabilities and no others', () => {
  const plugin = { type: 'tuning', capabilities: { mac: true, ips: false }, sysctl: { a: 'b' } }
  const offered = { mac: '02:00:00:00:00:01', ips: ['10.0.0.2/24'] }
  assert.deepEqual(requestFor({ cniVersion: '1.0.0', name: 'net' }, plugin, offered, { ips: [] }), {
    type: 'tuning',
    sysctl: { a: 'b' },
    cniVersion: '1.0.0',
    name: 'net',
    runtimeConfig: { mac: '02:00:00:00:00:01' },
    prevResult: { ips: [] },
  })
})

test('attachedBy() takes what belongs to the container’s interface', () => {
  const result = {
    interfaces: [
      { name: 'cni0' },
      { name: 'veth1' },
      { name: 'eth0', mac: '02:00:00:00:00:01', sandbox: '/run/netns/a' },
    ],
    ips: [
      { address: '192.0.2.1/24', interface: 0 },
      { address: '10.1.0.5/16', gateway: '10.1.0.1', interface: 2 },
      { address: 'fd00::5/64', gateway: 'fd00::1', interface: 2 },
    ],
    routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0', gw: 'fd00::9' }, { dst: '10.9.0.0/16', gw: '10.1.0.7' }],
    dns: { nameservers: ['10.1.0.1'], domain: 'lan' },
  }
  assert.deepEqual(attachedBy(result, 'eth0'), {
    interfaceName: 'eth0',
    mac: '02:00:00:00:00:01',
    ipv4: '10.1.0.5/16',
    ipv6: 'fd00::5/64',
    gateway: '10.1.0.1',
    gateway6: 'fd00::9',
    told: {
      routes: [{ to: '0.0.0.0/0' }, { to: '::/0', via: 'fd00::9' }, { to: '10.9.0.0/16', via: '10.1.0.7' }],
      nameservers: ['10.1.0.1'],
      search: ['lan'],
      options: [],
    },
  })
  assert.deepEqual(withoutWaysOut(result).routes, [{ dst: '10.9.0.0/16', gw: '10.1.0.7' }])
})

test('attachedBy() knows a default route without a next hop, and a network without one', () => {
  const interfaces = [{ name: 'eth0', sandbox: 'x' }]
  const ips = [{ address: '10.1.0.5/16', interface: 0 }]
  assert.equal(attachedBy({ interfaces, ips, routes: [{ dst: '0.0.0.0/0' }] }, 'eth0').leadsOutside, true)
  const closed = attachedBy({ interfaces, ips }, 'eth0')
  assert.deepEqual([closed.gateway, closed.leadsOutside], [undefined, undefined])
})
