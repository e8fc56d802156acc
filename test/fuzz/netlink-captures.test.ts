import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressMessage } from '../../src/wire/netlink/address.ts'
import { bridgePort } from '../../src/wire/netlink/bridge-port.ts'
import { conntrackMessage } from '../../src/wire/netlink/conntrack.ts'
import { linkMessage } from '../../src/wire/netlink/link.ts'
import { linkKinds } from '../../src/wire/netlink/link-kinds.ts'
import { neighbourMessage } from '../../src/wire/netlink/neighbour.ts'
import { routeMessage } from '../../src/wire/netlink/route.ts'
import { ruleMessage } from '../../src/wire/netlink/rule.ts'

/** What a real kernel says; `test/support/capture-netlink.ts` writes it. */
function captures(name: string): Uint8Array[] {
  const lines = readFileSync(new URL(`../fixtures/netlink/${name}.hex`, import.meta.url), 'utf8').split('\n')
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => new Uint8Array(Buffer.from(line, 'hex')))
}

interface AnyMessage {
  decode(bytes: Uint8Array): { header: any; attributes: any }
  encode(header: any, attributes: any): Uint8Array
}
const codecs: Readonly<Record<string, AnyMessage>> = {
  address: addressMessage,
  conntrack: conntrackMessage,
  link: linkMessage,
  neighbour: neighbourMessage,
  route: routeMessage,
  rule: ruleMessage,
}

/** Everything that is in a message, down to the data of its kind of link. */
function readAll(name: string, bytes: Uint8Array): unknown {
  const { attributes } = codecs[name]!.decode(bytes)
  const { kind, data, portKind, portData } = attributes.info ?? {}
  if (data && kind in linkKinds) linkKinds[kind as keyof typeof linkKinds].decode(data)
  if (portData && portKind === 'bridge') bridgePort.decode(portData)
  return attributes
}

for (const [name, { decode, encode }] of Object.entries(codecs)) {
  test(`${name}: what the kernel says is read, and written again without loss`, () => {
    for (const bytes of captures(name)) {
      const value = decode(bytes)
      const again = encode(value.header, value.attributes)
      assert.equal(again.length, bytes.length)
      assert.deepEqual(decode(again), value)
      readAll(name, bytes)
    }
  })

  test(`${name}: what the kernel says, damaged, is read or refused with a RangeError`, () => {
    const damage = fc.record({
      message: fc.constantFrom(...captures(name)),
      changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
      cut: fc.option(fc.nat(), { nil: undefined }),
    })
    fc.assert(
      fc.property(damage, ({ message, changes, cut }) => {
        const bytes = message.slice(0, cut === undefined ? message.length : cut % (message.length + 1))
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value
        try {
          readAll(name, bytes)
        } catch (error) {
          if (!(error instanceof RangeError)) throw error
        }
      }),
      { seed: 20_261_121, numRuns: 3000 },
    )
  })
}

test('link: the fields of a captured bridge, veth and tunnel are where the header files say', () => {
  const links = captures('link').map((bytes) => linkMessage.decode(bytes).attributes)
  const brief = links.map(({ name, mtu, address, info, operState }) => ({
    name,
    mtu,
    address,
    kind: info?.kind,
    operState,
  }))
  const mac = '02:42:0a:01:00:01'
  assert.deepEqual(brief, [
    { name: 'lo', mtu: 65536, address: '00:00:00:00:00:00', kind: undefined, operState: 0 },
    { name: 'br0', mtu: 1500, address: mac, kind: 'bridge', operState: 6 },
    { name: 'veth0', mtu: 1500, address: mac, kind: 'veth', operState: 2 },
    { name: 'vx0', mtu: 1500, address: mac, kind: 'vxlan', operState: 0 },
  ])
  const { id, local, port, learning } = linkKinds.vxlan.decode(links[3]!.info!.data!)
  assert.deepEqual({ id, local, port, learning }, { id: 4097, local: '192.0.2.1', port: 4789, learning: 0 })
})
