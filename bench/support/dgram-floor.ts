/** What plain Node can do: sends every datagram back as an answer of fixed length. Run in a namespace. */
import { createSocket } from 'node:dgram'

const socket = createSocket('udp4')
const record = Buffer.from('c00c00010001000002580004' + '0a000002', 'hex')
socket.on('message', (query, { port, address }) => {
  const answer = Buffer.concat([query, record])
  answer[2] = 0x81
  answer[7] = 1
  socket.send(answer, port, address)
})
socket.bind(53, '127.0.0.11', () => console.log('serves'))
