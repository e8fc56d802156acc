import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeContainer, fakeNetwork, runningState } from '../../test/support/api/fake-records.ts'
import { serve } from '../../test/support/api/serve.ts'
import { EngineError } from '../base/errors.ts'

const query = (filters: object) => `filters=${encodeURIComponent(JSON.stringify(filters))}`

test('container verbs answer 204, 304 when there was nothing to do, 404 for nobody', async () => {
  await using api = await serve()
  api.engine.records.push(
    fakeContainer('c1', 'web'),
    fakeContainer('c2', 'idle', { state: { ...runningState, status: 'exited' } }),
  )
  const ask = async (method: string, url: string) => (await api.ask(method, url)).status
  assert.deepEqual(
    [
      await ask('POST', '/containers/web/start'),
      await ask('POST', '/containers/idle/start'),
      await ask('POST', '/containers/web/stop?t=3&signal=INT'),
      await ask('POST', '/containers/idle/stop'),
      await ask('POST', '/containers/web/kill'),
      await ask('POST', '/containers/web/rename?name=shop'),
      await ask('POST', '/containers/web/resize?h=10&w=20'),
      await ask('DELETE', '/containers/web?force=1&v=1'),
      await ask('DELETE', '/containers/nope'),
      await ask('POST', '/containers/web/stop?t=soon'),
      await ask('POST', '/containers/web/resize?h=10'),
      await ask('POST', '/containers/web/rename'),
    ],
    [304, 204, 204, 304, 204, 204, 200, 204, 404, 400, 400, 400],
  )
  assert.deepEqual(api.engine.journal, [
    'start web',
    'start idle',
    'stop web {"timeoutSeconds":3,"signal":"INT"}',
    'stop idle {}',
    'kill web "SIGKILL"',
    'rename web "shop"',
    'resize web {"rows":10,"columns":20}',
    'remove web {"force":true,"volumes":true,"link":false}',
  ])
})

test('containers are listed the newest first, filtered and limited', async () => {
  await using api = await serve()
  const at = (second: number) => ({ created: `2026-01-01T00:00:0${second}.000000000Z` })
  api.engine.records.push(
    fakeContainer('c1', 'web', { ...at(1), config: { Labels: { tier: 'front' }, ExposedPorts: { '80/tcp': {} } } }),
    fakeContainer('c2', 'db', { ...at(2), networks: { back: {} } }),
    fakeContainer('c3', 'old', { ...at(3), state: { ...runningState, status: 'exited', exitCode: 7 } }),
  )
  api.engine.ports.set('c1'.padEnd(64, '0'), [
    { protocol: 'tcp', containerPort: 80, hostAddress: '0.0.0.0', hostPort: 8080 },
  ])
  const names = async (url: string) => {
    const { status, json } = await api.ask('GET', `/containers/json?${url}`)
    return status === 200 ? json.map(({ Names }: { Names: string[] }) => Names[0]) : [status, json.message]
  }
  assert.deepEqual(await names(''), ['/db', '/web'])
  assert.deepEqual(await names('all=1'), ['/old', '/db', '/web'])
  assert.deepEqual(await names('limit=2'), ['/old', '/db'])
  assert.deepEqual(await names(query({ status: ['exited'] })), ['/old'])
  assert.deepEqual(await names(`all=1&${query({ exited: ['7'] })}`), ['/old'])
  assert.deepEqual(await names(query({ name: ['^/web$'] })), ['/web'])
  assert.deepEqual(await names(query({ label: ['tier=front'] })), ['/web'])
  assert.deepEqual(await names(query({ network: ['back'] })), ['/db'])
  assert.deepEqual(await names(query({ network: ['bridge', 'b1'.padEnd(64, '0')] })), ['/web'])
  assert.deepEqual(await names(query({ ancestor: ['busybox'] })), ['/db', '/web'])
  assert.deepEqual(await names(query({ ancestor: ['nope'] })), [])
  assert.deepEqual(await names(query({ publish: ['8080'] })), ['/web'])
  assert.deepEqual(await names(query({ expose: ['79-81/tcp'] })), ['/web'])
  assert.deepEqual(await names(query({ before: ['db'] })), ['/web'])
  assert.deepEqual(await names(`all=1&${query({ since: ['db'] })}`), ['/old'])
  assert.deepEqual(await names(query({ before: ['nope'] })), [404, 'No such container: nope'])
  assert.deepEqual(await names(query({ status: ['x'] })), [
    400,
    "invalid filter 'status=x': invalid value for state (x): must be one of created, running, paused, restarting, removing, exited, dead",
  ])
})

