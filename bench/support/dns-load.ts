/**
 * Asks DNS questions as fast as it can, and prints how fast that was, as JSON.
 *
 * `node dns-load.ts '{"namespaces": ["/proc/1/fd/3"], "sockets": 4, "window": 32, "seconds": 2, "names": ["web"]}'`
 */

import { libcFunction } from '../../src/kernel/libc.ts'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { DatagramBatch } from '../../src/kernel/sockets/datagrams.ts'
import { bindSocket, encodeSocketAddress, openSocket } from '../../src/kernel/sockets/sockets.ts'
import { encodeMessage } from '../../src/wire/dns/message.ts'
import { nameKey } from '../../src/wire/dns/name.ts'

interface Load {
  /** A socket, or several, in each of them. */
  readonly namespaces: readonly string[]
  readonly sockets: number
  /** Questions under way on each socket. 1 with `turns`: one in all, each socket in its turn. */
  readonly window: number
  readonly turns?: boolean
  readonly seconds: number
  readonly names: readonly string[]
}

const load: Load = JSON.parse(process.argv[2]!)
const batch = new DatagramBatch({ slots: load.window, slotBytes: 1024 })
const lengths = new Int32Array(load.window)
const peer = { name: encodeSocketAddress('127.0.0.11', 53), control: Buffer.alloc(0) }
const queries = load.names.map((name) =>
  encodeMessage({ id: 0, flags: 0x0100, questions: [{ key: nameKey(name)!, type: 1, class: 1 }] }),
)
const sockets = load.namespaces.flatMap((path) =>
  Array.from({ length: load.sockets }, () => {
    using namespace = NetworkNamespace.at(path)
    return namespace.run(() => {
      const fd = openSocket('udp', '127.0.0.1')
      bindSocket(fd, '127.0.0.1', 0)
      return fd
    })
  }),
)
const sentAt = sockets.map(() => new Float64Array(65_536))
const latencies: number[] = []
/** `struct pollfd` of each socket: a client that spins would take the processor that the server needs. */
const waits = Buffer.alloc(8 * sockets.length)
for (const [i, fd] of sockets.entries()) waits.writeInt32LE(fd, 8 * i) && waits.writeInt16LE(1, 8 * i + 4)
const poll = libcFunction('int poll(void *fds, unsigned long count, int timeout)')
let nextId = 0

/** Sends `count` questions; the batch's slots hold them. */
function ask(socket: number, count: number): void {
  const now = performance.now()
  for (let i = 0; i < count; i++) {
    const query = queries[nextId % queries.length]!
    nextId = (nextId + 1) & 0xffff
    query.copy(batch.slots[i]!)
    batch.slots[i]!.writeUInt16BE(nextId, 0)
    batch.setPeer(i, peer)
    lengths[i] = query.length
    sentAt[socket]![nextId] = now
  }
  batch.reply(sockets[socket]!, lengths, count)
}

/** Takes the answers that are there. */
function hear(socket: number): number {
  const count = batch.receive(sockets[socket]!)
  const now = performance.now()
  for (let i = 0; i < count; i++) latencies.push(now - sentAt[socket]![batch.slots[i]!.readUInt16BE(0)]!)
  return count
}

function run(seconds: number): void {
  const end = performance.now() + seconds * 1000
  if (load.turns)
    for (let socket = 0; performance.now() < end; socket = (socket + 1) % sockets.length) {
      ask(socket, 1)
      poll(waits.subarray(8 * socket, 8 * socket + 8), 1, 1000)
      hear(socket)
    }
  else
    while (performance.now() < end) {
      poll(waits, sockets.length, 1000)
      for (const socket of sockets.keys()) {
        const count = (waits[8 * socket + 6]! & 1) === 0 ? 0 : hear(socket)
        if (count > 0) ask(socket, count)
      }
    }
}

if (!load.turns) for (const socket of sockets.keys()) ask(socket, load.window)
run(0.5) // warm-up
latencies.length = 0
run(load.seconds)
latencies.sort((a, b) => a - b)
const at = (part: number) => latencies[Math.floor((latencies.length - 1) * part)]
console.log(JSON.stringify({ perSecond: latencies.length / load.seconds, medianMs: at(0.5), p99Ms: at(0.99) }))
process.exit()
