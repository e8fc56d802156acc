import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { openFakeDaemon } from '../../test/support/fake-daemon.ts'
import { ApiError, ConnectionError } from './errors.ts'
import { queryString, Transport } from './transport.ts'

test('Transport.json() answers the parsed body, and undefined for none', async () => {
  await using daemon = await openFakeDaemon({
    json: { 'GET /version': { Version: '1' } },
    other: (_, response) => void response.writeHead(204).end(),
  })
  const transport = new Transport(daemon.host)
  assert.deepEqual(await transport.json({ method: 'GET', path: '/version' }), { Version: '1' })
  assert.equal(await transport.json({ method: 'POST', path: '/x' }), undefined)
})

test('Transport.send() sends query and body, the latter with its length in bytes', async () => {
  await using daemon = await openFakeDaemon({ json: { 'POST /x?a=1&n=p&n=q': {} } })
  const query = { a: 1, b: undefined, c: false, n: ['p', 'q'] }
  await new Transport(daemon.host).send({ method: 'POST', path: '/x', query, body: { name: 'é' } })
  assert.deepEqual(daemon.asked, [{ line: 'POST /x?a=1&n=p&n=q', body: '{"name":"é"}' }])
})

test('Transport.send() uploads a stream', async () => {
  await using daemon = await openFakeDaemon({ json: { 'POST /images/load': {} } })
  const upload = Readable.from([Buffer.from('one'), Buffer.from('two')])
  await new Transport(daemon.host).send({ method: 'POST', path: '/images/load', upload })
  assert.equal(daemon.asked[0]?.body, 'onetwo')
})

test("Transport.open() throws an ApiError with the daemon's message and status", async () => {
  await using daemon = await openFakeDaemon({
    other: (_, response) => void response.writeHead(409).end('{"message":"is in use"}'),
  })
  await assert.rejects(new Transport(daemon.host).open({ method: 'GET', path: '/x' }), (error) => {
    assert(error instanceof ApiError)
    assert.deepEqual([error.status, error.kind, error.message], [409, 'conflict', 'is in use'])
    return true
  })
})

test('Transport.open() gives the words of an answer that is no JSON', async () => {
  await using daemon = await openFakeDaemon({
    other: (_, response) => void response.writeHead(502).end('bad gateway\n'),
  })
  const call = new Transport(daemon.host).open({ method: 'GET', path: '/x' })
  await assert.rejects(call, { message: 'bad gateway', kind: 'internal' })
})

test('Transport.open() says where nobody answers, and what to do', async () => {
  await assert.rejects(new Transport('unix:///nonexistent/w.sock').open({ method: 'GET', path: '/x' }), (error) => {
    assert(error instanceof ConnectionError)
    assert.equal(
      error.message,
      "Cannot connect to the Wharf daemon at unix:///nonexistent/w.sock: is 'wharf daemon' running?",
    )
    return true
  })
})

test('Transport.open() can be given up', async () => {
  await using daemon = await openFakeDaemon({ other: () => {} })
  const controller = new AbortController()
  const call = new Transport(daemon.host).open({ method: 'GET', path: '/x', signal: controller.signal })
  controller.abort()
  await assert.rejects(call, { name: 'AbortError' })
})

test('Transport.hijack() hands over the connection, bytes that came early included', async () => {
  await using daemon = await openFakeDaemon({
    upgrade: (_, stream) => {
      stream.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: a/b\r\n\r\nearly ')
      stream.on('data', (chunk: Buffer) => stream.write(`got ${chunk}`))
      stream.on('end', () => stream.end())
    },
  })
  const { stream, contentType } = await new Transport(daemon.host).hijack({ method: 'POST', path: '/x/attach' })
  stream.end('mine')
  assert.equal(contentType, 'a/b')
  assert.equal((await buffer(stream)).toString(), 'early got mine')
})

test('Transport.hijack() throws what the daemon says when it does not want to', async () => {
  await using daemon = await openFakeDaemon({
    upgrade: (_, stream) => {
      const body = '{"message":"No such container: x"}'
      stream.end(`HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    },
  })
  const call = new Transport(daemon.host).hijack({ method: 'POST', path: '/x/attach' })
  await assert.rejects(call, { message: 'No such container: x', status: 404 })
})

test('queryString() escapes what it is given', () => {
  assert.equal(queryString({ filters: '{"a":{"b=c":true}}' }), '?filters=%7B%22a%22%3A%7B%22b%3Dc%22%3Atrue%7D%7D')
  assert.equal(queryString({}), '')
})
