import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NetworkNamespace } from '../../kernel/namespace.ts'
import { PortRefused } from '../../resolver/ports/port-refused.ts'
import type { PortRange, PortReservation } from '../../resolver/protocol.ts'
import { createNetworkMeters } from '../meters.ts'
import type { PortWish } from '../networking.ts'
import { type PublishTarget, publishedElements } from './port-plan.ts'
import { PortPublisher } from './publish.ts'

const target: PublishTarget = {
  containerId: 'c'.repeat(64),
  containerName: 'web',
  endpointId: 'e1',
  ipv4: '172.17.0.2',
}
const other: PublishTarget = { ...target, containerId: 'd'.repeat(64), containerName: 'other', endpointId: 'e2' }

/** A publisher, with a holder that refuses what `errnos` names: `"0.0.0.0:80"`, `"0.0.0.0"`, `"sctp"`. */
function open(
  t: { after(body: () => void): void },
  errnos: Readonly<Record<string, string>> = {},
  userlandProxy = false,
) {
  const held = new Map<string, PortReservation>()
  const keyOf = ({ owner, protocol, hostAddress, hostPort }: PortRange) =>
    `${owner} ${protocol} ${hostAddress} ${hostPort}`
  const eachOf = <T extends PortRange>(ranges: readonly T[]) =>
    ranges.flatMap((range) =>
      Array.from({ length: range.count }, (_, i) => ({ ...range, hostPort: range.hostPort + i })),
    )
  const holder = {
    async reserve(ranges: readonly PortReservation[]) {
      for (const port of eachOf(ranges)) {
        const errno =
          errnos[`${port.hostAddress}:${port.hostPort}`] ?? errnos[port.hostAddress] ?? errnos[port.protocol]
        if (errno !== undefined) throw new PortRefused(port, errno, 'refused')
      }
      for (const port of eachOf(ranges)) held.set(keyOf(port), port)
    },
    async retarget() {},
    async release(ranges: readonly PortRange[]) {
      for (const port of eachOf(ranges)) held.delete(keyOf(port))
    },
  }
  const hostNamespace = NetworkNamespace.current()
  t.after(() => hostNamespace[Symbol.dispose]())
  return { held, publisher: new PortPublisher({ holder, hostNamespace, userlandProxy, meters: createNetworkMeters() }) }
}

function wish(from: number, to = from, more: Partial<PortWish> = {}): PortWish {
  return { protocol: 'tcp', containerPort: 80, hostAddress: '', hostPorts: { from, to }, ...more }
}

const where = 'driver failed programming external connectivity on endpoint'

test('PortPublisher.reserve() holds a port on every address of both families, IPv6 by the proxy', async (t) => {
  const { publisher, held } = open(t)
  const ports = await publisher.reserve([wish(8080)], target)
  const base = { protocol: 'tcp', containerPort: 80, hostPort: 8080 }
  assert.deepEqual(ports, [
    { ...base, hostAddress: '0.0.0.0' },
    { ...base, hostAddress: '::' },
  ])
  assert.deepEqual(
    [...held.values()].map(({ hostAddress, proxyTo }) => [hostAddress, proxyTo]),
    [
      ['0.0.0.0', undefined],
      ['::', { address: '172.17.0.2', port: 80 }],
    ],
  )
  assert.deepEqual(publishedElements(target, ports), [
    { set: 'published4_any', key: 'tcp . 8080', data: '172.17.0.2 . 80', comment: 'container web' },
  ])
  await publisher.release(target.containerId, ports)
  assert.equal(held.size, 0)
  assert.equal((await publisher.reserve([wish(8080)], other)).length, 2)
})

test('PortPublisher.reserve() takes one family where the wish, the network or the host has one', async (t) => {
  const { publisher } = open(t, { '::': 'EAFNOSUPPORT' })
  const addresses = async (one: PortWish, to: PublishTarget = target) =>
    (await publisher.reserve([one], to)).map(({ hostAddress }) => hostAddress)
  assert.deepEqual(await addresses(wish(1)), ['0.0.0.0'])
  assert.deepEqual(await addresses(wish(2, 2, { hostAddress: '192.0.2.1' })), ['192.0.2.1'])
  assert.deepEqual(await addresses(wish(3), { ...target, defaultHostAddress: '127.0.0.1' }), ['127.0.0.1'])
  assert.deepEqual(await addresses(wish(4), { ...target, defaultHostAddress: '0.0.0.0' }), ['0.0.0.0'])
  assert.deepEqual(await addresses(wish(5, 5, { protocol: 'sctp' })), ['0.0.0.0'])
})

