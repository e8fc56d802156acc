import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LinkInfo } from '../../kernel/netlink/links.ts'
import { bridgeName, networkMark } from '../cables/link-marks.ts'
import { assessDamage, type WantedLinks } from './damage.ts'
import { HostNews } from './host-news.ts'

const networkId = 'a'.repeat(64)
const bridge: LinkInfo = {
  index: 5,
  name: 'br0',
  kind: 'bridge',
  mtu: 1500,
  mac: '',
  up: true,
  master: undefined,
  peerIndex: undefined,
  linkNamespaceId: undefined,
  operState: 'up',
  flags: 0,
  type: 1,
  alias: networkMark(networkId),
  data: undefined,
}
const parent: LinkInfo = { ...bridge, index: 2, name: 'eth0', kind: '', alias: '' }
const cable: LinkInfo = { ...bridge, index: 6, name: 'veth1', kind: 'veth', master: 5, alias: '' }

/** What is damaged after what was heard, on a host that had `bridge`. */
function damageAfter(...heard: Parameters<HostNews['hear']>[0][]) {
  const news = new HostNews({ processId: 1, isCable: (name) => name === 'veth1', isParent: (name) => name === 'eth0' })
  news.know([bridge, parent])
  for (const change of heard) news.hear(change)
  const wanted: WantedLinks = {
    networkOf: (link) => (link === 'br0' ? networkId : undefined),
    sittingOn: (link) => (link === 'eth0' ? ['lan'] : []),
    endpointOf(link) {
      const index = news.bridgeIndex('br0')
      return link === 'veth1' ? { id: 'e', networkId, ...(index !== undefined && { bridge: index }) } : undefined
    },
  }
  return [...assessDamage(news.take().links.values(), wanted).values()].map(({ bridge: what, endpointIds }) => ({
    bridge: what,
    endpoints: [...endpointIds],
  }))
}

const link = (one: LinkInfo, removed = false) => ({ kind: 'link', link: one, removed }) as const
const addressLost = (index: number) =>
  ({ kind: 'address', removed: true, address: { index, address: '', prefixLength: 8, validFor: 0 } }) as const
const lostBridge = [{ bridge: 'lost', endpoints: [] }]
const lostCable = [{ bridge: undefined, endpoints: ['e'] }]

test('assessDamage() finds what is not as it should be at the end, whatever it was meanwhile', () => {
  const cases = {
    'as it was': [damageAfter(link(bridge), link(cable)), []],
    'bridge removed': [damageAfter(link(bridge, true)), lostBridge],
    'bridge down': [damageAfter(link({ ...bridge, up: false })), lostBridge],
    'bridge down and up': [damageAfter(link({ ...bridge, up: false }), link(bridge)), []],
    'bridge made': [damageAfter(link({ ...bridge, index: 9 })), []],
    'address lost': [damageAfter(addressLost(5)), lostBridge],
    'address lost of another': [damageAfter(addressLost(7)), []],
    'somebody else’s bridge down': [damageAfter(link({ ...bridge, alias: '', up: false })), []],
    'somebody else’s bridge removed': [damageAfter(link({ ...bridge, alias: '' }, true)), []],
    'somebody else’s bridge made again': [
      damageAfter(link({ ...bridge, alias: '', index: 9 })),
      [{ bridge: 'lent', endpoints: [] }],
    ],
    'cable removed': [damageAfter(link(cable, true)), lostCable],
    'cable in no bridge': [damageAfter(link({ ...cable, master: undefined })), lostCable],
    'cable in another bridge': [damageAfter(link({ ...cable, master: 8 })), lostCable],
    'cable being made': [damageAfter(link({ ...cable, up: false, master: undefined }), link(cable)), []],
    'parent heard of': [damageAfter(link({ ...parent, mtu: 1400 })), []],
    'parent removed': [damageAfter(link(parent, true)), lostBridge],
    'parent made again': [damageAfter(link({ ...parent, index: 9 })), lostBridge],
    'bridge and cable': [
      damageAfter(link({ ...cable, master: undefined }), link(bridge, true)),
      [{ bridge: 'lost', endpoints: ['e'] }],
    ],
  }
  for (const [name, [found, expected]] of Object.entries(cases)) assert.deepEqual(found, expected, name)
})

test('HostNews takes transactions of others for damage only when they were at our table', () => {
  const hear = (processId: number, table: string, object: 'rule' | 'table' | 'element', name = '') => {
    const news = new HostNews({ processId: 1, isCable: () => false })
    news.hear({ kind: 'nftables', notice: { object, removed: true, family: 'inet', table, name } })
    return news.hear({ kind: 'nftables', notice: { object: 'generation', id: 1, processId, processName: '' } })
  }
  assert.deepEqual(
    {
      ourselves: hear(1, 'wharf', 'table'),
      somebody: hear(2, 'wharf', 'table'),
      'another table': hear(2, 'theirs', 'table'),
      'a rule': hear(2, 'wharf', 'rule', 'nat-output'),
      'the administrator’s rule': hear(2, 'wharf', 'rule', 'wharf-user'),
    },
    { ourselves: false, somebody: true, 'another table': false, 'a rule': true, 'the administrator’s rule': false },
  )
})

test('assessDamage() takes the mark of a bridge of ours for lost only where the name says that it is ours', () => {
  const name = bridgeName(networkId)
  const wanted: WantedLinks = { networkOf: () => networkId, sittingOn: () => [], endpointOf: () => undefined }
  const after = (one: LinkInfo) => {
    const news = new HostNews({ processId: 1, isCable: () => false })
    news.know([{ ...bridge, name: one.name }])
    news.hear(link(one))
    return [...assessDamage(news.take().links.values(), wanted).values()].map((damage) => damage.bridge)
  }
  assert.deepEqual(after({ ...bridge, name, alias: 'mine now' }), ['lost'])
  assert.deepEqual(after({ ...bridge, name: 'br0', alias: 'mine now' }), [])
})