test('a container is created from a whole body, with warnings', async () => {
  await using api = await serve()
  const body = {
    Image: 'busybox',
    Cmd: 'sh',
    Entrypoint: null,
    ExposedPorts: { '80/tcp': {} },
    Unknown: 1,
    HostConfig: { NetworkMode: 'host', PortBindings: { '80/tcp': null }, Memory: null },
    NetworkingConfig: { EndpointsConfig: { host: {} } },
  }
  const { status, json } = await api.ask('POST', '/containers/create?name=/web', body)
  assert.deepEqual([status, json.Warnings], [201, ['Published ports are discarded when using host network mode']])
  assert.deepEqual(api.engine.journal, [
    `create ${JSON.stringify({
      name: 'web',
      config: { Image: 'busybox', Cmd: ['sh'], ExposedPorts: { '80/tcp': {} } },
      hostConfig: { NetworkMode: 'host', PortBindings: { '80/tcp': null } },
      endpoints: { host: {} },
    })}`,
  ])
  const missing = await api.ask('POST', '/containers/create', { Image: 'nope' })
  assert.deepEqual([missing.status, missing.json], [404, { message: 'No such image: nope' }])
  api.engine.nextFailure = new EngineError('not-found', 'No such container: donor')
  const donor = await api.ask('POST', '/containers/create', { Image: 'busybox' })
  assert.deepEqual([donor.status, donor.json], [400, { message: 'No such container: donor' }])
  const bad = await api.ask('POST', '/containers/create?name=a%20b', { Image: 'busybox' })
  assert.deepEqual(
    [bad.status, bad.json.message],
    [400, 'Invalid container name (a b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed'],
  )
})

test('networks are created, listed, shown, connected and removed', async () => {
  await using api = await serve()
  const { engine } = api
  engine.records.push(fakeContainer('c1', 'web'))
  const created = await api.ask('POST', '/networks/create', {
    Name: 'net',
    IPAM: { Config: [{ Subnet: '10.1.0.0/16', AuxiliaryAddresses: { a: '10.1.0.9' } }] },
  })
  assert.deepEqual([created.status, Object.keys(created.json)], [201, ['Id', 'Warning']])
  await api.ask('POST', '/networks/net/connect', { Container: 'web', EndpointConfig: { Aliases: ['w'] } })
  await api.ask('POST', '/networks/net/disconnect', { Container: 'web', Force: true })
  assert.equal((await api.ask('DELETE', '/networks/net')).status, 204)
  const id = created.json.Id
  assert.deepEqual(engine.journal, [
    'network create {"name":"net","internal":false,"attachable":false,"ipamDriver":"default","ipamOptions":{},"ipamConfigs":[{"subnet":"10.1.0.0/16","auxAddresses":{"a":"10.1.0.9"}}],"options":{},"labels":{}}',
    `connect web "${id}" {"Aliases":["w"]}`,
    `disconnect web "net" true`,
    'network remove net',
  ])
  const names = async (filters: object) =>
    (await api.ask('GET', `/networks?${query(filters)}`)).json.map(({ Name }: { Name: string }) => Name)
  assert.deepEqual(await names({ type: ['custom'] }), ['net'])
  assert.deepEqual(await names({ driver: ['null'] }), ['none'])
  assert.deepEqual(await names({ dangling: ['true'] }), ['net'])
  const bad = await api.ask('GET', `/networks?${query({ type: ['x'] })}`)
  assert.deepEqual([bad.status, bad.json.message], [500, "invalid filter: 'type'='x'"])
  assert.deepEqual((await api.ask('GET', '/networks/nope')).json, { message: 'network nope not found' })
  assert.equal((await api.ask('GET', '/networks/net?scope=swarm')).status, 404)
  engine.networkRecords.push(fakeNetwork('f1', 'unused'))
  engine.records[0] = fakeContainer('c1', 'web', { networks: { net: {} } })
  assert.deepEqual((await api.ask('POST', '/networks/prune')).json, { NetworksDeleted: ['unused'] })
})

test('one prune of networks runs at a time', async () => {
  await using api = await serve()
  const { engine } = api
  const first = Promise.withResolvers<readonly string[]>()
  const begun = Promise.withResolvers<void>()
  const { prune } = engine.networks
  engine.networks.prune = () => {
    begun.resolve()
    return first.promise
  }
  const running = api.ask('POST', '/networks/prune')
  await begun.promise
  const { status, json } = await api.ask('POST', '/networks/prune')
  assert.deepEqual([status, json], [409, { message: 'a prune operation is already running' }])
  first.resolve(['gone'])
  assert.deepEqual((await running).json, { NetworksDeleted: ['gone'] })
  engine.networks.prune = prune
  assert.equal((await api.ask('POST', '/networks/prune')).status, 200)
})

