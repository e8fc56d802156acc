import assert from 'node:assert/strict'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { silentLog } from '../../src/base/log.ts'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { Poller } from '../../src/kernel/poller.ts'
import { DatagramBatch } from '../../src/kernel/sockets/datagrams.ts'
import { bindSocket, openSocket } from '../../src/kernel/sockets/sockets.ts'
import { UdpProxy } from '../../src/resolver/ports/udp-proxy.ts'
import { connectTcp } from '../../src/resolver/tcp-connect.ts'
import { raiseLoopback } from '../support/dig.ts'
import { kernelTest } from '../support/kernel.ts'
import { bound, openUdp, reservation, serveTcp } from '../support/port-reservations.ts'
import { startResolver } from '../support/resolver.ts'

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
