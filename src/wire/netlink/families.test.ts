import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex } from '../../../test/support/hex.ts'
import { addressMessage } from './address.ts'
import { bridgePort } from './bridge-port.ts'
import { conntrackMessage } from './conntrack.ts'
import { namespaceIdMessage } from './namespace-id.ts'
import { neighbourMessage } from './neighbour.ts'
import { routeMessage } from './route.ts'
import { ruleMessage } from './rule.ts'
import { securityAssociation } from './xfrm.ts'

/** A codec whose types are of no interest here. */
interface AnyMessage {
  decode(bytes: Uint8Array): { header: any; attributes: any }
  encode(header: any, attributes: any): Uint8Array
}

function check(name: string, codec: AnyMessage, bytes: Uint8Array, header: object, attributes: object): void {
  test(`${name} decodes and encodes the same bytes`, () => {
    const decoded = codec.decode(bytes)
    assert.deepEqual({ ...decoded.header }, header)
    assert.deepEqual(decoded.attributes, attributes)
    assert.deepEqual([...codec.encode(decoded.header, decoded.attributes)], [...bytes])
  })
}

check(
  'addressMessage',
  addressMessage,
  hex`
    02 18 80 00 03 00 00 00   # AF_INET, /24, PERMANENT, global, index 3
    08 00 01 00 0a 00 00 01   # IFA_ADDRESS
    08 00 02 00 0a 00 00 01   # IFA_LOCAL
    07 00 03 00 6c 6f 00 00   # IFA_LABEL "lo"
    08 00 04 00 0a 00 00 ff   # IFA_BROADCAST
    14 00 06 00 ff ff ff ff ff ff ff ff 01 00 00 00 02 00 00 00   # IFA_CACHEINFO
    08 00 08 00 80 00 00 00   # IFA_FLAGS
  `,
  { family: 2, prefixLength: 24, flags: 0x80, scope: 0, index: 3 },
  {
    address: '10.0.0.1',
    local: '10.0.0.1',
    label: 'lo',
    broadcast: '10.0.0.255',
    cache: { preferred: 0xffff_ffff, valid: 0xffff_ffff, created: 1, updated: 2 },
    flags: 0x80,
  },
)

check(
  'routeMessage',
  routeMessage,
  hex`
    0a 40 00 00 fe 03 00 01   # AF_INET6, /64, tos, main, boot, global, unicast
    00 00 00 00               # flags
    14 00 01 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00   # RTA_DST
    08 00 04 00 02 00 00 00   # RTA_OIF
    14 00 05 00 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01   # RTA_GATEWAY
    08 00 06 00 00 04 00 00   # RTA_PRIORITY 1024
    0c 00 08 00               # RTA_METRICS
      08 00 02 00 78 05 00 00 # RTAX_MTU 1400
  `,
  { family: 10, toLength: 64, fromLength: 0, tos: 0, table: 254, protocol: 3, scope: 0, type: 1, flags: 0 },
  { to: 'fd00::', index: 2, via: 'fe80::1', metric: 1024, metrics: { mtu: 1400 } },
)

check(
  'neighbourMessage',
  neighbourMessage,
  hex`
    07 00 00 00 04 00 00 00   # AF_BRIDGE, padding, index 4
    80 00 02 00               # PERMANENT, NTF_SELF, type
    08 00 01 00 c0 00 02 02   # NDA_DST: far end of the tunnel
    0a 00 02 00 02 42 0a 00 00 05 00 00   # NDA_LLADDR
    06 00 06 00 12 b5 00 00   # NDA_PORT, network order
    08 00 07 00 01 10 00 00   # NDA_VNI
  `,
  { family: 7, pad: 0, pad2: 0, index: 4, state: 0x80, flags: 2, type: 0 },
  { address: '192.0.2.2', mac: '02:42:0a:00:00:05', port: 4789, vni: 4097 },
)

check(
  'ruleMessage',
  ruleMessage,
  hex`
    02 00 18 00 64 00 00 01   # AF_INET, to, from /24, tos, table 100, reserved, look-up
    00 00 00 00
    08 00 02 00 0a 01 02 00   # FRA_SRC
    08 00 06 00 e8 03 00 00   # FRA_PRIORITY 1000
    0c 00 17 00 00 04 ff ff 00 00 00 00
  `.subarray(0, 28),
  {
    family: 2,
    toLength: 0,
    fromLength: 24,
    tos: 0,
    table: 100,
    reserved1: 0,
    reserved2: 0,
    action: 1,
    flags: 0,
  },
  { from: '10.1.2.0', priority: 1000 },
)

check(
  'namespaceIdMessage',
  namespaceIdMessage,
  hex`00 00 00 00  08 00 01 00 ff ff ff ff  08 00 03 00 15 00 00 00`,
  { family: 0 },
  { id: -1, fd: 21 },
)

check(
  'conntrackMessage',
  conntrackMessage,
  hex`
    02 00 00 00               # AF_INET, version, resource
    34 00 01 80               # CTA_TUPLE_ORIG, nested
      14 00 01 80             # CTA_TUPLE_IP
        08 00 01 00 0a 00 00 01
        08 00 02 00 0a 00 00 02
      1c 00 02 80             # CTA_TUPLE_PROTO
        05 00 01 00 11 00 00 00   # UDP
        06 00 02 00 c0 00 00 00   # source port 49152
        06 00 03 00 00 35 00 00   # destination port 53
    08 00 0c 00 01 02 03 04   # CTA_ID: network order
  `,
  { family: 2, version: 0, resource: 0 },
  {
    original: {
      ip: { source: '10.0.0.1', destination: '10.0.0.2' },
      protocol: { number: 17, sourcePort: 49152, destinationPort: 53 },
    },
    id: 0x01020304,
  },
)

test('bridgePort decodes and encodes the same bytes', () => {
  const bytes = hex`05 00 04 00 01 00 00 00  05 00 21 00 01 00 00 00`
  assert.deepEqual(bridgePort.decode(bytes), { hairpin: 1, isolated: 1 })
  assert.deepEqual([...bridgePort.encode({ hairpin: 1, isolated: 1 })], [...bytes])
})

test('securityAssociation has the size of struct xfrm_usersa_info, and its algorithm that of xfrm_algo_aead', () => {
  const header = securityAssociation.decode(new Uint8Array(224)).header
  assert.throws(() => securityAssociation.decode(new Uint8Array(223)), RangeError)
  const aead = { algorithm: 'rfc4106(gcm(aes))', key: Uint8Array.of(1, 2, 3, 4), checkLength: 128 }
  const bytes = securityAssociation.encode(header, { aead })
  assert.equal(bytes.length, 224 + 4 + 64 + 8 + 4)
  assert.deepEqual(securityAssociation.decode(bytes).attributes, { aead })
})
