import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'

/** One request, exactly as it is given. */
async function send(socketPath: string, method: string, path: string, body?: string, type = 'application/json') {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; message: string }>()
  const headers = body === undefined ? {} : { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) }
  const outgoing = request({ socketPath, method, path, headers, timeout: 10_000 }, async (answer) => {
    const raw = await text(answer)
    let message = raw
    try {
      message = JSON.parse(raw).message ?? raw
    } catch {
      assert.fail(`${method} ${path} answered ${answer.statusCode} with a body that is no JSON: ${raw}`)
    }
    resolve({ status: answer.statusCode!, message })
  })
  outgoing.on('error', reject)
  outgoing.end(body)
  return await promise
}

engineTest('every malformed request has a clear answer, and the daemon lives', async ({ daemon, docker, api }) => {
  const cases: readonly (readonly [string, string, string | undefined, number, RegExp])[] = [
    ['POST', '/containers/create', '{', 400, /./],
    ['POST', '/containers/create', '[]', 400, /./],
    ['POST', '/containers/create', '"x"', 400, /./],
    ['POST', '/containers/create', '{"Image":7}', 400, /./],
    ['POST', '/containers/create', '{}', 400, /./],
    ['POST', '/containers/create', '{"Image":"nowhere"}', 404, /No such image: nowhere:latest/],
    ['POST', '/containers/create', '{"Image":"Not A Name"}', 400, /invalid reference format/],
    ['POST', '/containers/create?name=..%2Fx', '{"Image":"busybox"}', 400, /Invalid container name/],
    ['POST', '/containers/create', '{"Image":"busybox","HostConfig":{"Memory":"many"}}', 400, /./],
    ['POST', '/containers/create', '{"Image":"busybox","HostConfig":{"NetworkMode":"container:"}}', 400, /container/],
    ['POST', '/containers/create', '{"Image":"busybox","HostConfig":{"RestartPolicy":{"Name":"maybe"}}}', 400, /./],
    [
      'POST',
      '/containers/create',
      '{"Image":"busybox","HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":"99999"}]}}}',
      400,
      /./,
    ],
    ['POST', '/containers/create', '{"Image":"busybox","ExposedPorts":{"nothing":{}}}', 400, /./],
    ['POST', '/containers/nobody/start', undefined, 404, /No such container: nobody/],
    ['POST', '/containers/nobody/kill', undefined, 404, /No such container: nobody/],
    ['GET', '/containers/nobody/json', undefined, 404, /No such container: nobody/],
    ['GET', '/containers/nobody/logs?stdout=1', undefined, 404, /No such container: nobody/],
    ['DELETE', '/containers/nobody', undefined, 404, /No such container: nobody/],
    ['POST', '/containers/box/kill?signal=NONSENSE', undefined, 400, /[Ii]nvalid signal/],
    ['GET', '/containers/json?filters=%7B', undefined, 400, /./],
    ['GET', '/containers/json?filters=%7B%22nonsense%22:%5B%22x%22%5D%7D', undefined, 400, /invalid filter/],
    ['GET', '/containers/json?limit=x', undefined, 400, /./],
    ['POST', '/containers/box/exec', '{"Cmd":[]}', 400, /No exec command specified/],
    ['POST', '/containers/box/exec', '{"Cmd":"ls"}', 400, /./],
    ['POST', '/exec/nothing/start', '{}', 404, /No such exec instance: nothing/],
    ['GET', '/exec/nothing/json', undefined, 404, /No such exec instance: nothing/],
    ['GET', '/networks/nowhere', undefined, 404, /network nowhere not found/],
    ['DELETE', '/networks/nowhere', undefined, 404, /network nowhere not found/],
    ['POST', '/networks/create', '{"Name":', 400, /./],
    ['POST', '/networks/create', '{"Name":"x","IPAM":7}', 400, /./],
    ['POST', '/networks/bridge/connect', '{"Container":"nobody"}', 404, /No such container: nobody/],
    ['POST', '/networks/bridge/connect', 'null', 400, /./],
    ['GET', '/images/nowhere/json', undefined, 404, /No such image: nowhere:latest/],
    ['DELETE', '/images/nowhere', undefined, 404, /No such image: nowhere:latest/],
    ['POST', '/images/busybox/tag?repo=Not%20A%20Name', undefined, 400, /invalid reference format/],
    ['GET', '/events?since=yesterday', undefined, 400, /./],
    ['GET', '/swarm', undefined, 503, /This node is not a swarm manager/],
    ['POST', '/volumes/create', '{"Name":7}', 400, /Name must be a string/],
    ['POST', '/volumes/create', '{"Name":"ab","Labels":["x"]}', 400, /Labels must be an object/],
    ['POST', '/volumes/create', '{"Name":"ab\\u0000"}', 400, /invalid characters/],
    ['GET', '/volumes/..%2F..%2Fetc', undefined, 404, /get \.\.\/\.\.\/etc: no such volume/],
    ['DELETE', '/volumes/nowhere', undefined, 404, /get nowhere: no such volume/],
    ['GET', '/volumes?filters=%7B%22size%22%3A%7B%221%22%3Atrue%7D%7D', undefined, 400, /invalid filter 'size'/],
    ['GET', '/system/df?type=memory', undefined, 400, /unknown object type: memory/],
    ['GET', '/nothing/at/all', undefined, 404, /page not found/],
    ['GET', '/v9.99/_ping', undefined, 400, /too new/],
    ['GET', '/v1.1/containers/json', undefined, 400, /too old/],
  ]
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  const wrong: string[] = []
  for (const [method, path, body, status, message] of cases) {
    const answer = await send(daemon.socket, method, path, body)
    if (answer.status !== status || !message.test(answer.message)) {
      wrong.push(`${method} ${path} ${body ?? ''}: ${answer.status} ${answer.message} (expected ${status} ${message})`)
    }
  }
  assert.deepEqual(wrong, [])
  assert.equal((await api.listContainers({ all: true })).length, 1, 'nothing half-made')
  assert.equal(String(await api.ping()), 'OK')
})

