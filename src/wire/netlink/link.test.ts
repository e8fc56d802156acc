import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linkMessage } from './link.ts'

// RTM_NEWLINK for a bridge named "br0", byte by byte from the header files.
// Whole captures from real kernels are in test/fixtures/netlink/.
const bytes = Uint8Array.from([
  0x00,
  0x00,
  0x01,
  0x00, // family AF_UNSPEC, pad, type ARPHRD_ETHER
  0x05,
  0x00,
  0x00,
  0x00, // index 5
  0x43,
  0x10,
  0x01,
  0x00, // flags UP|BROADCAST|RUNNING|MULTICAST|LOWER_UP
  0x00,
  0x00,
  0x00,
  0x00, // change
  0x08,
  0x00,
  0x03,
  0x00,
  0x62,
  0x72,
  0x30,
  0x00, // IFLA_IFNAME "br0"
  0x08,
  0x00,
  0x04,
  0x00,
  0xdc,
  0x05,
  0x00,
  0x00, // IFLA_MTU 1500
  0x10,
  0x00,
  0x12,
  0x00,
  0x0b,
  0x00,
  0x01,
  0x00,
  0x62,
  0x72,
  0x69,
  0x64,
  0x67,
  0x65,
  0x00,
  0x00, // IFLA_LINKINFO { KIND "bridge" }
  0x05,
  0x00,
  0x2b,
  0x00,
  0x06,
  0x00,
  0x00,
  0x00, // IFLA_XDP: not in our schema
])

test('linkMessage decodes what the kernel sends, and keeps what it does not know', () => {
  assert.deepEqual(linkMessage.decode(bytes), {
    header: { family: 0, type: 1, index: 5, flags: 0x11043, change: 0 },
    attributes: {
      name: 'br0',
      mtu: 1500,
      info: { kind: 'bridge' },
      unknown: [{ type: 43, bytes: Uint8Array.of(6) }],
    },
  })
})
