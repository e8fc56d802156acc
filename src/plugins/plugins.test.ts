import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempDisposableSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
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
const open = (dir: string, timeoutMs = 500) => new Plugins({ places: { sockets: [dir], specs: [dir] }, timeoutMs })

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
  const plugin = await open(dir.path, 20_000).get('near', 'IpamDriver')
  await first[Symbol.asyncDispose]()
  const answer = plugin.call('IpamDriver.X') // refused, and tried again a second later
  await using _second = await serve(socket, { 'IpamDriver.X': '{"PoolID":"p"}' })
  assert.deepEqual(await answer, { PoolID: 'p' })
})