engineTest('an address outside its subnet, or taken, is refused and leaves nothing', async ({ docker, host }) => {
  await docker.ok('network', 'create', '--subnet', '10.66.0.0/29', 'small')
  const run = (name: string, ...flags: string[]) =>
    docker.run(['run', '-di', '--name', name, '--network', 'small', ...flags, 'busybox'])
  assert.match((await run('far', '--ip', '192.0.2.9')).stderr, /no configured subnet contains IP address 192\.0\.2\.9/)
  assert.equal((await run('one', '--ip', '10.66.0.3')).code, 0)
  assert.match((await run('same', '--ip', '10.66.0.3')).stderr, /Address already in use/)
  for (const name of ['two', 'three', 'four', 'five']) assert.equal((await run(name)).code, 0, name)
  assert.match((await run('six')).stderr, /no available IPv4 addresses on this network's address pools: small/)
  await eventually(async () => (await host.ip('link', 'show', 'type', 'veth')).length, 5)
  await docker.ok('rm', '-f', 'three')
  assert.equal((await run('seven')).code, 0, 'a freed address is used again')
})

engineTest('a missing program or working directory is said, and the container can be removed', async ({ docker }) => {
  const missing = await docker.run(['run', '-d', '--name', 'aa', 'busybox', '/no/such/program'])
  assert.equal(missing.code, 127)
  assert.match(missing.stderr, /\/no\/such\/program/)
  assert.equal(await docker.ok('inspect', '-f', '{{.State.Status}}', 'aa'), 'created')
  const user = await docker.run(['run', '-d', '--name', 'bb', '-u', 'nobody-at-all', 'busybox'])
  assert.notEqual(user.code, 0)
  assert.match(user.stderr, /nobody-at-all/)
  await docker.ok('rm', 'aa', 'bb')
})

engineTest('a daemon with a bad configuration says which key, and ends', async ({ host, daemon }) => {
  const main = `${import.meta.dirname}/../../src/main.ts`
  const file = `${daemon.root}/bad.json`
  for (const [content, words] of [
    ['{"nonsense": 1}', /the following directives don't match any configuration option: nonsense\n/],
    ['{"mtu": "big"}', /mtu/],
    ['{', /Cannot read the configuration/],
  ] as const) {
    writeFileSync(file, content)
    const { code, stderr } = await host.exec(process.execPath, [main, 'daemon', '--config-file', file])
    assert.equal(code, 1)
    assert.match(stderr, words)
  }
})
