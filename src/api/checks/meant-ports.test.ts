import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meantPorts } from './meant-ports.ts'

test('meantPorts() reads one port, one of several of the host, and ranges in step', () => {
  assert.deepEqual(meantPorts('80', 'TCP', ''), [{ key: '80/tcp' }])
  assert.deepEqual(meantPorts('80', 'tcp', '8080'), [{ key: '80/tcp', hostPorts: { first: 8080, last: 8080 } }])
  assert.deepEqual(meantPorts('80', 'tcp', '8080-8090'), [{ key: '80/tcp', hostPorts: { first: 8080, last: 8090 } }])
  assert.deepEqual(meantPorts('80-81', 'udp', '90-91'), [
    { key: '80/udp', hostPorts: { first: 90, last: 90 } },
    { key: '81/udp', hostPorts: { first: 91, last: 91 } },
  ])
})

test('meantPorts() refuses what is no port', () => {
  for (const port of ['x', '', '90-80', '70000', '-1']) {
    const message = `invalid port specification: "${port}/tcp"`
    assert.throws(() => meantPorts(port, 'tcp', ''), { kind: 'invalid-argument', message })
  }
  assert.throws(() => meantPorts('80', 'icmp', ''), { kind: 'invalid-argument' })
  assert.throws(() => meantPorts('80-81', 'tcp', '90-99'), { message: /^invalid ranges specified/ })
})
