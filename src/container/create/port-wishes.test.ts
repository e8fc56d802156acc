import assert from 'node:assert/strict'
import { test } from 'node:test'
import { portWishes } from './port-wishes.ts'

test('portWishes() reads bindings: one address, random port, range, several for one port', () => {
  const PortBindings = {
    '80/tcp': [{ HostPort: '8080' }, { HostIp: '127.0.0.1', HostPort: '' }],
    '53/udp': [{ HostIp: '[::1]', HostPort: '5300-5310' }],
    '9000': [],
  }
  assert.deepEqual(portWishes({}, { PortBindings }), [
    { protocol: 'tcp', containerPort: 9000, hostAddress: '', hostPorts: { from: 0, to: 0 } },
    { protocol: 'tcp', containerPort: 80, hostAddress: '', hostPorts: { from: 8080, to: 8080 } },
    { protocol: 'tcp', containerPort: 80, hostAddress: '127.0.0.1', hostPorts: { from: 0, to: 0 } },
    { protocol: 'udp', containerPort: 53, hostAddress: '::1', hostPorts: { from: 5300, to: 5310 } },
  ])
})

test('portWishes() publishes every exposed port once with PublishAllPorts', () => {
  const wishes = portWishes(
    { ExposedPorts: { '80/tcp': {}, '7000-7001/udp': {} } },
    { PublishAllPorts: true, PortBindings: { '80/tcp': [{ HostPort: '8080' }] } },
  )
  assert.deepEqual(
    wishes.map(({ protocol, containerPort, hostPorts }) => `${containerPort}/${protocol} ${hostPorts.from}`),
    ['80/tcp 8080', '7000/udp 0', '7001/udp 0'],
  )
})

test('portWishes() refuses what is not a port', () => {
  for (const PortBindings of [
    { '0/tcp': [] },
    { 'x/tcp': [] },
    { '80/icmp': [] },
    { '80/tcp': [{ HostPort: '70000' }] },
    { '80/tcp': [{ HostPort: '9-8' }] },
  ]) {
    assert.throws(() => portWishes({}, { PortBindings }), {
      kind: 'invalid-argument',
      message: /^invalid port specification/,
    })
  }
})
