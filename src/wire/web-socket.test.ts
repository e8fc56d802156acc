import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WebSocketParser, webSocketAccept, webSocketHeader } from './web-socket.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** What a parser says of bytes that come in pieces of `size`. */
function read(bytes: Buffer, size = bytes.length): string[] {
  const told: string[] = []
  const parser = new WebSocketParser({
    data: (part) => told.push(part.toString()),
    control: (frame, contents) => told.push(`${frame} ${contents.toString('hex')}`),
  })
  for (let at = 0; at < bytes.length; at += size) parser.write(bytes.subarray(at, at + size))
  return told
}

/** @source RFC 6455 §1.3 */
test('webSocketAccept() answers the key of the RFC', () => {
  assert.equal(webSocketAccept('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
})

test('webSocketHeader() writes lengths of all three sizes', () => {
  const headers = [5, 125, 126, 65_535, 65_536].map((length) => webSocketHeader('binary', length).toString('hex'))
  assert.deepEqual(headers, ['8205', '827d', '827e007e', '827effff', '827f0000000000010000'])
  assert.equal(webSocketHeader('close', 2).toString('hex'), '8802')
})

/** @source RFC 6455 §5.7 */
test('WebSocketParser reads messages, fragments and control frames between them, however they are cut', () => {
  const hello = hex('81 85 37fa213d 7f9f4d5158')
  const ping = hex('89 85 37fa213d 7f9f4d5158')
  const close = hex('88 82 00000000 03e8')
  const fragments = [hex('01 83 00000000 48656c'), ping, hex('80 82 00000000 6c6f')]
  assert.deepEqual(read(Buffer.concat([hello, ping, close])), ['Hello', 'ping 48656c6c6f', 'close 03e8'])
  assert.deepEqual(read(Buffer.concat(fragments)), ['Hel', 'ping 48656c6c6f', 'lo'])
  for (const size of [1, 2, 3, 7]) {
    const told = read(Buffer.concat([hello, ...fragments, hello]), size)
    assert.equal(told.filter((text) => !text.startsWith('ping')).join(''), 'HelloHelloHello', `${size}`)
    assert.ok(told.includes('ping 48656c6c6f'))
  }
  assert.deepEqual(read(hex('82 80 00000000 8a 80 00000000')), ['pong '])
})

test('WebSocketParser refuses what no client may send', () => {
  const bad = ['81 05 48656c6c6f', '83 80 00000000', 'c1 80 00000000', '09 80 00000000', '89 fe 0080 00000000']
  for (const bytes of [...bad, '82 ff ffffffffffffffff 00000000']) {
    assert.throws(() => read(hex(bytes)), /^RangeError: Cannot read a web socket: /, bytes)
  }
})
