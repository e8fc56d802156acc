import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempDisposableSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createRawServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { createAuthority } from '../../test/support/certificates.ts'
import { askDriver, textOf, textsOf } from './ask-driver.ts'
import { Plugins } from './plugins.ts'

/** A plugin in this process, that answers what `answers` says. */
async function serve(where: string | 0, answers: Readonly<Record<string, string>>): Promise<Server & AsyncDisposable> {
  const listener: RequestListener = (request, reply) => {
    request.resume().on('end', () => reply.end(answers[(request.url ?? '').slice(1)] ?? '{}'))
  }
  const server = createServer(listener)
  if (where === 0) server.listen(0, '127.0.0.1')
  else server.listen(where)
  await once(server, 'listening')
  return server
}

const activate = { 'Plugin.Activate': '{"Implements":["IpamDriver"]}' }
const open = (dir: string) => new Plugins({ places: { sockets: [dir], specs: [dir] }, timeoutMs: 20_000 })

test('Plugins.get() greets a plugin once, over TCP as over a socket', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-plugins-'))
  await using server = await serve(0, activate)
  writeFileSync(join(dir.path, 'far.spec'), `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const plugins = open(dir.path)
  const [one, two] = await Promise.all([plugins.get('far', 'IpamDriver'), plugins.get('far', 'IpamDriver')])
  assert.equal(one, two)
  assert.deepEqual(await one.call('IpamDriver.Anything'), {})
  await assert.rejects(plugins.get('far', 'NetworkDriver'), {
    kind: 'internal',
    message:
      'legacy plugin: Plugin does not implement the requested driver: plugin="far", requested implementation="NetworkDriver"',
  })
})

test('Plugins.get() looks again for a plugin that was lost, where it may be somewhere else', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-plugins-'))
  const socket = join(dir.path, 'near.sock')
  const plugins = open(dir.path)
  await assert.rejects(plugins.get('near', 'IpamDriver'), { kind: 'not-found', message: 'plugin "near" not found' })
  const first = await serve(socket, activate)
  const before = await plugins.get('near', 'IpamDriver')
  await first[Symbol.asyncDispose]()
  await assert.rejects(before.call('IpamDriver.X', {}, { retries: false }), { answered: false })
  rmSync(socket, { force: true })
  await using second = await serve(0, activate)
  writeFileSync(join(dir.path, 'near.spec'), `http://127.0.0.1:${(second.address() as AddressInfo).port}`)
  const after = await plugins.get('near', 'IpamDriver')
  assert.notEqual(after, before)
  assert.deepEqual(await after.call('IpamDriver.X'), {})
})

test('Plugins.get() tells of a plugin that does not answer, and asks it again the next time', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-plugins-'))
  const answers: Record<string, string> = { 'Plugin.Activate': 'hello' }
  await using _server = await serve(join(dir.path, 'odd.sock'), answers)
  const plugins = open(dir.path)
  await assert.rejects(plugins.get('odd', 'IpamDriver'), {
    message: 'legacy plugin: Cannot understand plugin "odd": Plugin.Activate answered "hello", which is no JSON object',
  })
  answers['Plugin.Activate'] = '{"Implements":"IpamDriver"}'
  await assert.rejects(plugins.get('odd', 'IpamDriver'), {
    message: 'legacy plugin: plugin "odd" does not say what it implements',
  })
  answers['Plugin.Activate'] = activate['Plugin.Activate']
  assert.equal((await plugins.get('odd', 'IpamDriver')).name, 'odd')
})

test('askDriver() hands on what the plugin says it cannot, and believes no wrong types', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-plugins-'))
  const answers = {
    ...activate,
    'IpamDriver.No': '{"Error":"not today"}',
    'IpamDriver.Yes': '{"Error":"","PoolID":"p","Data":{"a":"b"},"Odd":[1],"Number":5,"Nothing":null}',
  }
  await using _server = await serve(join(dir.path, 'near.sock'), answers)
  const plugin = await open(dir.path).get('near', 'IpamDriver')
  await assert.rejects(askDriver(plugin, 'IpamDriver', 'No', {}), { message: 'remote: not today', answered: true })
  const answer = await askDriver(plugin, 'IpamDriver', 'Yes', {})
  assert.deepEqual(
    [textOf(plugin, answer, 'PoolID'), textOf(plugin, answer, 'Nothing'), textOf(plugin, answer, 'Missing')],
    ['p', '', ''],
  )
  assert.deepEqual([textsOf(plugin, answer, 'Data'), textsOf(plugin, answer, 'Nothing')], [{ a: 'b' }, {}])
  assert.throws(() => textOf(plugin, answer, 'Number'), {
    message: 'Cannot understand plugin "near": "Number" is no text',
  })
  for (const key of ['Odd', 'Number']) assert.throws(() => textsOf(plugin, answer, key), /is no map of texts$/)
})

