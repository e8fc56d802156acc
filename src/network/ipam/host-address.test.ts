import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withHostAddress } from './host-address.ts'

test('withHostAddress() takes the first address that a container would get, unless one is named', () => {
  const lan = { subnet: '192.0.2.0/24', gateway: '192.0.2.1', auxAddresses: { printer: '192.0.2.2' } }
  const chosen = (config: Parameters<typeof withHostAddress>[0][number]) =>
    withHostAddress([config], 'host')[0]!.auxAddresses
  assert.deepEqual(chosen(lan), { printer: '192.0.2.2', host: '192.0.2.3' })
  assert.deepEqual(chosen({ ...lan, ipRange: '192.0.2.128/25' }), { printer: '192.0.2.2', host: '192.0.2.128' })
  assert.deepEqual(chosen({ ...lan, auxAddresses: { host: '192.0.2.9' } }), { host: '192.0.2.9' })
  assert.deepEqual(chosen({ subnet: 'fd00::/64' }), { host: 'fd00::1' })
})

test('withHostAddress() says when there is none', () => {
  const full = { subnet: '192.0.2.0/30', gateway: '192.0.2.1', auxAddresses: { other: '192.0.2.2' } }
  assert.throws(() => withHostAddress([full], 'host'), { kind: 'internal', message: /^no available IPv4 addresses/ })
})
