import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { serve } from '../../test/support/api/serve.ts'

test('a client that is refused while it sends can send on, and reads why', async () => {
  await using api = await serve()
  const socket = await api.dial()
  const head = 'Host: x\r\nConnection: close\r\nTransfer-Encoding: chunked'
  socket.write(`POST /build?t=Bad HTTP/1.1\r\n${head}\r\n\r\n`)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  await once(socket, 'end')
  assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*must be lowercase/)
  for (let i = 0; i < 4; i++) {
    const sent = Promise.withResolvers<void>()
    socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`, (error) => (error ? sent.reject(error) : sent.resolve()))
    await sent.promise
  }
  const closed = once(socket, 'close')
  socket.end('0\r\n\r\n')
  assert.deepEqual(await closed, [false])
})
