import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { allowReuse, bindSocket, listenSocket, openSocket } from '../../src/kernel/sockets/sockets.ts'
import { frame, onFrames } from '../../src/resolver/serving/tcp-frames.ts'
import { decodeMessage, encodeMessage, type Message, type MessageParts } from '../../src/wire/dns/message.ts'
import { nameKey } from '../../src/wire/dns/name.ts'

/** What a server says to a question; `undefined`: nothing, ever. A list is sent one after the other. */
export type Say = (query: Message, over: 'udp' | 'tcp') => MessageParts | Buffer | undefined | (MessageParts | Buffer)[]

/** A DNS server that a test runs, and what it was asked. */
export interface TestServer extends AsyncDisposable {
  /** `"udp 1 \x03web"`: transport, type, key. */
  readonly asked: string[]
  /** Source ports of the questions that came over UDP. */
  readonly ports: number[]
}

/** Serves DNS on port 53 of an address in a namespace. */
export async function startDnsServer(namespace: NetworkNamespace, address: string, say: Say): Promise<TestServer> {
  const asked: string[] = []
  const ports: number[] = []
  const answer = (bytes: Buffer, over: 'udp' | 'tcp', send: (bytes: Buffer) => void) => {
    const query = decodeMessage(bytes)
    asked.push(`${over} ${query.questions[0]!.type} ${query.questions[0]!.key}`)
    const said = say(query, over)
    if (said === undefined) return
    for (const one of Array.isArray(said) ? said : [said]) send(Buffer.isBuffer(one) ? one : encodeMessage(one))
  }
  const open = (kind: 'udp' | 'tcp') =>
    namespace.run(() => {
      const fd = openSocket(kind, address)
      if (kind === 'tcp') allowReuse(fd)
      bindSocket(fd, address, 53)
      if (kind === 'tcp') listenSocket(fd, 10)
      return fd
    })
  const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  udp.on('message', (bytes, { port, address: from }) => {
    ports.push(port)
    answer(bytes, 'udp', (reply) => udp.send(reply, port, from))
  })
  udp.bind({ fd: open('udp') })
  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    onFrames(socket, (bytes) => answer(bytes, 'tcp', (reply) => socket.write(frame(reply))))
  })
  tcp.listen({ fd: open('tcp') })
  return {
    asked,
    ports,
    async [Symbol.asyncDispose]() {
      const closed = [once(udp, 'close'), once(tcp, 'close')]
      udp.close()
      tcp.close()
      await Promise.all(closed)
    },
  }
}

/** The answer with one A record for each address, with a TTL of 60 seconds. */
export function addresses({ id, questions }: Message, ...last: number[]): MessageParts {
  const [question] = questions
  const answers = last.map((byte) => ({ ...question!, type: 1, ttl: 60, data: Buffer.from([192, 0, 2, byte]) }))
  return { id, flags: 0x8180, questions, answers }
}

/** An answer with a code and no records; NXDOMAIN may be believed for 60 seconds. */
export function code({ id, questions }: Message, value: number): MessageParts {
  const data = Buffer.concat([
    Buffer.from('\0\0'),
    Buffer.from('0000000100000001000000010000000100000 03c'.replace(' ', ''), 'hex'),
  ])
  const soa = { key: nameKey('org')!, type: 6, class: 1, ttl: 60, data }
  return { id, flags: 0x8180 | value, questions, authorities: value === 3 ? [soa] : [] }
}
