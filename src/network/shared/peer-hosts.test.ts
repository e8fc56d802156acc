import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClusterNode, SharedEndpoint } from '../../cluster/model.ts'
import type { RemoteEndpoint } from './elsewhere.ts'
import { PeerHosts } from './peer-hosts.ts'

const node = (id: string, address = `192.0.2.${id}`): ClusterNode => ({
  ...{ id, name: `host${id}`, address, mtu: 1500, state: 'alive', engineVersion: '1' },
})
const at = (id: string, where: ClusterNode): RemoteEndpoint => ({ endpoint: { id } as SharedEndpoint, node: where })
const names = (hosts: readonly ClusterNode[]) => hosts.map(({ name }) => name)

test('a host arrives on a network with its first endpoint, and leaves it with its last', () => {
  const hosts = new PeerHosts()
  assert.deepEqual(names(hosts.put('n', [at('a', node('1')), at('b', node('1')), at('c', node('2'))])), [
    'host1',
    'host2',
  ])
  assert.deepEqual(names(hosts.put('n', [at('a', node('1')), at('d', node('2'))])), [])
  assert.deepEqual(names(hosts.put('m', [at('e', node('1'))])), ['host1'])
  assert.deepEqual(names(hosts.remove('n', [at('a', node('1')), at('c', node('2'))])), [])
  assert.deepEqual(names(hosts.remove('n', [at('b', node('1')), at('b', node('1'))])), ['host1'])
  assert.deepEqual(names(hosts.put('n', [at('b', node('1'))])), ['host1'])
  hosts.forget('n')
  assert.deepEqual(names(hosts.remove('n', [at('d', node('2'))])), [])
})

test('a host that has another address arrives again', () => {
  const hosts = new PeerHosts()
  hosts.put('n', [at('a', node('1'))])
  assert.deepEqual(
    hosts.put('n', [at('a', node('1', '192.0.2.9'))]).map(({ address }) => address),
    ['192.0.2.9'],
  )
  assert.deepEqual(hosts.put('n', [at('a', node('1', '192.0.2.9'))]), [])
})
