import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync, readdirSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { silentLog } from '../../src/base/log.ts'
import { DatagramBatch } from '../../src/kernel/datagrams.ts'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { Poller } from '../../src/kernel/poller.ts'
import { allowReuse, bindSocket, listenSocket, openSocket } from '../../src/kernel/sockets.ts'
import { Ports } from '../../src/resolver/ports/ports.ts'
import { UdpProxy } from '../../src/resolver/ports/udp-proxy.ts'
import type { PortReservation } from '../../src/resolver/protocol.ts'
import { connectTcp } from '../../src/resolver/tcp-connect.ts'
import { raiseLoopback, runIn } from '../support/dig.ts'
import { kernelTest } from '../support/kernel.ts'
import { startResolver } from '../support/resolver.ts'

const port = (changes: Partial<PortReservation> = {}): PortReservation => {
  return { owner: 'c1', protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 8080, count: 1, ...changes }
}
const reservation = (...ports: Partial<PortReservation>[]) => {
  return { do: 'reserve-ports' as const, ports: (ports.length === 0 ? [{}] : ports).map(port) }
}
const release = (changes: Partial<PortReservation> = {}) => ({ do: 'release-ports' as const, ports: [port(changes)] })
const retain = (...ports: PortReservation[]) => ({ do: 'retain' as const, sandboxes: [], endpoints: [], ports })

/** What `ss` sees bound: `"tcp 0.0.0.0:8080"`, sorted. */
async function bound(namespace: NetworkNamespace, ...options: string[]): Promise<string[]> {
  const lines = (await runIn(namespace, 'ss', '-Hlntu', ...options)).trim().split('\n').filter(Boolean)
  return lines
    .map((line) => line.split(/\s+/))
    .map(([kind, , , , address]) => `${kind} ${address}`)
    .sort()
}

