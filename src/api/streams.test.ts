import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { fakeContainer } from '../../test/support/api/fake-records.ts'
import { type Served, serve } from '../../test/support/api/serve.ts'
import { eventually } from '../../test/support/eventually.ts'
import { encodeFrame, FrameDecoder } from '../wire/docker-stream.ts'

/** Sends a request that asks for the connection; answers the head of the reply and whatever came with it. */
async function upgrade(
  api: Served,
  url: string,
  body = '',
  more = '',
): Promise<{ socket: Socket; head: string; rest: Buffer }> {
  const socket = await api.dial()
  const length = body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`
  socket.write(`POST ${url} HTTP/1.1\r\nHost: x\r\n${length}Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n${body}${more}`)
  let bytes = Buffer.alloc(0)
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n')
    if (end >= 0) return { socket, head: bytes.subarray(0, end).toString(), rest: bytes.subarray(end + 4) }
    bytes = Buffer.concat([bytes, await new Promise<Buffer>((resolve) => socket.once('data', resolve))])
    socket.pause()
  }
}

function contents(bytes: Buffer): string[] {
  return [...new FrameDecoder().push(bytes)].map((part) => `${part.stream} ${Buffer.from(part.bytes)}`).sort()
}

async function createExec(api: Served, body: object): Promise<string> {
  const { json } = await api.ask('POST', '/containers/web/exec', { Cmd: ['cat'], AttachStdin: true, ...body })
  return json.Id
}

test('exec start takes the connection over, reads its body apart, and survives a half-close', async () => {
  await using api = await serve()
  api.engine.records.push(fakeContainer('c1', 'web'))
  const id = await createExec(api, {})
  const { socket, head, rest } = await upgrade(api, `/v1.51/exec/${id}/start`, '{"Detach":false}', 'first ')
  assert.match(head, /^HTTP\/1\.1 101 UPGRADED\r\n/)
  assert.match(head, /Content-Type: application\/vnd\.docker\.multiplexed-stream\r\n/)
  assert.match(head, /api-version: 1\.51/)
  const [session] = api.engine.sessions
  socket.end('last')
  assert.equal((await buffer(session!.stdin)).toString(), 'first last')
  session!.stdout.end('out')
  session!.stderr.end('err')
  assert.deepEqual(contents(Buffer.concat([rest, await buffer(socket)])), ['stderr err', 'stdout out'])
  assert.equal(session!.disposed, true)
  const inspected = await api.ask('GET', `/exec/${id}/json`)
  assert.deepEqual([inspected.json.ContainerID, inspected.json.ProcessConfig.entrypoint], ['c1'.padEnd(64, '0'), 'cat'])
})

test('a refused upgrade is answered as JSON, and the connection ends', async () => {
  await using api = await serve()
  const { socket, head, rest } = await upgrade(api, '/containers/nope/attach?stream=1')
  assert.match(head, /^HTTP\/1\.1 404 Not Found/)
  assert.match(head, /Connection: close/)
  assert.deepEqual(JSON.parse(Buffer.concat([rest, await buffer(socket)]).toString()), {
    message: 'No such container: nope',
  })
  const bad = await upgrade(api, '/exec/nope/start', '{"Detach":1}')
  assert.match(bad.head, /^HTTP\/1\.1 400 /)
  bad.socket.destroy()
})

test('exec start with Detach answers at once and lets the streams go', async () => {
  await using api = await serve()
  api.engine.records.push(fakeContainer('c1', 'web'))
  const { status } = await api.ask('POST', `/exec/${await createExec(api, {})}/start`, { Detach: true })
  assert.deepEqual([status, api.engine.sessions[0]!.disposed], [200, true])
  assert.equal((await api.ask('POST', '/containers/web/exec', { Cmd: [] })).json.message, 'No exec command specified')
  assert.deepEqual((await api.ask('POST', '/exec/nope/start', {})).status, 404)
})

test('attach to a terminal is plain bytes, and ends with the detach keys', async () => {
  await using api = await serve()
  api.engine.records.push(fakeContainer('c1', 'web', { config: { Tty: true, OpenStdin: true } }))
  const { socket, head } = await upgrade(api, '/containers/web/attach?stream=1&stdin=1&stdout=1&stderr=1')
  assert.match(head, /Content-Type: application\/vnd\.docker\.raw-stream/)
  const [session] = api.engine.sessions
  session!.stdout.write('$ ')
  const all = buffer(socket)
  socket.write(Buffer.from([108, 115, 16, 17]))
  assert.equal((await all).toString(), '$ ')
  assert.equal(session!.stdin.read().toString(), 'ls')
  socket.destroy()
  const events = await api.ask('GET', `/events?since=1&until=${Date.now() / 1000 + 0.001}`)
  assert.match(events.text, /"Action":"detach"/)
})

test('attach without an upgrade answers 200 and a stream; it may begin with the log', async () => {
  await using api = await serve()
  api.engine.records.push(fakeContainer('c1', 'web', { config: { OpenStdin: true, StdinOnce: true } }))
  api.engine.logEntries.push({ stream: 'stdout', time: 't', bytes: Buffer.from('old\n') })
  const socket = await api.dial()
  socket.write('POST /v1.41/containers/web/attach?stream=1&stdout=1&logs=1 HTTP/1.1\r\nHost: x\r\n\r\n')
  const first = await new Promise<Buffer>((resolve) => socket.once('data', resolve))
  socket.pause()
  assert.match(
    first.toString(),
    /^HTTP\/1\.1 200 OK\r\n[\s\S]*application\/vnd\.docker\.raw-stream[\s\S]*Connection: close/,
  )
  assert.doesNotMatch(first.toString(), /chunked/i)
  const [session] = api.engine.sessions
  session!.stdout.end('new')
  session!.stderr.end()
  const whole = Buffer.concat([first, await buffer(socket)])
  assert.deepEqual(contents(whole.subarray(whole.indexOf('\r\n\r\n') + 4)), ['stdout new', 'stdout old\n'])
})

test('attach without stdin goes on when the client closes its sending side, as docker run does at once', async () => {
  await using api = await serve()
  api.engine.records.push(fakeContainer('c1', 'web'))
  const { socket } = await upgrade(api, '/containers/web/attach?stream=1&stdout=1')
  socket.end()
  await new Promise((resolve) => setImmediate(resolve))
  const [session] = api.engine.sessions
  assert.equal(session!.disposed, false)
  session!.stdout.end('out')
  session!.stderr.end()
  assert.deepEqual(contents(await buffer(socket)), ['stdout out'])
})

test('attach ignores a body of the request, as dockerode sends one', async () => {
  await using api = await serve()
  api.engine.records.push(fakeContainer('c1', 'web', { config: { OpenStdin: true, StdinOnce: true } }))
  const url = '/containers/web/attach?stream=1&stdin=1&stdout=1'
  const { socket } = await upgrade(api, url, '{"stream":true}')
  const [session] = api.engine.sessions
  socket.write('typed')
  socket.end()
  assert.equal((await buffer(session!.stdin)).toString(), 'typed')
  session!.stdout.end('out')
  session!.stderr.end()
  assert.deepEqual(contents(await buffer(socket)), ['stdout out'])
})

test('attach lets the session go when its client is gone', async () => {
  await using api = await serve()
  api.engine.records.push(fakeContainer('c1', 'web'))
  const { socket } = await upgrade(api, '/containers/web/attach?stream=1&stdout=1')
  const [session] = api.engine.sessions
  socket.destroy()
  while (!session!.disposed) {
    session!.stdout.write('is anybody there?')
    await new Promise((resolve) => setImmediate(resolve))
  }
})

test('wait sends its headers before the container ends, and the code after', async () => {
  await using api = await serve()
  api.engine.records.push(fakeContainer('c1', 'web'))
  const socket = await api.dial()
  socket.write('POST /containers/web/wait?condition=next-exit HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  const head = await new Promise<Buffer>((resolve) => socket.once('data', resolve))
  assert.match(head.toString(), /^HTTP\/1\.1 200 OK\r\n/)
  assert.deepEqual(api.engine.journal, [`wait web next-exit`])
  const rest = buffer(socket)
  for (const wake of api.engine.waiters) wake(3)
  assert.match((await rest).toString(), /\{"StatusCode":3\}\n/)
  assert.equal((await api.ask('POST', '/containers/nope/wait')).status, 404)
  assert.equal((await api.ask('POST', '/containers/web/wait?condition=x')).json.message, 'invalid condition: "x"')
})

test("logs are framed, with times where lines begin; a terminal's are plain", async () => {
  await using api = await serve()
  api.engine.records.push(fakeContainer('c1', 'web'), fakeContainer('c2', 'term', { config: { Tty: true } }))
  api.engine.logEntries.push(
    { stream: 'stdout', time: 'T1', bytes: Buffer.from('half ') },
    { stream: 'stdout', time: 'T2', bytes: Buffer.from('line\n') },
    { stream: 'stderr', time: 'T3', bytes: Buffer.from('bad\n') },
  )
  const framed = await api.ask('GET', '/containers/web/logs?stdout=1&stderr=1&timestamps=1')
  assert.equal(framed.headers['content-type'], 'application/vnd.docker.multiplexed-stream')
  assert.equal(
    framed.text,
    Buffer.concat([
      encodeFrame('stdout', Buffer.from('T1 half ')),
      encodeFrame('stdout', Buffer.from('line\n')),
      encodeFrame('stderr', Buffer.from('T3 bad\n')),
    ]).toString(),
  )
  assert.equal((await api.ask('GET', '/containers/term/logs?stdout=1')).text, 'half line\nbad\n')
  const none = await api.ask('GET', '/containers/web/logs')
  assert.deepEqual([none.status, none.json.message], [400, 'Bad parameters: you must choose at least one stream'])
})

test('events come one a line, filtered, with the old names for containers', async () => {
  await using api = await serve()
  const { engine } = api
  engine.publish('container', 'start', 'abc', { image: 'busybox', name: 'web', a: 'b' })
  engine.publish('network', 'create', 'def', { name: 'net', type: 'bridge' })
  const until = Date.now() / 1000 + 0.001
  const filtered = async (filters: object) => {
    const url = `/events?since=1&until=${until}&filters=${encodeURIComponent(JSON.stringify(filters))}`
    const { text } = await api.ask('GET', url)
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  }
  const [start] = await filtered({ container: ['we'], label: ['a=b'], image: ['busybox'] })
  const { time: _, timeNano: __, ...rest } = start
  assert.deepEqual(rest, {
    status: 'start',
    id: 'abc',
    from: 'busybox',
    Type: 'container',
    Action: 'start',
    Actor: { ID: 'abc', Attributes: { image: 'busybox', name: 'web', a: 'b' } },
    scope: 'local',
  })
  const types = async (filters: object) => (await filtered(filters)).map(({ Type }: { Type: string }) => Type)
  assert.deepEqual(await types({}), ['container', 'network'])
  assert.deepEqual(await types({ type: ['network'] }), ['network'])
  assert.deepEqual(await types({ event: ['start'], type: ['network'] }), [])
})

/** A client that is not ours, which only knows addresses of TCP. */
async function openWebSocket(api: Served, url: string): Promise<{ socket: WebSocket } & Disposable> {
  const door = createServer((client) => {
    const server = connect(api.path)
    client.pipe(server).pipe(client)
    client.on('error', () => server.destroy())
    server.on('error', () => client.destroy())
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  const socket = new WebSocket(`ws://127.0.0.1:${(door.address() as AddressInfo).port}${url}`)
  socket.binaryType = 'arraybuffer'
  return { socket, [Symbol.dispose]: () => void door.close() }
}

