import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { NftContext } from '../../src/kernel/nftables.ts'
import { kernelTest } from '../support/kernel.ts'

kernelTest('NftContext works in a process that has more than a thousand descriptors open', ({ namespace }) => {
  using _first = new NftContext(namespace)
  using many = new DisposableStack()
  for (let i = 0; i < 1200; i++) many.adopt(openSync('/dev/null', 'r'), closeSync)
  for (let i = 0; i < 3; i++) {
    using nft = new NftContext(namespace)
    nft.run(`add table inet t${i}`)
    assert.equal(nft.list('list tables').length, i + 1)
  }
})
