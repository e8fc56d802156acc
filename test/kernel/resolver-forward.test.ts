import assert from 'node:assert/strict'
import { closeSync } from 'node:fs'
import { setImmediate as tick } from 'node:timers/promises'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { Poller } from '../../src/kernel/poller.ts'
import {
  bindSocket,
  encodeSocketAddress,
  openSocket,
  receiveDatagram,
  sendDatagramTo,
} from '../../src/kernel/sockets/sockets.ts'
import { DnsCounts } from '../../src/resolver/counts.ts'
import type { ForwardTimes } from '../../src/resolver/forward/forward-race.ts'
import { Forwarder } from '../../src/resolver/forward/forwarder.ts'
import { ReplyCache } from '../../src/resolver/forward/reply-cache.ts'
import { ServerPool } from '../../src/resolver/forward/server-pool.ts'
import { createDatagramBuffer } from '../../src/resolver/forward/upstream-socket.ts'
import type { SandboxSetup } from '../../src/resolver/protocol.ts'
import { Sandboxes } from '../../src/resolver/sandboxes.ts'
import { NameTable } from '../../src/resolver/serving/names.ts'
import { UdpService } from '../../src/resolver/serving/udp-service.ts'
import { encodeMessage } from '../../src/wire/dns/message.ts'
import { dig, raiseLoopback } from '../support/dig.ts'
import { addresses, code, startDnsServer } from '../support/dns-server.ts'
import { kernelTest } from '../support/kernel.ts'
import { sandboxSetup } from '../support/resolver.ts'

const host = (address: string) => ({ address, from: 'host' as const })
const own = (address: string) => ({ address, from: 'sandbox' as const })
/** Long enough never to be reached by a server that answers. */
const patient: ForwardTimes = { answerMs: 10_000, graceMs: 10_000 }

/** A container and a host in this process, so that times can be short and servers odd. */
interface Stage {
  readonly box: NetworkNamespace
  readonly host: NetworkNamespace
  put(changes: Partial<SandboxSetup>): void
}

function forwardTest(name: string, body: (stage: Stage) => Promise<void>, times: ForwardTimes = patient): void {
  kernelTest(name, async ({ namespace }) => {
    using box = NetworkNamespace.create()
    for (const each of [box, namespace]) await raiseLoopback(each)
    await using poller = new Poller()
    const buffer = createDatagramBuffer()
    using hostServers = new ServerPool({ poller, buffer, namespace })
    const forwarder = new Forwarder({ cache: new ReplyCache(), times })
    const names = new NameTable()
    names.put({ id: 'e', networkId: 'n1', names: ['web'], addresses: ['10.0.0.2'] })
    using sandboxes = new Sandboxes({
      names,
      poller,
      buffer,
      hostServers,
      forwarder,
      udpService: new UdpService(),
      counts: new DnsCounts(),
    })
    const put = (changes: Partial<SandboxSetup>) => sandboxes.put(sandboxSetup(box, changes))
    await body({ box, host: namespace, put })
  })
}

const first = '192.0.2.1'
const seen = async (box: NetworkNamespace, ...words: string[]) => {
  const { status, answers } = await dig(box, ...words)
  return [status, ...answers.map((line) => line.split(' ').at(-1))]
}

forwardTest('resolver asks servers of the host from there, and servers of the container from there', async (stage) => {
  await using ofHost = await startDnsServer(stage.host, '127.0.0.53', (query) => addresses(query, 1))
  await using ofBox = await startDnsServer(stage.box, '127.0.0.53', (query) => addresses(query, 2))
  stage.put({ upstreams: [host('127.0.0.53')] })
  assert.deepEqual(await seen(stage.box, 'example.org'), ['NOERROR', first])
  stage.put({ upstreams: [own('127.0.0.53')] })
  assert.deepEqual(await seen(stage.box, 'example.org'), ['NOERROR', '192.0.2.2'])
  assert.deepEqual([ofHost.asked.length, ofBox.asked.length], [1, 1])
  assert.deepEqual(await seen(stage.box, 'web'), ['NOERROR', '10.0.0.2'])
  assert.deepEqual(await seen(stage.box, 'web', 'AAAA'), ['NOERROR'])
  assert.equal(ofBox.asked.length, 1, 'what is known is never forwarded')
})

forwardTest('resolver asks no server of the host for an internal container', async (stage) => {
  await using ofHost = await startDnsServer(stage.host, '127.0.0.53', (query) => addresses(query, 1))
  stage.put({ upstreams: [host('127.0.0.53')], forwardFromHost: false })
  assert.deepEqual(await seen(stage.box, 'example.org'), ['SERVFAIL'])
  await using ofBox = await startDnsServer(stage.box, '::1', (query) => addresses(query, 2))
  stage.put({ upstreams: [host('127.0.0.53'), own('::1')], forwardFromHost: false })
  assert.deepEqual(await seen(stage.box, 'example.org'), ['NOERROR', '192.0.2.2'])
  assert.deepEqual([ofHost.asked.length, ofBox.asked.length], [0, 1])
})

