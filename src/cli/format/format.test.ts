import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PortSummary } from '../../protocol/container-summary.ts'
import { alignColumns, listColumns } from './columns.ts'
import { renderPorts } from './ports.ts'
import { binarySize, goTime, humanDuration, humanSize, localRfc3339 } from './units.ts'
import { ellipsis, labelLine, naturalCompare, shortId } from './words.ts'

test('alignColumns() pads cells to the widest of their column, at least ten, and not the last one', () => {
  const text = 'A\tBBBBBBBBBBBB\tC\nlonger cell\tb\tc\n'
  assert.equal(alignColumns(text, listColumns), 'A             BBBBBBBBBBBB   C\nlonger cell   b              c\n')
})

test('alignColumns() lets lines without a cell end a column', () => {
  const text = 'a\tx\nplain\nlong long cell\ty'
  assert.equal(alignColumns(text, { minWidth: 0, padding: 1 }), 'a x\nplain\nlong long cell y')
})

test('alignColumns() counts characters, not bytes', () => {
  assert.equal(alignColumns('é…\tx\nabcd\ty', { minWidth: 0, padding: 2 }), 'é…    x\nabcd  y')
})

const second = 1000
const day = 86_400 * second

const durations: readonly [ms: number, words: string][] = [
  [0, 'Less than a second'],
  [999, 'Less than a second'],
  [second, '1 second'],
  [59 * second, '59 seconds'],
  [60 * second, 'About a minute'],
  [119 * second, 'About a minute'],
  [120 * second, '2 minutes'],
  [59 * 60 * second, '59 minutes'],
  [60 * 60 * second, 'About an hour'],
  [100 * 60 * second, '2 hours'],
  [47 * 3600 * second, '47 hours'],
  [2 * day, '2 days'],
  [13 * day, '13 days'],
  [14 * day, '2 weeks'],
  [59 * day, '8 weeks'],
  [61 * day, '2 months'],
  [729 * day, '24 months'],
  [730 * day, '2 years'],
]

for (const [ms, words] of durations) {
  test(`humanDuration() says ${words} for ${ms} ms`, () => assert.equal(humanDuration(ms), words))
}

test('humanSize() and binarySize() keep so many digits', () => {
  assert.deepEqual(
    [0, 999, 1000, 1_984_000, 2_000_000_000].map((size) => humanSize(size, 3)),
    ['0B', '999B', '1kB', '1.98MB', '2GB'],
  )
  assert.deepEqual(
    [1_984_123, 45_678].map((size) => humanSize(size)),
    ['1.984MB', '45.68kB'],
  )
  assert.equal(binarySize(25_276_502_016), '23.54GiB')
})

test('goTime() and localRfc3339() write the local time with its zone', () => {
  const zone = process.env['TZ']
  try {
    process.env['TZ'] = 'UTC'
    assert.equal(goTime(1_795_256_513_000), '2026-11-21 10:21:53 +0000 UTC')
    assert.equal(localRfc3339(1_795_256_513_000), '2026-11-21T10:21:53Z')
    process.env['TZ'] = 'America/New_York'
    assert.equal(goTime(1_795_256_513_000), '2026-11-21 05:21:53 -0500 EST')
    assert.equal(localRfc3339(1_795_256_513_000), '2026-11-21T05:21:53-05:00')
  } finally {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  }
})

const published = (PrivatePort: number, PublicPort: number, IP = '0.0.0.0', Type = 'tcp'): PortSummary => ({
  IP,
  PrivatePort,
  PublicPort,
  Type,
})

const ports: readonly [ports: readonly PortSummary[], text: string][] = [
  [[], ''],
  [[{ PrivatePort: 80, Type: 'tcp' }], '80/tcp'],
  [[published(80, 8080), published(80, 8080, '::')], '0.0.0.0:8080->80/tcp, [::]:8080->80/tcp'],
  [[3, 1, 2].map((port) => published(port, port)), '0.0.0.0:1-3->1-3/tcp'],
  [[published(1, 1), published(3, 3)], '0.0.0.0:1->1/tcp, 0.0.0.0:3->3/tcp'],
  [[published(53, 53, '127.0.0.1', 'udp'), published(53, 53)], '0.0.0.0:53->53/tcp, 127.0.0.1:53->53/udp'],
  [
    [{ PrivatePort: 70, Type: 'tcp' }, { PrivatePort: 71, Type: 'tcp' }, published(80, 90)],
    '70-71/tcp, 0.0.0.0:90->80/tcp',
  ],
]

for (const [list, text] of ports)
  test(`renderPorts() writes ${text || 'nothing'}`, () => assert.equal(renderPorts(list), text))

test('the words of lists are shortened and sorted as people expect', () => {
  assert.equal(ellipsis('sleep 100000; echo hello', 20), 'sleep 100000; echo …')
  assert.equal(ellipsis('short', 20), 'short')
  assert.equal(shortId('sha256:0123456789abcdef'), '0123456789ab')
  assert.equal(labelLine({ b: '2', a: '1' }), 'a=1,b=2')
  assert.deepEqual(['net10', 'net2', 'host', 'net2b', 'net'].sort(naturalCompare), [
    'host',
    'net',
    'net2',
    'net2b',
    'net10',
  ])
})
