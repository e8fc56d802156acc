import assert from 'node:assert/strict'
import { NftContext, nftString } from '../../src/kernel/nftables.ts'
import { kernelTest, type Sandbox } from '../support/kernel.ts'
import { runIn } from '../support/shell.ts'

const skeleton = `table inet wharf {
  comment "ours"
  map ports { type inet_service : ipv4_addr . inet_service; }
  chain forward { type filter hook forward priority 0; policy accept; }
}`

function ruleset({ namespace }: Sandbox): any[] {
  return JSON.parse(runIn(namespace, 'nft', '-j', 'list', 'ruleset')).nftables.filter((one: any) => !one.metainfo)
}

kernelTest('NftContext.run() makes what nft sees', (sandbox) => {
  using nft = new NftContext(sandbox.namespace)
  assert.equal(nft.run(skeleton), '')
  nft.run('add element inet wharf ports { 80 : 10.0.0.2 . 8080, 81 : 10.0.0.3 . 8081 }')
  nft.run(`add rule inet wharf forward accept comment ${nftString('from "web" to \\ nowhere\n')}`)
  const seen = ruleset(sandbox)
  assert.deepEqual(seen.map((one) => Object.keys(one)[0]).sort(), ['chain', 'map', 'rule', 'table'])
  assert.deepEqual(seen.find((one) => one.map).map.elem, [
    [80, { concat: ['10.0.0.2', 8080] }],
    [81, { concat: ['10.0.0.3', 8081] }],
  ])
  assert.equal(seen.find((one) => one.rule).rule.comment, 'from ?web? to ? nowhere?')
  assert.deepEqual(nft.list('list ruleset'), seen)
  const terse = nft.list('list ruleset', { terse: true })
  assert.deepEqual(
    terse.map((one) => one['map']?.['elem'] ?? 'none'),
    ['none', 'none', 'none', 'none'],
  )
  assert.match(nft.run('list table inet wharf'), /^table inet wharf \{.*\n/)
  nft.run('delete table inet wharf')
  assert.deepEqual(ruleset(sandbox), [])
})

kernelTest('NftContext.run() takes all of a transaction, or nothing', (sandbox) => {
  using nft = new NftContext(sandbox.namespace)
  nft.run(skeleton)
  const before = ruleset(sandbox)
  assert.throws(
    () => nft.run('add element inet wharf ports { 80 : 10.0.0.2 . 8080 }\nadd rule inet wharf nowhere accept'),
    (error: any) => {
      assert.deepEqual([error.name, error.kind, error.errno], ['KernelError', 'not-found', 'ENOENT'])
      assert.match(error.message, /^Cannot change nftables: Error: .*No such file or directory/)
      return true
    },
  )
  assert.deepEqual(ruleset(sandbox), before)
})

kernelTest('NftContext.run() tells a clash from nonsense', ({ namespace }) => {
  using nft = new NftContext(namespace)
  nft.run(skeleton)
  nft.run('add element inet wharf ports { 80 : 10.0.0.2 . 8080 }')
  assert.throws(() => nft.run('create table inet wharf'), { errno: 'EEXIST', kind: 'conflict' })
  assert.throws(() => nft.run('add element inet wharf ports { 80 : 10.0.0.3 . 8080 }'), { errno: 'EEXIST' })
  assert.throws(() => nft.list('list table inet none'), { errno: 'ENOENT' })
  assert.throws(() => nft.run('no such words'), { kind: 'invalid-argument', name: 'EngineError' })
  assert.throws(() => nft.run('add chain inet wharf fwd'), { kind: 'invalid-argument' })
})

kernelTest('NftContext.check() changes nothing, and goes on as before', (sandbox) => {
  using nft = new NftContext(sandbox.namespace)
  nft.check(skeleton)
  assert.deepEqual(ruleset(sandbox), [])
  assert.throws(() => nft.check('no such words'), { kind: 'invalid-argument' })
  nft.run(skeleton)
  assert.equal(ruleset(sandbox).length, 3)
})

kernelTest('NftContext.runJson() takes commands as JSON', (sandbox) => {
  using nft = new NftContext(sandbox.namespace)
  nft.runJson([{ add: { table: { family: 'inet', name: 'wharf' } } }])
  assert.deepEqual(
    ruleset(sandbox).map((one) => one.table?.name),
    ['wharf'],
  )
})

kernelTest('NftContext sees what somebody else has changed meanwhile', (sandbox) => {
  using nft = new NftContext(sandbox.namespace)
  nft.run(skeleton)
  runIn(sandbox.namespace, 'nft', 'flush ruleset')
  assert.deepEqual(nft.list('list ruleset'), [])
  nft.run(skeleton)
  runIn(sandbox.namespace, 'nft', 'add chain inet wharf later')
  nft.run('add rule inet wharf later accept')
  assert.equal(ruleset(sandbox).filter((one) => one.rule).length, 1)
})

kernelTest('NftContext refuses to be used after it is closed', ({ namespace }) => {
  const nft = new NftContext(namespace)
  nft[Symbol.dispose]()
  nft[Symbol.dispose]()
  assert.throws(() => nft.run('list ruleset'), { errno: 'EBADF' })
})

kernelTest('nftString() fits into what nft takes', (sandbox) => {
  using nft = new NftContext(sandbox.namespace)
  nft.run(skeleton)
  for (const text of [
    '',
    'x'.repeat(500),
    'ü'.repeat(100),
    '€'.repeat(60),
    '# ; } $x @y *',
    '\u0000\u001b[31m',
    "it's",
  ])
    nft.run(`add rule inet wharf forward accept comment ${nftString(text)}`)
  assert.deepEqual(
    ruleset(sandbox)
      .flatMap((one) => (one.rule ? [one.rule.comment] : []))
      .map((comment) => Buffer.byteLength(comment ?? '')),
    [0, 128, 128, 126, 13, 6, 4],
  )
})