forwardTest('resolver tells a reply again until it is too old, also the answer no', async (stage) => {
  await using server = await startDnsServer(stage.host, '127.0.0.53', (query) =>
    query.questions[0]!.type === 1 ? addresses(query, 1) : code(query, 3),
  )
  stage.put({ upstreams: [host('127.0.0.53')] })
  for (const words of [['example.org'], ['EXAMPLE.org'], ['+tcp', 'example.org']])
    assert.deepEqual(await seen(stage.box, ...words), ['NOERROR', first])
  for (let i = 0; i < 2; i++) assert.deepEqual(await seen(stage.box, 'example.org', 'TXT'), ['NXDOMAIN'])
  assert.deepEqual(server.asked, ['udp 1 \x07example\x03org', 'udp 16 \x07example\x03org'])
  assert.deepEqual(await seen(stage.box, '+noedns', 'example.org'), ['NOERROR', first])
  assert.equal(server.asked.length, 3, 'a client without EDNS0 gets a reply without it')
})

forwardTest('resolver asks all servers at once: silent, absent and broken ones cost nothing', async (stage) => {
  await using silent = await startDnsServer(stage.host, '127.0.0.2', () => undefined)
  await using broken = await startDnsServer(stage.host, '127.0.0.3', (query) => code(query, 2))
  await using good = await startDnsServer(stage.host, '127.0.0.4', (query) => addresses(query, 1))
  stage.put({ upstreams: [host('127.0.0.2'), host('127.0.0.3'), host('127.0.0.4')] })
  assert.deepEqual(await seen(stage.box, 'a.org'), ['NOERROR', first])
  stage.put({ upstreams: [host('127.0.0.9'), host('127.0.0.2'), host('127.0.0.4')] })
  assert.deepEqual(await seen(stage.box, 'b.org'), ['NOERROR', first])
  stage.put({ upstreams: [host('127.0.0.9'), host('127.0.0.3'), host('198.51.100.1')] })
  assert.deepEqual(await seen(stage.box, 'c.org'), ['SERVFAIL'])
  assert.deepEqual([silent.asked.length, broken.asked.length, good.asked.length], [2, 2, 2])
})

forwardTest('resolver asks three servers, not more', async (stage) => {
  const servers = []
  await using stack = new AsyncDisposableStack()
  for (const last of [2, 3, 4, 5])
    servers.push(stack.use(await startDnsServer(stage.host, `127.0.0.${last}`, (query) => code(query, 5))))
  stage.put({ upstreams: [2, 3, 4, 5].map((last) => host(`127.0.0.${last}`)) })
  assert.deepEqual(await seen(stage.box, 'a.org'), ['SERVFAIL'])
  assert.deepEqual(
    servers.map(({ asked }) => asked.length),
    [1, 1, 1, 0],
  )
})

forwardTest('resolver prefers the no of a server to that of one after it, and a yes to any no', async (stage) => {
  await using inner = await startDnsServer(stage.host, '127.0.0.2', (query) => addresses(query, 1))
  await using outer = await startDnsServer(stage.host, '127.0.0.3', (query) => code(query, 3))
  stage.put({ upstreams: [host('127.0.0.2'), host('127.0.0.3')] })
  assert.deepEqual(await seen(stage.box, 'inner.org'), ['NOERROR', first])
  stage.put({ upstreams: [host('127.0.0.3'), host('127.0.0.9')] })
  assert.deepEqual(await seen(stage.box, 'outer.org'), ['NXDOMAIN'])
  assert.ok(inner.asked.length + outer.asked.length >= 3)
})

forwardTest(
  'resolver waits a moment for the servers before one that says no, and the next time not at all',
  async (stage) => {
    await using silent = await startDnsServer(stage.host, '127.0.0.2', () => undefined)
    await using no = await startDnsServer(stage.host, '127.0.0.3', (query) => code(query, 3))
    stage.put({ upstreams: [host('127.0.0.2'), host('127.0.0.3')] })
    for (const name of ['a.org', 'b.org']) assert.deepEqual(await seen(stage.box, name), ['NXDOMAIN'])
    assert.deepEqual([silent.asked.length, no.asked.length], [2, 2])
  },
  { answerMs: 10_000, graceMs: 20 },
)

