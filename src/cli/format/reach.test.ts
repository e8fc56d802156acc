import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PortReachView } from '../../protocol/port.ts'
import { renderReach } from './reach.ts'

const view: PortReachView = {
  Port: '80/tcp',
  HostIp: '0.0.0.0',
  HostPort: '8080',
  Host: true,
  Containers: true,
  Outside: ['192.0.2.1:8080'],
  Why: '',
}

test('renderReach() is one sentence', () => {
  const where = '80/tcp -> 0.0.0.0:8080: from'
  assert.equal(renderReach(view), `${where} this host, containers, outside at 192.0.2.1:8080`)
  const local = { ...view, Containers: false, Outside: [], Why: 'published on 127.0.0.1' }
  assert.equal(renderReach(local), `${where} this host only (published on 127.0.0.1)`)
  assert.equal(renderReach({ ...local, Host: false, Why: 'no way' }), `${where} nowhere (no way)`)
  assert.match(renderReach({ ...view, HostPort: '' }), /^80\/tcp: from/)
})
