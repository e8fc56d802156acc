import assert from 'node:assert/strict'
import { readBridgePort, setBridgePort } from '../../src/kernel/netlink/bridge-ports.ts'
import { createBridge, createVeth } from '../../src/kernel/netlink/links.ts'
import { kernelTest } from '../support/kernel.ts'

kernelTest('setBridgePort() changes what is named, and leaves the rest', ({ netlink, ip }) => {
  const master = createBridge(netlink, { name: 'br0' })
  const port = createVeth(netlink, { name: 'a', master, peer: { name: 'b' } })
  const seen = () => {
    const { hairpin, isolated, learning, flood, mcast_flood, bcast_flood, neigh_suppress } = ip('link', 'show', 'a')[0]
      .linkinfo.info_slave_data
    return {
      hairpin,
      isolated,
      learning,
      floodUnicast: flood,
      floodMulticast: mcast_flood,
      floodBroadcast: bcast_flood,
      neighbourSuppress: neigh_suppress,
    }
  }
  const before = seen()
  assert.deepEqual(readBridgePort(netlink, port), before)
  setBridgePort(netlink, port, { hairpin: true, isolated: true, neighbourSuppress: true, floodUnicast: false })
  const after = { ...before, hairpin: true, isolated: true, neighbourSuppress: true, floodUnicast: false }
  assert.deepEqual([seen(), readBridgePort(netlink, port)], [after, after])
  setBridgePort(netlink, port, { isolated: false })
  assert.deepEqual(seen(), { ...after, isolated: false })
  assert.equal(readBridgePort(netlink, 1), undefined)
  assert.throws(() => setBridgePort(netlink, 1, { hairpin: true }), { name: 'KernelError' })
})