forwardTest(
  'resolver says SERVFAIL when nobody answers in time',
  async (stage) => {
    await using silent = await startDnsServer(stage.host, '127.0.0.2', () => undefined)
    stage.put({ upstreams: [host('127.0.0.2')] })
    assert.deepEqual(await seen(stage.box, 'a.org'), ['SERVFAIL'])
    assert.deepEqual(await seen(stage.box, '+tcp', 'a.org'), ['SERVFAIL'])
    assert.equal(silent.asked.length, 2)
  },
  { answerMs: 30, graceMs: 10 },
)

forwardTest('resolver fetches over TCP what a server truncates', async (stage) => {
  const bytes = Array.from({ length: 120 }, (_, i) => i)
  await using server = await startDnsServer(stage.host, '127.0.0.53', (query, over) =>
    over === 'tcp' ? addresses(query, ...bytes) : { ...addresses(query, 1), flags: 0x8380 },
  )
  stage.put({ upstreams: [host('127.0.0.53')] })
  assert.equal((await dig(stage.box, '+tcp', 'long.org')).answers.length, 120)
  assert.equal((await dig(stage.box, '+bufsize=4096', 'long.org')).answers.length, 120)
  const short = await dig(stage.box, '+bufsize=1232', '+ignore', 'long.org')
  assert.deepEqual([short.flags.includes('tc'), short.answers], [true, []])
  assert.deepEqual(server.asked, ['udp 1 \x04long\x03org', 'tcp 1 \x04long\x03org'])
})

forwardTest(
  'resolver passes on what a server cut short when it has no TCP',
  async (stage) => {
    await using _ = await startDnsServer(stage.host, '127.0.0.53', (query, over) =>
      over === 'tcp' ? Buffer.from('no') : { ...addresses(query, 1), flags: 0x8380 },
    )
    stage.put({ upstreams: [host('127.0.0.53')] })
    const { flags, answers } = await dig(stage.box, '+ignore', 'long.org')
    assert.deepEqual([flags.includes('tc'), answers.length], [true, 1])
  },
  { answerMs: 1000, graceMs: 10 },
)

forwardTest('resolver believes only answers to its question', async (stage) => {
  const other = (query: Parameters<typeof addresses>[0]) => [{ ...query.questions[0]!, key: '\x04evil\x03org' }]
  await using _ = await startDnsServer(stage.host, '127.0.0.53', (query) => [
    { ...addresses(query, 66), id: (query.id + 1) & 0xffff },
    { ...addresses(query, 66), questions: other(query) },
    { ...addresses(query, 66), flags: 0x0100 },
    encodeMessage(addresses(query, 66)).subarray(0, -2),
    Buffer.from([1]),
    addresses(query, 1),
  ])
  stage.put({ upstreams: [host('127.0.0.53')] })
  assert.deepEqual(await seen(stage.box, 'a.org'), ['NOERROR', first])
})

forwardTest('resolver asks from ports and with ids that nobody can guess', async (stage) => {
  const ids = new Set<number>()
  await using server = await startDnsServer(stage.host, '127.0.0.53', (query) => {
    ids.add(query.id)
    return addresses(query, 1)
  })
  stage.put({ upstreams: [host('127.0.0.53')] })
  const names = Array.from({ length: 100 }, (_, i) => `n${i}.org`)
  await dig(stage.box, ...names)
  assert.equal(server.ports.length, 100)
  assert.ok(new Set(server.ports).size >= 4, 'a port is used for 32 questions at most')
  assert.ok(ids.size >= 95)
})

forwardTest('resolver refuses questions that are too many, and asks once for all that are the same', async (stage) => {
  await using server = await startDnsServer(stage.host, '127.0.0.53', () => undefined)
  stage.put({ upstreams: [host('127.0.0.53')] })
  const fd = stage.box.run(() => {
    const opened = openSocket('udp', '127.0.0.1')
    bindSocket(opened, '127.0.0.1', 0)
    return opened
  })
  const to = encodeSocketAddress('127.0.0.11', 53)
  const send = (id: number, name: string) => {
    const key = `${String.fromCharCode(name.length)}${name}\x03org`
    sendDatagramTo(fd, encodeMessage({ id, flags: 0x0100, questions: [{ key, type: 1, class: 1 }] }), to)
  }
  for (let i = 0; i < 1025; i++) {
    send(i, i % 2 === 0 ? 'same' : `n${i}`)
    // What comes after it has reached the server: then this has been taken too.
    if (i % 32 === 31) while (server.asked.length < 1 + (i + 1) / 2) await tick()
  }
  const reply = Buffer.alloc(512)
  let length: number | undefined
  while (length === undefined) {
    length = receiveDatagram(fd, reply)
    await tick()
  }
  assert.equal(reply.readUInt16BE(2) & 0xf, 5, 'REFUSED')
  assert.equal(server.asked.length, 513)
  closeSync(fd)
})