test('PortPublisher.reserve() proxies everything when it is told to', async (t) => {
  const { publisher, held } = open(t, {}, true)
  await publisher.reserve([wish(8080, 8080, { hostAddress: '0.0.0.0' })], target)
  assert.deepEqual(
    [...held.values()].map(({ proxyTo }) => proxyTo),
    [{ address: '172.17.0.2', port: 80 }],
  )
})

test('PortPublisher.reserve() takes the first port of a range that is free', async (t) => {
  const { publisher } = open(t, { '0.0.0.0:8001': 'EADDRINUSE' })
  await publisher.reserve([wish(8000)], target)
  const first = await publisher.reserve([wish(8000, 8003)], other)
  assert.deepEqual([...new Set(first.map(({ hostPort }) => hostPort))], [8002])
  await publisher.reserve([wish(8003)], target)
  await assert.rejects(publisher.reserve([wish(8000, 8003)], other), {
    kind: 'internal',
    message: `${where} other (e2): all ports are allocated`,
  })
})

test('PortPublisher.reserve() gives each wish without a port another one of the ephemeral range', async (t) => {
  const { publisher } = open(t)
  const ports = await publisher.reserve([wish(0), wish(0), wish(0)], target)
  const numbers = new Set(ports.map(({ hostPort }) => hostPort))
  assert.equal(numbers.size, 3)
  assert.ok([...numbers].every((number) => number >= 1024 && number <= 65_535))
})

test('PortPublisher.reserve() refuses with Docker’s words, and holds nothing then', async (t) => {
  const { publisher, held } = open(t, { '0.0.0.0:22': 'EADDRINUSE', '192.0.2.9': 'EADDRNOTAVAIL', '[::]': 'EACCES' })
  await publisher.reserve([wish(8080)], target)
  const cases: readonly [PortWish, string][] = [
    [wish(8080), 'Bind for 0.0.0.0:8080 failed: port is already allocated'],
    [wish(8080, 8080, { hostAddress: '127.0.0.1' }), 'Bind for 127.0.0.1:8080 failed: port is already allocated'],
    [wish(8080, 8080, { hostAddress: '::1' }), 'Bind for [::1]:8080 failed: port is already allocated'],
    [wish(22), 'failed to bind host port 0.0.0.0:22/tcp: address already in use'],
    [
      wish(80, 80, { hostAddress: '192.0.2.9' }),
      'failed to bind host port 192.0.2.9:80/tcp: cannot assign requested address',
    ],
  ]
  for (const [refused, message] of cases) {
    const attempt = publisher.reserve([wish(9000), refused], other)
    await assert.rejects(attempt, { kind: 'internal', message: `${where} other (e2): ${message}` })
    assert.equal(held.size, 2)
  }
  assert.equal((await publisher.reserve([wish(9000), wish(8080, 8080, { protocol: 'udp' })], other)).length, 4)
})

test('PortPublisher.reserve() names the protocol that is refused, of several on one port', async (t) => {
  const { publisher } = open(t, { sctp: 'EPROTONOSUPPORT' })
  await assert.rejects(publisher.reserve([wish(91), wish(91, 91, { protocol: 'sctp' })], target), {
    message: /: failed to bind host port 0\.0\.0\.0:91\/sctp: protocol not supported$/,
  })
})

test('publishedElements() is one element for a range that keeps its numbers, and one for each port of one that moves', () => {
  const range = (containerPort: number) =>
    Array.from({ length: 3 }, (_, i) => {
      return { protocol: 'udp', containerPort: containerPort + i, hostAddress: '0.0.0.0', hostPort: 8000 + i } as const
    })
  const comment = 'container web'
  assert.deepEqual(publishedElements(target, range(8000)), [
    { set: 'published4_range', key: 'udp . 0.0.0.0/0 . 8000-8002', data: '172.17.0.2', comment },
  ])
  assert.deepEqual(
    publishedElements(target, range(9000)).map(({ set, data }) => `${set} ${data}`),
    [9000, 9001, 9002].map((port) => `published4_any 172.17.0.2 . ${port}`),
  )
})

test('publishedElements() opens each port once, on whatever addresses of the host it is published too', () => {
  const ports = ['0.0.0.0', '192.0.2.1'].flatMap((hostAddress, i) =>
    [80, 81, 82].slice(i).map((port) => {
      return { protocol: 'tcp', containerPort: port, hostAddress, hostPort: port + i * 1000 } as const
    }),
  )
  const elements = publishedElements({ ...target, opened: ['ipv4'] }, ports)
  assert.deepEqual(
    elements.filter(({ set }) => set.startsWith('open')).map(({ set, key }) => `${set} ${key}`),
    ['open4_range tcp . 172.17.0.2 . 80-82'],
  )
})
