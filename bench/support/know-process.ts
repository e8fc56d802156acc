/**
 * Says when a name is answered: for each name on stdin one line, as soon as it is. Run in a container's network
 * namespace.
 */
import { createSocket } from 'node:dgram'
import { createInterface } from 'node:readline'
import { decodeMessage, encodeMessage } from '../../src/wire/dns/message.ts'
import { nameKey } from '../../src/wire/dns/name.ts'

/** Milliseconds between two questions. */
const pauseMs = 1
const socket = createSocket('udp4')
let id = 0
let waiting: { readonly id: number; readonly name: string; readonly timer: NodeJS.Timeout } | undefined

socket.on('message', (bytes) => {
  const answer = decodeMessage(bytes)
  if (waiting?.id !== answer.id || answer.answers.length === 0) return
  clearInterval(waiting.timer)
  console.log(waiting.name)
  waiting = undefined
})

for await (const name of createInterface({ input: process.stdin })) {
  clearInterval(waiting?.timer)
  id = (id + 1) & 0xffff
  const query = encodeMessage({ id, flags: 0x0100, questions: [{ key: nameKey(name)!, type: 1, class: 1 }] })
  waiting = { id, name, timer: setInterval(() => socket.send(query, 53, '127.0.0.11'), pauseMs) }
}
