import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex } from '../../../test/support/hex.ts'
import { linkMessage } from './link.ts'
import { linkKinds } from './link-kinds.ts'

// Byte by byte from the header files; the kernel's own bytes are in test/kernel and test/fuzz.
const bridge = hex`
  00 00 01 00               # family AF_UNSPEC, padding, type ARPHRD_ETHER
  05 00 00 00               # index 5
  43 10 01 00               # flags UP|BROADCAST|RUNNING|MULTICAST|LOWER_UP
  00 00 00 00               # change
  08 00 03 00 62 72 30 00   # IFLA_IFNAME "br0"
  08 00 04 00 dc 05 00 00   # IFLA_MTU 1500
  10 00 12 00               # IFLA_LINKINFO
    0b 00 01 00 62 72 69 64 67 65 00 00   # KIND "bridge"
  05 00 2b 00 06 00 00 00   # IFLA_XDP: not in our schema
`

test('linkMessage decodes what the kernel sends, keeps what it does not know, and writes the same again', () => {
  const decoded = linkMessage.decode(bridge)
  assert.deepEqual(decoded, {
    header: { family: 0, type: 1, index: 5, flags: 0x11043, change: 0 },
    attributes: {
      name: 'br0',
      mtu: 1500,
      info: { kind: 'bridge' },
      unknown: [{ type: 43, bytes: Uint8Array.of(6) }],
    },
  })
  assert.deepEqual([...linkMessage.encode(decoded.header, decoded.attributes)], [...bridge])
})

const veth = hex`
  00 00 00 00 00 00 00 00   # struct ifinfomsg, empty but for
  01 00 00 00 01 00 00 00   # flags UP, change UP
  07 00 03 00 76 30 00 00   # IFLA_IFNAME "v0"
  08 00 0a 00 09 00 00 00   # IFLA_MASTER 9
  3c 00 12 00               # IFLA_LINKINFO
    09 00 01 00 76 65 74 68 00 00 00 00   # KIND "veth"
    2c 00 02 00             # DATA
      28 00 01 00           # VETH_INFO_PEER: a struct ifinfomsg, and attributes
        00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00
        0a 00 01 00 02 42 ac 11 00 02 00 00   # IFLA_ADDRESS
        08 00 1c 00 15 00 00 00               # IFLA_NET_NS_FD 21
`

test('linkMessage carries a veth with its peer inside', () => {
  const header = { family: 0, type: 0, index: 0, flags: 1, change: 1 }
  const peer = {
    header: { family: 0, type: 0, index: 0, flags: 0, change: 0 },
    attributes: { address: '02:42:ac:11:00:02', namespaceFd: 21 },
  }
  const data = linkKinds.veth.encode({ peer })
  assert.deepEqual([...linkMessage.encode(header, { name: 'v0', master: 9, info: { kind: 'veth', data } })], [...veth])
  const { attributes } = linkMessage.decode(veth)
  assert.deepEqual(linkKinds.veth.decode(attributes.info!.data!), { peer })
})

const kinds = {
  bridge: [{ vlanFiltering: 1, multicastSnooping: 0 }, hex`05 00 07 00 01 00 00 00  05 00 17 00 00 00 00 00`],
  vxlan: [
    { id: 4097, local: '192.0.2.1', learning: 0, port: 4789 },
    hex`
      08 00 01 00 01 10 00 00   # IFLA_VXLAN_ID
      08 00 04 00 c0 00 02 01   # IFLA_VXLAN_LOCAL
      05 00 07 00 00 00 00 00   # IFLA_VXLAN_LEARNING
      06 00 0f 00 12 b5 00 00   # IFLA_VXLAN_PORT: network order
    `,
  ],
  macvlan: [{ mode: 4 }, hex`08 00 01 00 04 00 00 00`],
  ipvlan: [{ mode: 2, flags: 1 }, hex`06 00 01 00 02 00 00 00  06 00 02 00 01 00 00 00`],
  vlan: [{ id: 100, protocol: 0x8100 }, hex`06 00 01 00 64 00 00 00  06 00 05 00 81 00 00 00`],
} as const

for (const [kind, [value, bytes]] of Object.entries(kinds))
  test(`linkKinds.${kind} decodes and encodes its own bytes`, () => {
    const codec = linkKinds[kind as keyof typeof kinds] as {
      encode(v: unknown): Uint8Array
      decode(b: Uint8Array): unknown
    }
    assert.deepEqual(codec.decode(bytes), value)
    assert.deepEqual([...codec.encode(value)], [...bytes])
  })
