import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeContainer } from '../../test/support/api/fake-records.ts'
import { serve } from '../../test/support/api/serve.ts'
import { EngineError } from '../base/errors.ts'

test('createApiServer() answers pings with the headers that clients negotiate by', async () => {
  await using api = await serve()
  const get = await api.ask('GET', '/_ping')
  assert.deepEqual([get.status, get.text], [200, 'OK'])
  const { date: _, connection: __, ...headers } = get.headers
  assert.deepEqual(headers, {
    'api-version': '1.51',
    'builder-version': '1',
    'docker-experimental': 'false',
    ostype: 'linux',
    server: 'Wharf (linux)',
    swarm: 'inactive',
    'cache-control': 'no-cache, no-store, must-revalidate',
    pragma: 'no-cache',
    'content-type': 'text/plain; charset=utf-8',
    'content-length': '2',
  })
  const head = await api.ask('HEAD', '/_ping')
  assert.deepEqual([head.status, head.text, head.headers['api-version']], [200, '', '1.51'])
})

test('createApiServer() takes versions from 1.24 to 1.51 and refuses the rest', async () => {
  await using api = await serve()
  for (const prefix of ['', '/v1.24', '/v1.51']) assert.equal((await api.ask('GET', `${prefix}/version`)).status, 200)
  const old = await api.ask('GET', '/v1.23/version')
  assert.deepEqual(
    [old.status, old.json],
    [
      400,
      {
        message:
          'client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
      },
    ],
  )
  const young = await api.ask('GET', '/v1.52/version')
  assert.deepEqual(
    [young.status, young.json],
    [400, { message: 'client version 1.52 is too new. Maximum supported API version is 1.51' }],
  )
})

test('createApiServer() answers 501 for routes of Docker that it does not have, and names them; 404 for others', async () => {
  await using api = await serve()
  const unknown = await api.ask('POST', '/v1.43/swarm/init?x=1')
  assert.deepEqual(
    [unknown.status, unknown.json],
    [501, { message: 'Cannot serve POST /swarm/init: Wharf does not have this route' }],
  )
  for (const path of ['/v1.43/no/such', '/images/busybox', '/swarmer']) {
    const { status, json } = await api.ask('GET', path)
    assert.deepEqual([status, json], [404, { message: 'page not found' }], path)
  }
  for (const [method, url] of [
    ['GET', '/images/search'],
    ['POST', '/session'],
  ] as const) {
    const { status, headers } = await api.ask(method, url)
    assert.deepEqual([status, headers['content-type']], [501, 'application/json'], url)
  }
})

test('createApiServer() gives every kind of failure its status, and survives bugs', async () => {
  await using api = await serve()
  api.engine.records.push(fakeContainer('c1', 'web'))
  const fail = async (failure: unknown) => {
    api.engine.nextFailure = failure
    const { status, json } = await api.ask('POST', '/containers/web/pause')
    return [status, json.message]
  }
  assert.deepEqual(await fail(new EngineError('conflict', 'is paused')), [409, 'is paused'])
  assert.deepEqual(await fail(new EngineError('internal', 'is broken')), [500, 'is broken'])
  assert.deepEqual(api.errors, [])
  assert.deepEqual(await fail(new TypeError('x is undefined')), [500, 'x is undefined'])
  assert.deepEqual(api.errors, ['request fails by a bug'])
  assert.equal((await api.ask('POST', '/containers/web/pause')).status, 204)
})

test('createApiServer() refuses bodies that are no JSON, of another type, or of the wrong shape', async () => {
  await using api = await serve()
  const json = { 'Content-Type': 'application/json' }
  const create = async (body: string | undefined, headers: Readonly<Record<string, string>> = json) => {
    const { status, json: answer } = await api.ask('POST', '/containers/create', body, headers)
    return [status, answer.message]
  }
  assert.deepEqual(await create(undefined), [400, 'config cannot be empty in order to create a container'])
  assert.deepEqual(await create('null'), [400, 'config cannot be empty in order to create a container'])
  assert.deepEqual(await create('  '), [400, 'invalid JSON: got EOF while reading request body'])
  assert.match(String((await create('{"Image":'))[1]), /^invalid JSON: /)
  assert.deepEqual(await create('[]'), [400, 'invalid JSON: the body must be an object'])
  assert.deepEqual(await create('{"Image":1}'), [400, 'invalid JSON: Image must be a string'])
  assert.deepEqual(await create('{"Cmd":{}}'), [400, 'invalid JSON: Cmd must be a list or a string'])
  assert.deepEqual(await create('{"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":80}]}}}'), [
    400,
    'invalid JSON: HostConfig.PortBindings.80/tcp.0.HostPort must be a string',
  ])
  assert.deepEqual(await create('{}', { 'Content-Type': 'text/plain' }), [
    400,
    "unsupported Content-Type header (text/plain): must be 'application/json'",
  ])
  assert.equal((await create('{}', { 'Content-Type': ';;' }))[0], 400)
  assert.equal((await create('{}', {}))[0], 400)
  assert.match(String((await create(JSON.stringify({ Image: 'x'.repeat(5_000_000) })))[1]), /too large/)
  assert.deepEqual(api.engine.journal, [])
  assert.deepEqual(api.errors, [])
})

test('createApiServer() refuses TCP that is not guarded, and sockets that are in use', async () => {
  await using api = await serve()
  const { createApiServer } = await import('./server.ts')
  const { silentLog } = await import('../base/log.ts')
  const other = createApiServer({ engine: api.engine, log: silentLog })
  await assert.rejects(other.listen('tcp://127.0.0.1:2375'), { kind: 'invalid-argument' })
  await assert.rejects(other.listen('npipe://x'), { kind: 'invalid-argument' })
  await assert.rejects(other.listen(`unix://${api.path}`), { kind: 'conflict' })
  await other.close()
  assert.equal((await api.ask('GET', '/_ping')).status, 200)
})
