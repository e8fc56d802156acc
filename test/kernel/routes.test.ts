import assert from 'node:assert/strict'
import { addAddress } from '../../src/kernel/netlink/addresses.ts'
import { createBridge } from '../../src/kernel/netlink/links.ts'
import {
  addRoute,
  ensureRoute,
  listRoutes,
  type NewRoute,
  removeRoute,
  replaceRoute,
} from '../../src/kernel/netlink/routes.ts'
import { kernelTest, type Sandbox } from '../support/kernel.ts'

function setUp({ netlink }: Sandbox): number {
  const index = createBridge(netlink, { name: 'br0', up: true })
  addAddress(netlink, index, { address: '10.1.0.2', prefixLength: 16 })
  addAddress(netlink, index, { address: 'fd00::2', prefixLength: 64, noDad: true })
  return index
}

kernelTest('addRoute() and removeRoute() do what ip sees', (sandbox) => {
  const { netlink, ip } = sandbox
  const index = setUp(sandbox)
  const routes: NewRoute[] = [
    { to: 'default', via: '10.1.0.1' },
    { to: 'default', via: 'fd00::1', metric: 100 },
    { to: '10.2.0.0/16', index, source: '10.1.0.2' },
    { to: '10.3.0.0/24', via: '192.0.2.1', index, onLink: true, metric: 7 },
    { to: '10.4.0.0/24', type: 'blackhole' },
    { to: 'fd01::/64', index },
    { to: '10.5.0.1', via: '10.1.0.9', table: 1000 },
  ]
  for (const route of routes) addRoute(netlink, route)
  for (const route of routes) assert.equal(ensureRoute(netlink, route), false)
  const seen = () =>
    ['-4', '-6']
      .flatMap((family) => ip(family, 'route', 'show', 'table', 'all'))
      .filter((one: any) => one.protocol === 'boot')
      .map((one: any) => [one.type, one.dst, one.gateway, one.dev, one.prefsrc, one.metric, one.scope, one.table])
  assert.deepEqual(seen(), [
    ['unicast', '10.5.0.1', '10.1.0.9', 'br0', undefined, undefined, 'global', '1000'],
    ['unicast', 'default', '10.1.0.1', 'br0', undefined, undefined, 'global', 'main'],
    ['unicast', '10.2.0.0/16', undefined, 'br0', '10.1.0.2', undefined, 'link', 'main'],
    ['unicast', '10.3.0.0/24', '192.0.2.1', 'br0', undefined, 7, 'global', 'main'],
    ['blackhole', '10.4.0.0/24', undefined, undefined, undefined, undefined, 'global', 'main'],
    ['unicast', 'fd01::/64', undefined, 'br0', undefined, 1024, 'global', 'main'],
    ['unicast', 'default', 'fd00::1', 'br0', undefined, 100, 'global', 'main'],
  ])
  for (const route of [...routes, ...routes]) removeRoute(netlink, route)
  assert.deepEqual(seen(), [])
})

kernelTest('replaceRoute() takes the place of a route', (sandbox) => {
  const { netlink, ip } = sandbox
  setUp(sandbox)
  for (const via of ['10.1.0.1', '10.1.0.3']) replaceRoute(netlink, { to: 'default', via })
  assert.deepEqual(
    ip('route', 'show', 'default').map((one: any) => one.gateway),
    ['10.1.0.3'],
  )
})

kernelTest('listRoutes() tells what there is, by family and table', (sandbox) => {
  const { netlink } = sandbox
  const index = setUp(sandbox)
  addRoute(netlink, { to: 'default', via: '10.1.0.1', metric: 5 })
  const main = listRoutes(netlink, { family: 'ipv4', table: 254 })
  assert.deepEqual(
    main.map(({ to, via, index: at, metric, source, protocol, type }) => [to, via, at, metric, source, protocol, type]),
    [
      ['default', '10.1.0.1', index, 5, undefined, 3, 'unicast'],
      ['10.1.0.0/16', undefined, index, 0, '10.1.0.2', 2, 'unicast'],
    ],
  )
  assert.ok(listRoutes(netlink, { family: 'ipv6' }).every((route) => route.family === 'ipv6'))
  assert.deepEqual(new Set(listRoutes(netlink).map(({ table }) => table)), new Set([254, 255]))
  assert.deepEqual(listRoutes(netlink, { table: 77 }), [])
})

kernelTest('addRoute() passes on what the kernel says', (sandbox) => {
  setUp(sandbox)
  assert.throws(() => addRoute(sandbox.netlink, { to: '10.9.0.0/16', via: '192.0.2.1' }), {
    errno: 'ENETUNREACH',
    message: 'Cannot add route to "10.9.0.0/16": Nexthop has invalid gateway',
  })
})
