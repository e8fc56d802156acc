import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteInfo } from '../../kernel/netlink/routes.ts'
import { requirePrefix } from '../ipam/prefix.ts'
import { KnownRoutes } from './known-routes.ts'

const plain: RouteInfo = {
  family: 'ipv4',
  to: 'default',
  type: 'unicast',
  via: undefined,
  index: 9,
  metric: 0,
  scope: 0,
  source: undefined,
  table: 254,
  protocol: 3,
  remembered: false,
}
const route = (to: string, more: Partial<RouteInfo> = {}): RouteInfo => ({ ...plain, to, ...more })
const touches = (routes: KnownRoutes, ...blocks: string[]) =>
  blocks.map((text) => routes.taken.touches(requirePrefix(text, 'block')))

test('KnownRoutes.taken are the blocks of routes that somebody asks for, as long as one is left', () => {
  const twice = [route('10.1.0.0/16'), route('10.1.0.0/16', { index: 8 })]
  const local = route('10.3.0.1/32', { table: 255, type: 'local' })
  const routes = new KnownRoutes([...twice, route('10.2.0.0/16', { table: 7 }), local, route('0.0.0.0/1')], [255, 6])
  assert.deepEqual(touches(routes, '10.1.9.0/24', '10.2.0.0/16', '10.3.0.0/16', '10.4.0.0/16'), [
    ...[true, false, false, false],
  ])
  routes.put(twice[0]!)
  for (const one of twice) {
    assert.deepEqual(touches(routes, '10.1.0.0/16'), [true])
    routes.delete(one)
  }
  assert.deepEqual(touches(routes, '10.1.0.0/16'), [false])
  routes.put(route('10.6.0.0/16', { table: 6 }))
  assert.deepEqual(touches(routes, '10.6.0.0/16'), [true])
})

test('KnownRoutes forgets the routes of an interface; those to the host itself when it is gone', () => {
  const own = route('10.1.0.1/32', { type: 'local', table: 255, scope: 254 })
  const other = route('10.2.0.0/16', { index: 8 })
  const routes = new KnownRoutes([route('10.1.0.0/16'), own, other])
  routes.deleteOfLink(9, false)
  assert.deepEqual([routes.has(route('10.1.0.0/16')), routes.has(own), routes.has(other)], [false, true, true])
  routes.deleteOfLink(9, true)
  assert.deepEqual([routes.has(own), routes.has(other)], [false, true])
  assert.deepEqual(routes.overlapping(requirePrefix('10.0.0.0/8', 'all')), [other])
})

test('KnownRoutes.dependOn() tells which addresses routes may go with', () => {
  const made = route('10.1.0.0/16', { source: '192.0.2.1' })
  const byKernel = route('10.2.0.0/16', { source: '192.0.2.2', protocol: 2 })
  const routes = new KnownRoutes([made, byKernel])
  assert.deepEqual([routes.dependOn('192.0.2.1'), routes.dependOn('192.0.2.2')], [true, false])
  routes.delete(made)
  assert.equal(routes.dependOn('192.0.2.1'), false)
})
