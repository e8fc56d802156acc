import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../../base/log.ts'
import type { SetChange } from '../../kernel/nft-elements.ts'
import type { Element } from './elements.ts'
import { type ElementWriter, NftFirewall } from './nft-firewall.ts'

const bridge = (name: string): Element => ({ set: 'bridges', key: `"${name}"` })
const published = (data: string): Element => ({ set: 'published4_any', key: 'tcp . 80', data })

function open() {
  const runs: string[] = []
  const refused: RegExp[] = []
  const take = (text: string) => {
    if (refused.some((pattern) => pattern.test(text))) throw new Error('refused')
    runs.push(text)
    return undefined
  }
  const lines = (sign: string, changes: readonly SetChange[]) =>
    changes.map(({ set, members }) => {
      const texts = Array.from(members, ({ key, data }) => (data === undefined ? key : `${key} : ${data}`))
      return `${sign} ${set} ${texts.join(', ')}\n`
    })
  const writer: ElementWriter = {
    change: ({ add, remove }) => void take([...lines('-', remove), ...lines('+', add)].join('')),
  }
  const firewall = new NftFirewall({ nft: { run: take }, writer, options: { proxyLoopback: false }, log: silentLog })
  firewall.ensure([bridge('a')])
  runs.length = 0
  return { firewall, runs, refused }
}

test('NftFirewall.change() writes one transaction with what is new, and nothing when nothing is', () => {
  const { firewall, runs } = open()
  firewall.change({ add: [bridge('a'), bridge('b')], remove: [bridge('c')] })
  firewall.change({ add: [bridge('b')] })
  firewall.change({ remove: [bridge('a')] })
  assert.deepEqual(runs, ['+ bridges "b"\n', '- bridges "a"\n'])
  assert.deepEqual([...firewall.elements], [bridge('b')])
})

test('NftFirewall.change() replaces what leads elsewhere now, and leaves what is removed and added alike', () => {
  const { firewall, runs } = open()
  firewall.change({ add: [published('172.17.0.2 . 80')] })
  firewall.change({ remove: [published('172.17.0.2 . 80')], add: [published('172.17.0.2 . 80')] })
  firewall.change({ remove: [published('172.17.0.2 . 80')], add: [published('172.17.0.3 . 80')] })
  assert.deepEqual(runs.slice(1), [
    '- published4_any tcp . 80 : 172.17.0.2 . 80\n+ published4_any tcp . 80 : 172.17.0.3 . 80\n',
  ])
})

test('NftFirewall.change() writes the whole table when somebody flushed it', () => {
  const { firewall, runs, refused } = open()
  refused.push(/^\+/)
  firewall.change({ add: [bridge('b')] })
  assert.match(runs.join(''), /^add table inet wharf\n.*add element inet wharf bridges { "a", "b" }\n$/s)
})

test('NftFirewall.change() keeps what it had when the kernel refuses everything', () => {
  const { firewall, runs, refused } = open()
  refused.push(/./)
  assert.throws(() => firewall.change({ add: [bridge('b')], remove: [bridge('a')] }), /refused/)
  refused.length = 0
  firewall.change({ remove: [bridge('a')] })
  assert.deepEqual(runs, ['- bridges "a"\n'])
})
