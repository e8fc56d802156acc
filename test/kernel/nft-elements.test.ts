import assert from 'node:assert/strict'
import { NftElements, type SetChange } from '../../src/kernel/nft-elements.ts'
import { NftContext } from '../../src/kernel/nftables.ts'
import { type ElementSet, elementSets } from '../../src/network/firewall/elements.ts'
import { kernelTest, type Sandbox } from '../support/kernel.ts'
import { runIn } from '../support/shell.ts'

/** A member of each set that the product has, as the product writes it. */
const samples: Record<string, { key: string; data?: string }[]> = {
  ifname: [{ key: '"br-0123456789ab"' }, { key: '"docker0"' }],
  'ifname . ifname': [{ key: '"docker0" . "docker0"' }],
  ipv4_addr: [{ key: '172.18.0.0/16' }, { key: '172.19.0.0/16' }, { key: '10.0.0.7' }, { key: '255.255.255.0/24' }],
  ipv6_addr: [{ key: 'fd00:1::/64' }, { key: 'fd00:2::/64' }, { key: 'fd00::5' }],
  'ipv4_addr . ipv4_addr': [{ key: '10.1.0.0/24 . 10.1.0.0/24' }],
  'ifname . ipv4_addr': [{ key: '"eth0" . 172.18.0.0/16' }],
  'ifname . ipv6_addr': [{ key: '"eth0" . fd00:1::/64' }],
  'ipv4_addr : ipv4_addr': [{ key: '172.18.0.0/16', data: '192.0.2.7' }],
  'ipv6_addr : ipv6_addr': [{ key: 'fd00:1::/64', data: '2001:db8::7' }],
  'inet_proto . ipv4_addr . inet_service': [{ key: 'tcp . 172.18.0.2 . 80' }, { key: 'udp . 172.18.0.2 . 53' }],
  'inet_proto . ipv6_addr . inet_service': [{ key: 'sctp . fd00:1::2 . 80' }],
  'ipv4_addr . ipv4_addr . inet_proto . inet_service': [{ key: '172.17.0.2 . 172.17.0.3 . tcp . 80' }],
  'inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service': [
    { key: 'tcp . 192.0.2.1 . 8080', data: '172.18.0.2 . 80' },
  ],
  'inet_proto . inet_service : ipv4_addr . inet_service': [{ key: 'tcp . 8080', data: '172.18.0.2 . 80' }],
  'inet_proto . ipv6_addr . inet_service : ipv6_addr . inet_service': [
    { key: 'tcp . 2001:db8::1 . 8080', data: 'fd00:1::2 . 80' },
  ],
  'inet_proto . inet_service : ipv6_addr . inet_service': [{ key: 'tcp . 8080', data: 'fd00:1::2 . 80' }],
  'inet_proto . ipv4_addr . inet_service : ipv4_addr': [{ key: 'tcp . 0.0.0.0/0 . 2000-2999', data: '172.18.0.2' }],
  'inet_proto . ipv6_addr . inet_service : ipv6_addr': [{ key: 'udp . ::/0 . 2000-2999', data: 'fd00:1::2' }],
}

function declare(table: string): string {
  const sets = Object.entries(elementSets).map(([name, { type, ...rest }]) => {
    const kind = type.includes(':') ? 'map' : 'set'
    return `add ${kind} inet ${table} ${name} { type ${type}; ${'interval' in rest ? 'flags interval;' : ''} }\n`
  })
  return `add table inet ${table}\n${sets.join('')}`
}

function changes(comment: string): SetChange[] {
  return Object.entries(elementSets).map(([set, declaration]) => {
    const of = samples[declaration.type]
    assert.ok(of, `a sample of type ${declaration.type}`)
    return { set, ...declaration, members: of.map((member) => ({ ...member, comment })) }
  })
}

function asText(all: readonly SetChange[]): string {
  return all
    .map(({ set, members }) => {
      const texts = Array.from(members, ({ key, data, comment }) => {
        return `${key} comment "${comment}"${data === undefined ? '' : ` : ${data}`}`
      })
      return `add element inet ours ${set} { ${texts.join(', ')} }\n`
    })
    .join('')
}

function listed({ namespace }: Sandbox, table: string): string {
  return runIn(namespace, 'nft', 'list', 'table', 'inet', table).replace(`table inet ${table}`, '')
}

kernelTest('NftElements.change() writes what nft writes, for every set of the table', (sandbox) => {
  using nft = new NftContext(sandbox.namespace)
  using elements = new NftElements(sandbox.namespace, 'theirs')
  nft.run(declare('ours') + declare('theirs'))
  const add = changes('who it is for')
  nft.run(asText(add))
  elements.change({ add, remove: [] })
  assert.equal(listed(sandbox, 'theirs'), listed(sandbox, 'ours'))
  elements.change({ add: [], remove: add })
  assert.doesNotMatch(listed(sandbox, 'theirs'), /elements/)
  elements.change({ add, remove: [] })
  // What one has written, the other takes away.
  nft.run(
    asText(add)
      .replaceAll('add element inet ours', 'delete element inet theirs')
      .replaceAll(/ comment "[^"]*"/g, ''),
  )
  assert.doesNotMatch(listed(sandbox, 'theirs'), /elements/)
})

const bridges = (...names: string[]): SetChange => {
  return { set: 'bridges' satisfies ElementSet, type: 'ifname', members: names.map((key) => ({ key })) }
}

kernelTest('NftElements.change() does all or nothing, and says what was refused', (sandbox) => {
  using nft = new NftContext(sandbox.namespace)
  using elements = new NftElements(sandbox.namespace, 'ours')
  nft.run(declare('ours'))
  elements.change({ add: [bridges('a')], remove: [] })
  const before = listed(sandbox, 'ours')
  assert.throws(() => elements.change({ add: [bridges('b')], remove: [bridges('c')] }), { errno: 'ENOENT' })
  assert.throws(() => elements.change({ add: [{ ...bridges('b'), set: 'nowhere' }], remove: [bridges('a')] }), {
    errno: 'ENOENT',
  })
  assert.throws(() => elements.change({ add: [{ ...bridges('b'), type: 'ipv4_addr' }], remove: [] }), RangeError)
  assert.equal(listed(sandbox, 'ours'), before)
  elements.change({ add: [bridges('b')], remove: [bridges('a')] })
  assert.match(listed(sandbox, 'ours'), /elements = { "b" }/)
  nft.run('delete table inet ours')
  assert.throws(() => elements.change({ add: [bridges('b')], remove: [] }), { errno: 'ENOENT' })
})

kernelTest('NftElements.change() takes tens of thousands of members in one transaction', (sandbox) => {
  using nft = new NftContext(sandbox.namespace)
  using elements = new NftElements(sandbox.namespace, 'ours')
  nft.run(declare('ours'))
  const set = 'published4_any'
  const members = Array.from({ length: 30_000 }, (_, i) => ({ key: `tcp . ${i + 1}`, data: '172.18.0.2 . 80' }))
  const change = { set, ...elementSets[set], members }
  const count = () => runIn(sandbox.namespace, 'sh', '-c', `nft list map inet ours ${set} | grep -c 'tcp \\.' || true`)
  elements.change({ add: [change], remove: [] })
  assert.equal(count().trim(), '30000')
  elements.change({ add: [], remove: [change] })
  assert.equal(count().trim(), '0')
})
