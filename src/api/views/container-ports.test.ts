import assert from 'node:assert/strict'
import { test } from 'node:test'
import { portMap, portSummaries } from './container-ports.ts'

const published = [
  { protocol: 'tcp', containerPort: 80, hostAddress: '::', hostPort: 8080 },
  { protocol: 'udp', containerPort: 53, hostAddress: '127.0.0.1', hostPort: 53 },
  { protocol: 'tcp', containerPort: 80, hostAddress: '0.0.0.0', hostPort: 8080 },
] as const

test('portMap() lists exposed ports as null and published ones with their addresses', () => {
  assert.deepEqual(portMap(['80/TCP', '90-91/udp', '7', 'x/tcp', '1-99999999/tcp'], published), {
    '80/tcp': [
      { HostIp: '0.0.0.0', HostPort: '8080' },
      { HostIp: '::', HostPort: '8080' },
    ],
    '90/udp': null,
    '91/udp': null,
    '7/tcp': null,
    '53/udp': [{ HostIp: '127.0.0.1', HostPort: '53' }],
  })
})

test('portSummaries() are ordered by port, then protocol, then address', () => {
  assert.deepEqual(portSummaries(['80/tcp', '60/tcp'], published), [
    { IP: '127.0.0.1', PrivatePort: 53, PublicPort: 53, Type: 'udp' },
    { PrivatePort: 60, Type: 'tcp' },
    { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
  ])
})