/** A TCP server in a namespace that gives each connection to `serve`. */
async function serveTcp(namespace: NetworkNamespace, address: string, port: number, serve: (socket: Socket) => void) {
  const fd = namespace.run(() => {
    const opened = openSocket('tcp', address)
    allowReuse(opened)
    bindSocket(opened, address, port)
    listenSocket(opened, 16)
    return opened
  })
  const server = createServer({ allowHalfOpen: true }, serve).listen({ fd })
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

/** A UDP socket in a namespace, adopted by Node. */
async function openUdp(namespace: NetworkNamespace, address: string, port: number) {
  const fd = namespace.run(() => {
    const opened = openSocket('udp', address)
    bindSocket(opened, address, port)
    return opened
  })
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  const listening = once(socket, 'listening')
  socket.bind({ fd })
  await listening
  return {
    socket,
    async [Symbol.asyncDispose]() {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

kernelTest('resolver holds ports of both protocols and families until they are released', async ({ namespace }) => {
  await raiseLoopback(namespace)
  await using resolver = await startResolver(namespace)
  const { client } = resolver
  const udp = port({ protocol: 'udp', hostAddress: '127.0.0.1' })
  const wanted = [
    reservation(),
    reservation({ hostAddress: '::' }),
    reservation(udp),
    reservation({ protocol: 'udp', hostAddress: '::1' }),
  ]
  // The second time nothing changes.
  for (const request of [...wanted, ...wanted]) await client.tell(request)
  assert.deepEqual(await bound(namespace), [
    'tcp 0.0.0.0:8080',
    'tcp [::]:8080',
    'udp 127.0.0.1:8080',
    'udp [::1]:8080',
  ])
  await client.tell(release())
  await client.tell(release())
  await client.tell(retain(udp))
  assert.deepEqual(await bound(namespace), ['udp 127.0.0.1:8080'])
})

kernelTest('resolver says which port the kernel refuses and why, and keeps what it had', async ({ namespace }) => {
  await raiseLoopback(namespace)
  await using resolver = await startResolver(namespace)
  const { client } = resolver
  await client.tell(reservation())
  const refusal = async (...ports: Partial<PortReservation>[]) => {
    const { error } = await client.ask(reservation(...ports.map((each) => ({ owner: 'c2', ...each }))))
    return error && [error.errno, error.port?.hostAddress, error.port?.hostPort]
  }
  assert.deepEqual(await refusal({}), ['EADDRINUSE', '0.0.0.0', 8080])
  assert.deepEqual(await refusal({ hostAddress: '127.0.0.1' }), ['EADDRINUSE', '127.0.0.1', 8080])
  const range = { hostPort: 8070, count: 20 }
  assert.deepEqual(await refusal({ protocol: 'udp' }, range), ['EADDRINUSE', '0.0.0.0', 8080])
  assert.deepEqual(await refusal({ ...range, hostAddress: '*' }), ['EADDRINUSE', '0.0.0.0', 8080])
  assert.deepEqual(await refusal({ hostAddress: '192.0.2.1' }), ['EADDRNOTAVAIL', '192.0.2.1', 8080])
  const sctp = await refusal({ protocol: 'sctp' })
  assert.ok(sctp === undefined || sctp[0] === 'EPROTONOSUPPORT')
  await client.tell(release({ owner: 'c2', protocol: 'sctp' }))
  assert.deepEqual(await bound(namespace), ['tcp 0.0.0.0:8080'])
})

kernelTest(
  'resolver holds a range for both families by one socket for each port, and takes it apart',
  async ({ namespace }) => {
    await using resolver = await startResolver(namespace)
    const { client } = resolver
    const range = { hostAddress: '*', hostPort: 20_000, count: 1000 }
    for (const owner of ['c1', 'c1']) await client.tell(reservation({ ...range, owner }))
    assert.equal((await bound(namespace)).length, 1000)
    assert.ok(readdirSync(`/proc/${resolver.process.pid}/fd`).length < 1060)
    const others = await client.ask(reservation({ owner: 'c2', hostAddress: '::', hostPort: 20_500 }))
    assert.deepEqual([others.error.errno, others.error.port.hostAddress], ['EADDRINUSE', '::'])

    for (const hostAddress of ['0.0.0.0', '::']) await client.tell(release({ hostAddress, hostPort: 20_500 }))
    assert.equal((await bound(namespace)).length, 999)
    await client.tell(reservation({ owner: 'c2', hostAddress: '::', hostPort: 20_500 }))
    assert.deepEqual(await bound(namespace, 'sport', '=', '20500'), ['tcp [::]:20500'])

    // A daemon that comes back says the same in other words.
    const single = { hostPort: 20_001 }
    await client.tell(reservation({ ...single, hostAddress: '0.0.0.0' }, { ...single, hostAddress: '::' }))
    await client.tell(
      retain(port({ ...single, hostAddress: '::' }), port({ hostAddress: '*', hostPort: 20_003, count: 2 })),
    )
    assert.deepEqual(await bound(namespace), ['tcp *:20001', 'tcp *:20003', 'tcp *:20004'])
    await client.tell(retain())
    assert.deepEqual(await bound(namespace), [])
  },
)

kernelTest('resolver carries each port of a range for both families in step, by IPv6 alone', async ({ namespace }) => {
  await raiseLoopback(namespace)
  await using resolver = await startResolver(namespace)
  const proxyTo = { address: '127.0.0.2', port: 90 }
  const range = { hostAddress: '*', hostPort: 8000, count: 3, proxyTo }
  await resolver.client.tell(reservation(range, { ...range, protocol: 'udp' }))
  await using _ = await serveTcp(namespace, '127.0.0.2', 92, (socket) => socket.end('served'))
  assert.equal(await text(connectTcp(namespace, '::1', 8002).end()), 'served')
  const [error] = await once(connectTcp(namespace, '127.0.0.1', 8002), 'error')
  assert.equal(error.code, 'ECONNRESET')

  await using server = await openUdp(namespace, '127.0.0.2', 91)
  server.socket.on('message', (data, { port: to, address }) => server.socket.send(`${data}!`, to, address))
  await using client = await openUdp(namespace, '::1', 7001)
  const heard = once(client.socket, 'message')
  client.socket.send('word', 8001, '::1')
  assert.equal(String((await heard)[0]), 'word!')
})

kernelTest('Ports keeps descriptors for others, and holds none of a range that is too long', async ({ namespace }) => {
  await using poller = new Poller()
  using ports = new Ports({ poller, log: silentLog, descriptors: 20 })
  namespace.run(() => {
    assert.throws(() => ports.reserve([port({ count: 11 })]), {
      errno: 'EMFILE',
      port: { hostAddress: '0.0.0.0', hostPort: 8090 },
    })
    ports.reserve([port({ count: 10 })])
  })
  assert.equal((await bound(namespace)).length, 10)
})

kernelTest('resolver carries TCP each way until that way is closed', async ({ namespace }) => {
  await raiseLoopback(namespace)
  await using resolver = await startResolver(namespace)
  await using _ = await serveTcp(namespace, '127.0.0.2', 80, (socket) => {
    let length = 0
    socket.on('data', (chunk) => {
      length += chunk.length
    })
    socket.on('end', () => socket.end(`heard ${length}`)) // when the client has said all
  })
  const proxyTo = { address: '127.0.0.2', port: 80 }
  await resolver.client.tell(reservation({ hostAddress: '::1', proxyTo }))
  const client = connectTcp(namespace, '::1', 8080)
  client.end('x'.repeat(5_000_000)) // far more than what sockets buffer
  assert.equal(await text(client), 'heard 5000000')
})

kernelTest('resolver tells a client when the container is not there', async ({ namespace }) => {
  await raiseLoopback(namespace)
  await using resolver = await startResolver(namespace)
  await resolver.client.tell(reservation({ proxyTo: { address: '127.0.0.2', port: 80 } }))
  const client = connectTcp(namespace, '127.0.0.1', 8080)
  const [error] = await once(client, 'error')
  assert.equal(error.code, 'ECONNRESET')
})

kernelTest('resolver carries a port to a new target, from a namespace of its own, and stops', async ({ namespace }) => {
  using box = NetworkNamespace.create()
  for (const each of [namespace, box]) await raiseLoopback(each)
  await using resolver = await startResolver(namespace)
  await using _ = await serveTcp(namespace, '127.0.0.1', 81, (socket) => socket.end('host'))
  await using __ = await serveTcp(box, '127.0.0.1', 81, (socket) => socket.end('box'))
  const read = () => text(connectTcp(namespace, '127.0.0.1', 8080).end())
  const target = { address: '127.0.0.1', port: 81 }
  await resolver.client.tell(reservation({ proxyTo: target }))
  assert.equal(await read(), 'host')
  await resolver.client.tell(reservation({ proxyTo: { ...target, netnsPath: box.path } }))
  assert.equal(await read(), 'box')
  await resolver.client.tell(reservation())
  assert.deepEqual(await bound(namespace, 'sport', '=', '8080'), ['tcp 0.0.0.0:8080'])
  await resolver.client.tell(reservation({ proxyTo: target }))
  assert.equal(await read(), 'host')
})

for (const [client, local, container] of [
  ['127.0.0.9', '127.0.0.5', '127.0.0.2'],
  ['::1', '::1', '127.0.0.2'],
] as const)
  kernelTest(
    `resolver carries UDP of several clients from ${local} to ${container} and back`,
    async ({ namespace }) => {
      await raiseLoopback(namespace)
      await using resolver = await startResolver(namespace)
      await using server = await openUdp(namespace, container, 5353)
      server.socket.on('message', (data, { port, address }) => server.socket.send(`${data}!`, port, address))
      const any = local.includes(':') ? '::' : '0.0.0.0'
      const proxyTo = { address: container, port: 5353 }
      await resolver.client.tell(reservation({ protocol: 'udp', hostAddress: any, proxyTo }))
      await using one = await openUdp(namespace, client, 7001)
      await using two = await openUdp(namespace, client, 7002)
      for (const [{ socket }, word] of [
        [one, 'first'],
        [two, 'second'],
        [one, 'x'.repeat(60_000)],
      ] as const) {
        const heard = once(socket, 'message')
        socket.send(word, 8080, local)
        const [data, from] = await heard
        assert.deepEqual([String(data), from.address], [`${word}!`, local], 'the answer comes from where it was sought')
      }
    },
  )

kernelTest('resolver carries UDP to a new target', async ({ namespace }) => {
  await raiseLoopback(namespace)
  await using resolver = await startResolver(namespace)
  const reserve = (address: string) =>
    resolver.client.tell(reservation({ protocol: 'udp', proxyTo: { address, port: 5353 } }))
  await using stack = new AsyncDisposableStack()
  for (const address of ['127.0.0.2', '127.0.0.3']) {
    const { socket } = stack.use(await openUdp(namespace, address, 5353))
    socket.on('message', (_, client) => socket.send(address, client.port, client.address))
  }
  await using client = await openUdp(namespace, '127.0.0.1', 7001)
  for (const address of ['127.0.0.2', '127.0.0.3']) {
    await reserve(address)
    const heard = once(client.socket, 'message')
    client.socket.send('', 8080, '127.0.0.1') // an empty datagram is a datagram
    assert.equal(String((await heard)[0]), address)
  }
})

kernelTest('UdpProxy forgets a client that has nothing to say', async ({ namespace }) => {
  await raiseLoopback(namespace)
  await using poller = new Poller()
  using stack = new DisposableStack()
  await using server = await openUdp(namespace, '127.0.0.2', 5353)
  const fd = namespace.run(() => stack.adopt(openSocket('udp', '0.0.0.0'), closeSync))
  bindSocket(fd, '0.0.0.0', 8080)
  const batch = new DatagramBatch({ slots: 2, destinations: true })
  const target = { address: '127.0.0.2', port: 5353, netnsPath: namespace.path }
  using _ = new UdpProxy({
    fd,
    hostAddress: '0.0.0.0',
    targets: { ipv4: target },
    poller,
    batch,
    log: silentLog,
    idleMs: 20,
  })
  await using client = await openUdp(namespace, '127.0.0.1', 7001)
  const open = (await bound(namespace, '-a')).length
  for (let again = 0; again < 2; again++) {
    const heard = once(server.socket, 'message')
    client.socket.send('x', 8080, '127.0.0.1')
    await heard
    while ((await bound(namespace, '-a')).length > open);
  }
})