test('images are addressed by names with slashes, and archives go both ways', async () => {
  await using api = await serve()
  const { engine } = api
  const status = async (...call: Parameters<typeof api.ask>) => (await api.ask(...call)).status
  assert.equal(await status('GET', '/images/busybox:latest/json'), 200)
  assert.deepEqual((await api.ask('GET', '/images/reg:5000/a/b/json')).json, {
    message: 'No such image: reg:5000/a/b',
  })
  assert.equal(await status('POST', '/images/busybox/tag?repo=reg:5000/a/b&tag=1'), 201)
  assert.equal(await status('DELETE', '/images/busybox?force=1'), 200)
  const pulled = await api.ask('POST', '/images/create?fromImage=busybox&tag=1', undefined, {
    'X-Registry-Auth': Buffer.from('{"username":"u","password":"p"}').toString('base64url'),
  })
  assert.equal(pulled.text, '{"status":"Pulling from library/busybox","id":"latest"}\r\n')
  const imported = await api.ask('POST', '/images/create?fromSrc=-&repo=my&changes=CMD%20sh&changes=ENV%20A=b', 'tar!')
  assert.equal(imported.text, '{"status":"sha256:1111"}\r\n')
  const loaded = await api.ask('POST', '/images/load?quiet=1', 'archive', { 'Content-Type': 'application/x-tar' })
  assert.equal(loaded.text, '{"stream":"Loaded image: busybox:latest\\n"}\r\n')
  const saved = await api.ask('GET', '/images/get?names=busybox&names=busybox:latest')
  assert.deepEqual([saved.text, saved.headers['content-type']], ['tar', 'application/x-tar'])
  assert.deepEqual(engine.journal, [
    'tag sha256:1111 reg:5000/a/b:1',
    'image remove busybox {"force":true,"prune":true}',
    'pull busybox:1 {"auth":{"username":"u","password":"p"}}',
    'import 4 {"changes":["CMD sh","ENV A=b"],"reference":"my:latest","message":"Imported from -"}',
    'load 7',
    'save busybox busybox:latest',
  ])
  assert.equal(await status('POST', '/images/load'), 400)
  assert.equal(await status('POST', '/images/create?fromSrc=ftp://x'), 400)
})

test('a pull that fails is an error before its first line, and the last line after it', async () => {
  await using api = await serve()
  const denied = () => new EngineError('not-found', 'pull access denied')
  api.engine.nextFailure = denied()
  const early = await api.ask('POST', '/images/create?fromImage=busybox&tag=1')
  assert.deepEqual([early.status, early.json], [404, { message: 'pull access denied' }])
  const late = await api.ask('POST', '/images/load', 'x').then(async () => {
    api.engine.nextFailure = denied()
    return api.ask('POST', '/images/load', 'x')
  })
  assert.deepEqual(late.text.split('\r\n'), [
    '{"status":"Loading layer"}',
    '{"errorDetail":{"message":"pull access denied"},"error":"pull access denied"}',
    '',
  ])
})

test('images are listed with filters, the newest first', async () => {
  await using api = await serve()
  const { engine } = api
  engine.imageRecords.push({
    ...engine.imageRecords[0]!,
    id: 'sha256:9999',
    repoTags: [],
    created: '2025-02-01T00:00:00Z',
    config: { Labels: { a: 'b' } },
  })
  const ids = async (filters: object) =>
    (await api.ask('GET', `/images/json?${query(filters)}`)).json.map(({ Id }: { Id: string }) => Id)
  assert.deepEqual(await ids({}), ['sha256:9999', 'sha256:1111'])
  assert.deepEqual(await ids({ reference: ['busy*'] }), ['sha256:1111'])
  engine.imageRecords[0] = { ...engine.imageRecords[0]!, repoTags: ['busybox:latest', 'other:1'] }
  const [named] = (await api.ask('GET', `/images/json?${query({ reference: ['busybox'] })}`)).json
  assert.deepEqual(named.RepoTags, ['busybox:latest'])
  assert.deepEqual(await ids({ dangling: ['true'] }), ['sha256:9999'])
  assert.deepEqual(await ids({ label: ['a=b'] }), ['sha256:9999'])
  assert.deepEqual(await ids({ since: ['busybox'] }), ['sha256:9999'])
})
