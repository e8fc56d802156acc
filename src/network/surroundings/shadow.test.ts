import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteInfo } from '../../kernel/netlink/routes.ts'
import type { RoutingRule } from '../../kernel/netlink/rules.ts'
import { requirePrefix } from '../ipam/prefix.ts'
import { findUplink, planLookUps } from './look-ups.ts'
import { isShadow } from './shadow.ts'

const plainRoute: RouteInfo = {
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
const route = (to: string, more: Partial<RouteInfo> = {}): RouteInfo => ({
  ...plainRoute,
  to,
  family: to.includes(':') ? 'ipv6' : 'ipv4',
  ...more,
})
const rule = (priority: number, table: number, more: Partial<RoutingRule> = {}): RoutingRule => ({
  family: 'ipv4',
  priority,
  table,
  suppressLength: undefined,
  concerns: 'everybody',
  ...more,
})
const usual = [rule(0, 255), rule(32_766, 254), rule(32_767, 253)]
/** As wg-quick writes them. */
const vpn = [
  rule(0, 255),
  rule(10, 254, { suppressLength: 0 }),
  rule(11, 7, { concerns: 'not-some' }),
  ...usual.slice(1),
]
/** A table of its own, asked before everything else. */
const first = [rule(0, 255), rule(5, 7), ...usual.slice(1)]

test('isShadow() knows which routes the kernel prefers to the network’s own', () => {
  const subnet = '172.18.0.0/16'
  for (const [what, one, rules, expected] of [
    ['a part of it', route('172.18.5.0/24'), usual, true],
    ['one address that the host has', route('172.18.5.5/32', { type: 'local', table: 255 }), usual, true],
    ['a part that goes nowhere', route('172.18.5.0/24', { type: 'blackhole', index: undefined }), usual, true],
    ['all of it', route('172.18.0.0/16'), usual, true],
    ['all of it, less preferred', route('172.18.0.0/16', { metric: 50 }), usual, false],
    ['more than it', route('172.16.0.0/12'), usual, false],
    ['another', route('172.19.0.0/16'), usual, false],
    ['a broadcast', route('172.18.255.255/32', { type: 'broadcast', table: 255 }), usual, false],
    ['a part, in a table that nobody asks', route('172.18.5.0/24', { table: 7 }), usual, false],
    ['a part, in a table asked first', route('172.18.5.0/24', { table: 7 }), first, true],
    ['everything, in a table asked first', route('default', { table: 7 }), first, true],
    ['everything, after the main table’s networks', route('default', { table: 7 }), vpn, false],
    ['a part, after the main table’s networks', route('172.18.5.0/24', { table: 7 }), vpn, false],
  ] as const) {
    assert.equal(isShadow(one, requirePrefix(subnet, 'x'), planLookUps(rules, 'ipv4')), expected, what)
  }
  const six = requirePrefix('fd00:1::/64', 'x')
  assert.equal(isShadow(route('fd00:1::/64', { metric: 1024 }), six, planLookUps(usual, 'ipv6')), false)
  assert.equal(isShadow(route('fd00:1::/80', { metric: 1024 }), six, planLookUps(usual, 'ipv6')), true)
})

test('findUplink() finds the interface that everybody’s packets leave by', () => {
  const eth = route('default', { index: 2, metric: 100 })
  for (const [what, routes, rules, expected] of [
    ['nothing', [route('10.0.0.0/8')], usual, undefined],
    ['the default route', [eth], usual, 2],
    ['the better of two', [eth, route('default', { index: 3, metric: 50 })], usual, 3],
    ['two halves of everything', [eth, route('0.0.0.0/1'), route('128.0.0.0/1')], usual, 9],
    ['a table that everybody but the VPN asks', [eth, route('default', { table: 7 })], vpn, 9],
    ['IPv6, where there is nothing else', [route('default', { family: 'ipv6', index: 4 })], usual, 4],
    ['several ways at once', [route('default', { index: undefined })], usual, undefined],
  ] as const) {
    assert.equal(findUplink(routes, rules), expected, what)
  }
})
