import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFace, parseTerms } from './parse-answers.ts'

test('parseFace() takes what the plugin chose, in either way of saying nothing', () => {
  assert.deepEqual(parseFace('p', {}, {}), {})
  assert.deepEqual(parseFace('p', { Interface: null }, {}), {})
  const Interface = { Address: '10.0.0.2/24', AddressIPv6: 'FD00::0:2/64', MacAddress: '02:AB:00:00:00:01' }
  const face = { ipv4: '10.0.0.2/24', ipv6: 'fd00::2/64', mac: '02:ab:00:00:00:01' }
  assert.deepEqual(parseFace('p', { Interface }, {}), face)
})

test('parseFace() takes no choice where there was none, and no nonsense', () => {
  const parse =
    (Interface: unknown, told = {}) =>
    () =>
      parseFace('p', { Interface }, told)
  assert.throws(parse({ Address: '10.0.0.2/24' }, { ipv4: '10.0.0.2/24' }), /driver modified interface address/)
  assert.throws(parse({ MacAddress: '02:00:00:00:00:01' }, { mac: '02:00:00:00:00:01' }), /interface MAC address/)
  assert.throws(parse({ Address: 'fd00::2/64' }), /invalid CIDR address: fd00::2\/64/)
  assert.throws(parse({ Address: '10.0.0.2' }), /invalid CIDR address: 10\.0\.0\.2/)
  assert.throws(parse({ MacAddress: '02:00' }), /invalid MAC address/)
  assert.throws(parse([]), /"Interface" is no object/)
})

test('parseTerms() reads interface, gateways and routes', () => {
  const InterfaceName = { SrcName: 'veth1', DstPrefix: 'net' }
  assert.deepEqual(parseTerms('p', {}), { source: '', prefix: 'eth', routes: [] })
  assert.deepEqual(
    parseTerms('p', {
      ...{ InterfaceName, Gateway: '10.0.0.1', GatewayIPv6: 'fe80::0:1', DisableGatewayService: true },
      StaticRoutes: [
        { Destination: '10.1.2.3/16', RouteType: 0, NextHop: '10.0.0.9' },
        { Destination: 'fd01::/64', RouteType: 1 },
      ],
    }),
    {
      ...{ source: 'veth1', prefix: 'net', gateway: '10.0.0.1', gateway6: 'fe80::1', staysInside: true },
      routes: [{ to: '10.1.0.0/16', via: '10.0.0.9' }, { to: 'fd01::/64' }],
    },
  )
})

test('parseTerms() takes default routes for ways out', () => {
  const parse = (...StaticRoutes: object[]) => parseTerms('p', { StaticRoutes })
  const byHop = parse({ Destination: '0.0.0.0/0', RouteType: 0, NextHop: '10.0.0.1' })
  assert.deepEqual(byHop, { source: '', prefix: 'eth', gateway: '10.0.0.1', routes: [] })
  const onLink = parse({ Destination: '0.0.0.0/0', RouteType: 1 })
  assert.deepEqual(onLink, { source: '', prefix: 'eth', leadsOutside: true, routes: [] })
})

test('parseTerms() takes no nonsense', () => {
  const parse = (answer: object) => () => parseTerms('p', { ...answer })
  assert.throws(parse({ InterfaceName: { SrcName: 'lo' } }), /"lo" is no name of an interface/)
  assert.throws(parse({ InterfaceName: { SrcName: 'a'.repeat(16) } }), /is no name of an interface/)
  assert.throws(parse({ InterfaceName: 'veth1' }), /"InterfaceName" is no object/)
  assert.throws(parse({ Gateway: '10.0.0' }), /unable to parse Gateway "10\.0\.0"/)
  assert.throws(parse({ StaticRoutes: [{ Destination: 'x', RouteType: 1 }] }), /invalid CIDR address: x/)
  assert.throws(parse({ StaticRoutes: [{ Destination: '10.0.0.0/8', RouteType: 0, NextHop: 'fd00::1' }] }), /parse/)
  assert.throws(parse({ StaticRoutes: [7] }), /"StaticRoutes" is no object/)
})
