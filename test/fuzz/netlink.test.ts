import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeNftablesChange, decodeRouteChange } from '../../src/kernel/netlink/network-change.ts'
import { addressMessage } from '../../src/wire/netlink/address.ts'
import { bridgePort } from '../../src/wire/netlink/bridge-port.ts'
import { conntrackMessage } from '../../src/wire/netlink/conntrack.ts'
import { decodeAcknowledgement, decodeFrames } from '../../src/wire/netlink/frame.ts'
import { linkMessage } from '../../src/wire/netlink/link.ts'
import { linkKinds } from '../../src/wire/netlink/link-kinds.ts'
import { namespaceIdMessage } from '../../src/wire/netlink/namespace-id.ts'
import { neighbourMessage } from '../../src/wire/netlink/neighbour.ts'
import { decodeNftablesNotice } from '../../src/wire/netlink/nftables.ts'
import { routeMessage } from '../../src/wire/netlink/route.ts'
import { ruleMessage } from '../../src/wire/netlink/rule.ts'
import { securityAssociation } from '../../src/wire/netlink/xfrm.ts'

const seed = 20_261_121
const numRuns = 3000
const frame = { flags: 0xffff, sequence: 1, portId: 0 }

/** Everything that reads bytes which somebody else wrote. */
const decoders: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  decodeFrames,
  'decodeAcknowledgement of an error': (body) => decodeAcknowledgement({ ...frame, type: 2, body }),
  'decodeAcknowledgement of a dump': (body) => decodeAcknowledgement({ ...frame, type: 3, body }),
  addressMessage: addressMessage.decode,
  bridgePort: bridgePort.decode,
  conntrackMessage: conntrackMessage.decode,
  linkMessage: linkMessage.decode,
  namespaceIdMessage: namespaceIdMessage.decode,
  neighbourMessage: neighbourMessage.decode,
  routeMessage: routeMessage.decode,
  ruleMessage: ruleMessage.decode,
  securityAssociation: securityAssociation.decode,
  ...Object.fromEntries(Object.entries(linkKinds).map(([kind, { decode }]) => [`linkKinds.${kind}`, decode])),
  ...Object.fromEntries(
    [16, 17, 20, 21, 24, 25, 28, 29].map((type) => [
      `decodeRouteChange of type ${type}`,
      (body: Uint8Array) => decodeRouteChange({ ...frame, type, body }),
    ]),
  ),
  'decodeNftablesNotice of any type': (bytes) => decodeNftablesNotice(0xa00 | (bytes[0] ?? 0), bytes),
  'decodeNftablesChange of any type': (body) => decodeNftablesChange({ ...frame, type: body[0] ?? 0, body }),
}

/** Attributes that look right on the outside: length, type and padding. */
const attributes = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.boolean(), fc.uint8Array({ maxLength: 40 })), { maxLength: 8 })
  .map((all) =>
    Buffer.concat(
      all.map(([type, isNested, payload]) => {
        const one = Buffer.alloc((4 + payload.length + 3) & ~3)
        one.writeUInt16LE(4 + payload.length, 0)
        one.writeUInt16LE(type | (isNested ? 0x8000 : 0), 2)
        one.set(payload, 4)
        return one
      }),
    ),
  )
const plausible = fc
  .tuple(fc.constantFrom(0, 4, 8, 12, 16, 224), attributes, fc.integer({ min: 0, max: 3 }))
  .map(([head, rest, cut]) => {
    const bytes = Buffer.concat([Buffer.alloc(head, 2), rest])
    return new Uint8Array(bytes.subarray(0, bytes.length - cut))
  })
const anything = fc.oneof(fc.uint8Array({ maxLength: 300 }), plausible)

for (const [name, decode] of Object.entries(decoders))
  test(`${name} reads any bytes, or throws a RangeError`, () => {
    fc.assert(
      fc.property(anything, (bytes) => {
        const before = bytes.slice()
        try {
          decode(bytes)
        } catch (error) {
          if (!(error instanceof RangeError)) throw error
        }
        assert.deepEqual(bytes, before)
      }),
      { seed, numRuns },
    )
  })

/** Codecs whose every value can be written again. */
const codecs = {
  addressMessage,
  conntrackMessage,
  linkMessage,
  namespaceIdMessage,
  neighbourMessage,
  routeMessage,
  ruleMessage,
  securityAssociation,
} as Readonly<Record<string, { decode(bytes: Uint8Array): any; encode(header: any, attributes: any): Uint8Array }>>

for (const [name, { decode, encode }] of Object.entries(codecs))
  test(`${name} reads again what it has written of what it has read`, () => {
    fc.assert(
      fc.property(plausible, (bytes) => {
        let first: ReturnType<typeof decode>
        try {
          first = decode(bytes)
        } catch (error) {
          if (error instanceof RangeError) return
          throw error
        }
        assert.deepEqual(decode(encode(first.header, first.attributes)), first)
      }),
      { seed, numRuns },
    )
  })
