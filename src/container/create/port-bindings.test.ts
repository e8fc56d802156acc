import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostConfig } from '../../protocol/container.ts'
import type { ContainerRecord } from '../model.ts'
import { bindingsFor, type MeantPort, withBindings, withoutBindings } from './port-bindings.ts'
import { portWishes } from './port-wishes.ts'

function record(hostConfig: HostConfig, exposed: readonly string[] = []): ContainerRecord {
  return {
    config: { ExposedPorts: Object.fromEntries(exposed.map((key) => [key, {}])) },
    hostConfig,
  } as ContainerRecord
}

test('withBindings() adds to what is bound, and makes PublishAllPorts explicit', () => {
  const { PortBindings, PublishAllPorts } = withBindings(
    record({ PortBindings: { '80': [{ HostPort: '8080' }] }, PublishAllPorts: true }, ['80/tcp', '53/udp']),
    { '80/tcp': [{ HostPort: '8081' }], '90/tcp': null },
  )
  assert.equal(PublishAllPorts, false)
  assert.deepEqual(PortBindings, {
    '80/tcp': [{ HostPort: '8080' }, { HostPort: '8081' }],
    '53/udp': [{}],
    '90/tcp': [{}],
  })
})

test('withoutBindings() takes away all bindings of a port, or the one that a host port came from', () => {
  const list = [{ HostPort: '8080' }, { HostIp: '127.0.0.1', HostPort: '8081-8090' }, {}]
  const all = record({ PortBindings: { '80/tcp': list, '81/tcp': [{ HostPort: '81' }] } })
  const of = (first: number, last = first) => ({ key: '80/tcp', hostPorts: { first, last } })
  const left = (meant: MeantPort) => withoutBindings(all, [meant]).hostConfig.PortBindings?.['80/tcp']
  assert.equal(left({ key: '80/tcp' }), undefined)
  assert.deepEqual(left(of(8080)), [list[1], list[2]])
  assert.deepEqual(left(of(8085)), [list[0], list[2]])
  assert.deepEqual(left(of(8080, 8090)), [list[2]])
  assert.deepEqual(left(of(40_000)), [list[0], list[1]])
  const one = record({ PortBindings: { '80/tcp': [list[0]!] } })
  assert.deepEqual(withoutBindings(one, [of(99), { key: '81/tcp' }]).missing, [of(99), { key: '81/tcp' }])
  assert.deepEqual(withoutBindings(one, [of(8080)]).missing, [])
})

test('bindingsFor() gives the bindings that come to the same wishes', () => {
  const PortBindings = {
    '80/tcp': [
      { HostIp: '', HostPort: '8080' },
      { HostIp: '127.0.0.1', HostPort: '8081-8090' },
    ],
    '53/udp': [{ HostIp: '::1', HostPort: '' }],
  }
  assert.deepEqual(bindingsFor(portWishes({}, { PortBindings })), PortBindings)
})
