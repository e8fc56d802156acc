import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { KernelFeatures } from '../../src/kernel/host/features.ts'
import { kernelTest } from '../support/kernel.ts'
import { runIn } from '../support/shell.ts'

kernelTest('KernelFeatures finds for each kind of link what ip finds', ({ namespace }) => {
  const features = new KernelFeatures()
  runIn(namespace, 'ip', 'link', 'add', 'p', 'type', 'veth')
  const kinds = {
    bridge: ['type', 'bridge'],
    veth: ['type', 'veth'],
    vxlan: ['type', 'vxlan', 'id', '5', 'dstport', '4789'],
    macvlan: ['link', 'p', 'type', 'macvlan'],
    ipvlan: ['link', 'p', 'type', 'ipvlan'],
    vlan: ['link', 'p', 'type', 'vlan', 'id', '5'],
    dummy: ['type', 'dummy'],
  } as const
  for (const [kind, words] of Object.entries(kinds)) {
    const witness = spawnSync('nsenter', [
      `--net=${namespace.path}`,
      'ip',
      'link',
      'add',
      'name',
      `x-${kind}`,
      ...words,
    ])
    assert.equal(features.find(kind as keyof typeof kinds).supported, witness.status === 0, kind)
  }
})

kernelTest('KernelFeatures says what is missing, and how to get it', () => {
  const features = new KernelFeatures()
  const all = features.list()
  assert.ok(all.length > 20)
  for (const { name, supported, reason } of all) {
    assert.equal(supported, reason === undefined)
    if (supported) features.require(name)
    else
      assert.throws(() => features.require(name), { name: 'EngineError', kind: 'not-implemented', message: /CONFIG_/ })
  }
  // Whatever runs these tests has at least what they run on.
  for (const name of ['bridge', 'veth', 'nftables', 'nft-nat', 'nft-maps', 'overlayfs', 'ipv6'] as const)
    features.require(name)
})
