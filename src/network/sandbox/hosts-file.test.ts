import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editHosts, ownLine, renderHosts } from './hosts-file.ts'

test('renderHosts() writes localhost, extra hosts, then the container’s own lines', () => {
  const extraHosts = ['printer:192.0.2.7', 'v6=[fd00::7]', 'plain:fd00::8', 'host:host-gateway', 'nonsense']
  const sources = { extraHosts, hostGateways: ['172.17.0.1'], lines: ['172.18.0.2\tweb'] }
  const own = ['192.0.2.7\tprinter', 'fd00::7\tv6', 'fd00::8\tplain', '172.17.0.1\thost', '172.18.0.2\tweb', '']
  assert.equal(renderHosts({ ...sources, ipv6: false }), ['127.0.0.1\tlocalhost', ...own].join('\n'))
  const both = renderHosts({ ...sources, ipv6: true }).split('\n')
  assert.deepEqual(both.slice(0, 2), ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback'])
  assert.deepEqual(both.slice(6), own)
})

test('ownLine() writes the full name and the short one, when they differ', () => {
  assert.deepEqual(
    [
      ownLine('10.0.0.2', 'web', ''),
      ownLine('10.0.0.2', 'web', 'example.org'),
      ownLine('10.0.0.2', 'web.example.org', ''),
    ],
    ['10.0.0.2\tweb', '10.0.0.2\tweb.example.org web', '10.0.0.2\tweb.example.org web'],
  )
})

test('editHosts() takes out only lines that are exactly the same, once, and keeps the user’s', () => {
  const text = '127.0.0.1\tlocalhost\n10.0.0.2\tweb\n10.0.0.2\tweb mine\n10.0.0.2\tweb\n'
  assert.equal(
    editHosts(text, ['10.0.0.2\tweb', '10.0.0.9\tgone'], ['10.0.1.2\tweb']),
    '127.0.0.1\tlocalhost\n10.0.0.2\tweb\n10.0.0.2\tweb mine\n10.0.1.2\tweb\n',
  )
  assert.equal(editHosts('', [], ['10.0.1.2\tweb']), '10.0.1.2\tweb\n')
})