test('a call is tried again while the plugin restarts', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-plugins-'))
  const socket = join(dir.path, 'near.sock')
  const first = await serve(socket, activate)
  const plugin = await open(dir.path).get('near', 'IpamDriver')
  await first[Symbol.asyncDispose]()
  const answer = plugin.call('IpamDriver.X') // refused, and tried again a second later
  await new Promise(setImmediate)
  await using _second = await serve(socket, { 'IpamDriver.X': '{"PoolID":"p"}' })
  assert.deepEqual(await answer, { PoolID: 'p' })
})

test('an answer that breaks off, or has no end, is told at once: the call is not made again', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-plugins-'))
  const heads = { broken: 'Content-Length: 100', endless: `Content-Length: ${2 ** 30}`, empty: 'Content-Length: 0' }
  const calls: string[] = []
  const server = createRawServer((socket) => {
    socket.once('data', (data) => {
      const [, method = ''] = /POST \/\S+\.(\w+)/.exec(String(data)) ?? []
      calls.push(method)
      if (method === 'Activate') socket.end('HTTP/1.1 200 OK\r\n\r\n{"Implements":["IpamDriver"]}')
      const status = method === 'empty' ? '502 Bad Gateway' : '200 OK'
      if (method in heads) socket.write(`HTTP/1.1 ${status}\r\n${heads[method as keyof typeof heads]}\r\n\r\n`)
      if (method === 'broken') socket.end('{"Pool')
      if (method === 'endless') socket.write(Buffer.alloc(5 * 2 ** 20, ' '))
    })
    socket.on('error', () => {}) // we hang up on it
  }).listen(join(dir.path, 'near.sock'))
  await once(server, 'listening')
  try {
    const plugin = await open(dir.path).get('near', 'IpamDriver')
    const cannot = (method: string) => `Cannot understand plugin "near": its answer to IpamDriver.${method}`
    await assert.rejects(plugin.call('IpamDriver.broken'), {
      message: `${cannot('broken')} breaks off`,
      answered: true,
    })
    await assert.rejects(plugin.call('IpamDriver.endless'), { message: /longer than 4194304 bytes$/ })
    await assert.rejects(plugin.call('IpamDriver.empty'), { message: 'IpamDriver.empty: status 502', refusal: 502 })
    assert.deepEqual(calls, ['Activate', 'broken', 'endless', 'empty'])
  } finally {
    server.close()
  }
})

test('a plugin over TLS is known by its certificate, and files that are missing are told at once', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-plugins-'))
  using ours = await createAuthority()
  using theirs = await createAuthority()
  const { cert, key } = await ours.sign('plugin', 'serverAuth', ['IP:127.0.0.1'])
  const own = await ours.sign('engine', 'clientAuth')
  const tls = { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(ours.caFile) }
  await using server = createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (request, reply) => {
    const kind = (request.socket as TLSSocket).authorized ? 'Known' : 'Stranger'
    request.resume().on('end', () => reply.end(JSON.stringify({ Implements: [kind] })))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const ask = (TLSConfig: object | undefined, kind = 'Known') => {
    const Addr = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    writeFileSync(join(dir.path, 'far.json'), JSON.stringify({ Addr, TLSConfig }))
    return open(dir.path).get('far', kind, { retries: false })
  }
  const files = { CAFile: ours.caFile, CertFile: own.cert, KeyFile: own.key }
  assert.equal((await ask(files)).name, 'far')
  assert.equal((await ask({}, 'Stranger')).name, 'far', 'whoever names no authority believes everybody')
  await assert.rejects(ask({ ...files, CAFile: theirs.caFile }), /certificate/)
  await assert.rejects(ask(undefined), /certificate/)
  await assert.rejects(ask({ ...files, CAFile: '/nowhere' }), /ENOENT/)
})
