import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex } from '../../../test/support/hex.ts'
import { linkStatsMessage } from './link-stats.ts'

// Byte by byte from the header files; the kernel's own bytes are in test/kernel.
const answer = hex`
  00 00 00 00               # family, padding
  02 00 00 00               # index 2
  01 00 00 00               # filter mask: IFLA_STATS_LINK_64
  4c 00 01 00               # IFLA_STATS_LINK_64, struct rtnl_link_stats64
    0a 00 00 00 00 00 00 00   # rx_packets 10
    0b 00 00 00 00 00 00 00   # tx_packets 11
    00 00 00 00 01 00 00 00   # rx_bytes 2^32
    64 00 00 00 00 00 00 00   # tx_bytes 100
    01 00 00 00 00 00 00 00   # rx_errors 1
    02 00 00 00 00 00 00 00   # tx_errors 2
    03 00 00 00 00 00 00 00   # rx_dropped 3
    04 00 00 00 00 00 00 00   # tx_dropped 4
    ff 00 00 00 00 00 00 00   # multicast: what follows is not read
`

test('linkStatsMessage decodes the counters of an interface', () => {
  assert.deepEqual(linkStatsMessage.decode(answer), {
    header: { family: 0, pad1: 0, pad2: 0, index: 2, filterMask: 1 },
    attributes: {
      counters: {
        receivedPackets: 10,
        sentPackets: 11,
        receivedBytes: 2 ** 32,
        sentBytes: 100,
        receiveErrors: 1,
        sendErrors: 2,
        receiveDropped: 3,
        sendDropped: 4,
      },
    },
  })
  assert.throws(() => linkStatsMessage.decode(answer.subarray(0, 40)), RangeError)
})
