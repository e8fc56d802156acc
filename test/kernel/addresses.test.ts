import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { listAddresses } from '../../src/kernel/addresses.ts'
import { kernelTest } from '../support/kernel.ts'

kernelTest('listAddresses() gives both families, in kernel order', ({ netlink, namespace }) => {
  const ip = (...args: string[]) => execFileSync('nsenter', [`--net=${namespace.path}`, 'ip', ...args])
  ip('link', 'set', 'lo', 'up')
  ip('address', 'add', '10.1.2.3/24', 'dev', 'lo', 'valid_lft', '600', 'preferred_lft', '300')

  assert.deepEqual(
    listAddresses(netlink, 1).map((a) => ({ ...a, validFor: a.validFor === Infinity ? Infinity : 600 })),
    [
      { address: '127.0.0.1', prefixLength: 8, validFor: Infinity },
      { address: '10.1.2.3', prefixLength: 24, validFor: 600 },
      { address: '::1', prefixLength: 128, validFor: Infinity },
    ],
  )
  assert.deepEqual(listAddresses(netlink, 4_000_000), [])
})
