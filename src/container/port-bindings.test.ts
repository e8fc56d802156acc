import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostConfig } from '../protocol/container.ts'
import type { ContainerRecord } from './model.ts'
import { withBindings, withoutBindings } from './port-bindings.ts'

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
  const without = (hostPort?: number) =>
    withoutBindings(record({ PortBindings: { '80/tcp': list } }), '80/tcp', hostPort)?.PortBindings
  assert.deepEqual(without(), {})
  assert.deepEqual(without(8080), { '80/tcp': [list[1], list[2]] })
  assert.deepEqual(without(8085), { '80/tcp': [list[0], list[2]] })
  assert.deepEqual(without(40_000), { '80/tcp': [list[0], list[1]] })
  assert.equal(withoutBindings(record({ PortBindings: { '80/tcp': [list[0]!] } }), '80/tcp', 99), undefined)
  assert.equal(withoutBindings(record({}), '80/tcp'), undefined)
})