test('attach by a web socket carries bytes without frames of ours, both ways, until the client closes it', async () => {
  await using api = await serve()
  api.engine.records.push(fakeContainer('c1', 'web', { config: { OpenStdin: true, StdinOnce: true } }))
  using client = await openWebSocket(api, '/v1.51/containers/web/attach/ws?stream=1&stdin=1&stdout=1&stderr=1')
  const { socket } = client
  const received: string[] = []
  socket.onmessage = ({ data }) => received.push(Buffer.from(data).toString())
  await once(socket, 'open')
  const [session] = api.engine.sessions
  const long = 'x'.repeat(70_000)
  let typed = ''
  session!.stdin.on('data', (chunk) => {
    typed += chunk
  })
  socket.send('typed ')
  socket.send(Buffer.from(long))
  session!.stdout.write('said')
  session!.stderr.write(long)
  await eventually(async () => typed === `typed ${long}` && received.join('').length, 4 + long.length)
  assert.equal(received.join('').replace(long, ''), 'said')
  socket.close()
  const [closed] = await once(socket, 'close')
  assert.equal(closed.wasClean, true)
  await eventually(async () => session!.disposed, true)
})

test('attach by a web socket is refused as JSON where nothing can be attached', async () => {
  await using api = await serve()
  api.engine.records.push(fakeContainer('c1', 'web'))
  const plain = await api.ask('GET', '/containers/web/attach/ws?stream=1')
  assert.deepEqual([plain.status, /^not websocket protocol/.test(plain.json.message)], [400, true])
  using client = await openWebSocket(api, '/containers/nope/attach/ws?stream=1')
  await once(client.socket, 'error')
})
