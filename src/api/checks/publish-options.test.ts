import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publishOptions } from './publish-options.ts'

test('publishOptions() reads ports to publish and to withdraw, parted by commas or blanks', () => {
  assert.equal(publishOptions({ other: 'x' }), undefined)
  assert.equal(publishOptions(null), undefined)
  assert.deepEqual(publishOptions({ 'wharf.publish': '8080:80, 127.0.0.1::53/udp', 'wharf.unpublish': '90 8091:91' }), {
    publish: {
      '80/tcp': [{ HostIp: '', HostPort: '8080' }],
      '53/udp': [{ HostIp: '127.0.0.1', HostPort: '' }],
    },
    unpublish: [{ key: '90/tcp' }, { key: '91/tcp', hostPorts: { first: 8091, last: 8091 } }],
  })
  assert.throws(() => publishOptions({ 'wharf.publish': '8080:x' }), {
    kind: 'invalid-argument',
    message: 'invalid containerPort: x',
  })
})
