import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseClusterStore } from './settings.ts'

test('parseClusterStore() reads members, path, certificates and user', () => {
  assert.deepEqual(parseClusterStore('etcd://192.0.2.1:2379,etcd.example.test,[fd00::1]:4001/lab/one/', {}), {
    members: ['http://192.0.2.1:2379', 'http://etcd.example.test:2379', 'http://[fd00::1]:4001'],
    path: 'lab/one',
    files: {},
    nodeName: '',
  })
  const options = {
    'kv.cacertfile': '/ca.pem',
    'kv.certfile': '/cert.pem',
    'kv.keyfile': '/key.pem',
    'kv.path': '/here',
    'kv.username': 'wharf',
    'kv.passwordfile': '/secret',
    'discovery.heartbeat': '5',
    'node.name': 'alpha',
  }
  assert.deepEqual(parseClusterStore('etcd://a', options), {
    members: ['https://a:2379'],
    path: 'here',
    files: { ca: '/ca.pem', cert: '/cert.pem', key: '/key.pem' },
    user: { name: 'wharf', passwordFile: '/secret' },
    leaseSeconds: 15,
    nodeName: 'alpha',
  })
  assert.equal(parseClusterStore('etcd://a', {}).path, 'wharf/default')
})

const refused: readonly [string, Record<string, string>, RegExp][] = [
  ['consul://a:8500', {}, /Consul and ZooKeeper are not supported$/],
  ['a:2379', {}, /no etcd:/],
  ['etcd://', {}, /"" is no HOST:PORT$/],
  ['etcd://a:2379,', {}, /"" is no HOST:PORT$/],
  ['etcd://user@a', {}, /"user@a" is no HOST:PORT$/],
  ['etcd://a:99999', {}, /"a:99999" is no HOST:PORT$/],
  ['etcd://a', { 'kv.paht': 'x' }, /there is no option "kv.paht"$/],
  ['etcd://a', { 'kv.path': 'a b' }, /"a b" is no path of names$/],
  ['etcd://a', { 'kv.certfile': 'x' }, /need each other$/],
  ['etcd://a', { 'kv.username': 'x' }, /needs one of/],
  ['etcd://a', { 'kv.password': 'x' }, /needs one of/],
  ['etcd://a', { 'discovery.ttl': '1' }, /2 to 3600 can be$/],
]

for (const [store, options, message] of refused) {
  test(`parseClusterStore() refuses ${store} ${JSON.stringify(options)}`, () => {
    assert.throws(() => parseClusterStore(store, options), { kind: 'invalid-argument', message })
  })
}
