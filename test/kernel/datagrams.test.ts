import assert from 'node:assert/strict'
import { closeSync } from 'node:fs'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { DatagramBatch, notSent } from '../../src/kernel/sockets/datagrams.ts'
import {
  bindSocket,
  connectSocket,
  encodeSocketAddress,
  localPort,
  openSocket,
  receiveDatagram,
  sendDatagram,
  sendDatagramTo,
  tellDestination,
} from '../../src/kernel/sockets/sockets.ts'
import { raiseLoopback } from '../support/dig.ts'
import { kernelTest } from '../support/kernel.ts'

/** A UDP socket on a port of the kernel's choice; it closes with `stack`. */
function open(stack: DisposableStack, namespace: NetworkNamespace, address: string): { fd: number; port: number } {
  const fd = namespace.run(() => stack.adopt(openSocket('udp', address), closeSync))
  bindSocket(fd, address, 0)
  return { fd, port: localPort(fd) }
}

function read(fd: number): string | undefined {
  const buffer = Buffer.alloc(10_000)
  const length = receiveDatagram(fd, buffer)
  return length === undefined ? undefined : buffer.toString('utf8', 0, length)
}

kernelTest('DatagramBatch answers many datagrams, each to who sent it', async ({ namespace }) => {
  await raiseLoopback(namespace)
  using stack = new DisposableStack()
  const server = open(stack, namespace, '127.0.0.1')
  const clients = Array.from({ length: 10 }, () => open(stack, namespace, '127.0.0.1'))
  const to = encodeSocketAddress('127.0.0.1', server.port)
  const batch = new DatagramBatch({ slots: 4, slotBytes: 16 })
  const lengths = new Int32Array(4)
  assert.equal(batch.receive(server.fd), 0)
  for (const [i, { fd }] of clients.entries()) sendDatagramTo(fd, Buffer.from(`client ${i}`), to)
  const counts = []
  for (let count = batch.receive(server.fd); count > 0; count = batch.receive(server.fd)) {
    counts.push(count)
    for (let i = 0; i < count; i++) {
      const words = `${batch.slots[i]!.toString('utf8', 0, batch.length(i))}!`
      lengths[i] = words.includes('3') ? notSent : batch.slots[i]!.write(words)
    }
    batch.reply(server.fd, lengths, count)
  }
  assert.deepEqual(counts, [4, 4, 2])
  const expected = clients.map((_, i) => (i === 3 ? undefined : `client ${i}!`))
  assert.deepEqual(
    clients.map(({ fd }) => read(fd)),
    expected,
  )
})

kernelTest('DatagramBatch loses what the kernel refuses, and nothing else', async ({ namespace }) => {
  await raiseLoopback(namespace)
  using stack = new DisposableStack()
  const [server, client] = [open(stack, namespace, '127.0.0.1'), open(stack, namespace, '127.0.0.1')]
  const to = encodeSocketAddress('127.0.0.1', server.port)
  for (const word of ['a', 'b', 'c']) sendDatagramTo(client.fd, Buffer.from(word), to)
  const batch = new DatagramBatch({ slots: 4 })
  assert.equal(batch.receive(server.fd), 3)
  batch.setPeer(1, { name: encodeSocketAddress('255.255.255.255', 9), control: Buffer.alloc(0) }) // EACCES
  batch.reply(server.fd, Int32Array.of(1, 1, 1), 3)
  assert.deepEqual([read(client.fd), read(client.fd), read(client.fd)], ['a', 'c', undefined])
})

for (const [any, address] of [
  ['0.0.0.0', '127.0.0.7'],
  ['::', '::1'],
] as const)
  kernelTest(`DatagramBatch answers from the address that was asked, bound to ${any}`, async ({ namespace }) => {
    await raiseLoopback(namespace)
    using stack = new DisposableStack()
    const server = open(stack, namespace, any)
    tellDestination(server.fd, any)
    const client = open(stack, namespace, any === '::' ? '::1' : '127.0.0.9')
    connectSocket(client.fd, address, server.port) // hears nobody else
    sendDatagram(client.fd, Buffer.from('x'))
    const batch = new DatagramBatch({ slots: 2, destinations: true })
    assert.equal(batch.receive(server.fd), 1)
    const peer = batch.peer(0)
    batch.reply(server.fd, Int32Array.of(1), 1)
    assert.equal(read(client.fd), 'x')
    batch.setPeer(0, peer)
    batch.reply(server.fd, Int32Array.of(1), 1)
    assert.equal(read(client.fd), 'x')
  })
