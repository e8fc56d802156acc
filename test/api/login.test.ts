import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { rawHttp } from '../support/raw-http.ts'
import { startRegistry } from '../support/registry.ts'
import { startTokenServer } from '../support/token-server.ts'

const user = { name: 'me', password: 'sec:ret' }

/** What a client's configuration file holds. */
function configOf(client: Engine['docker']): Record<string, any> {
  return JSON.parse(readFileSync(join(client.env['DOCKER_CONFIG']!, 'config.json'), 'utf8'))
}

engineTest('login and logout: docker and wharf say the same, and keep the same file', async (engine) => {
  const { docker, wharf, host } = engine
  await using registry = await startRegistry(host, 5000, { user })
  const name = `${registry.address}/x`
  await docker.ok('tag', 'busybox', name)
  for (const client of [docker, wharf]) {
    const login = ['login', '-u', user.name, '--password-stdin', registry.address]
    const wrong = await client.run(login, { input: 'wrong' })
    assert.equal(wrong.code, 1)
    assert.match(wrong.stderr, /Get "http:\/\/127.0.0.1:5000\/v2\/": unauthorized: authentication required/)
    assert.equal((await client.run(['push', '-q', name])).code, 1)
    const right = await client.run(login, { input: `${user.password}\n` })
    assert.deepEqual([right.code, right.stdout.trim()], [0, 'Login Succeeded'])
    const file = join(client.env['DOCKER_CONFIG']!, 'config.json')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.deepEqual(configOf(client)['auths'], {
      [registry.address]: { auth: Buffer.from('me:sec:ret').toString('base64') },
    })
    await client.ok('push', '-q', name)
    await client.ok('pull', '-q', name)
    assert.match(await client.ok('login', registry.address), /Login Succeeded/)
  }
  assert.deepEqual(
    readFileSync(join(wharf.env['DOCKER_CONFIG']!, 'config.json'), 'utf8'),
    readFileSync(join(docker.env['DOCKER_CONFIG']!, 'config.json'), 'utf8'),
  )
  assert.equal(await wharf.ok('logout', registry.address), await docker.ok('logout', registry.address))
  assert.equal(await wharf.ok('logout', registry.address), await docker.ok('logout', registry.address))
  assert.match((await wharf.run(['pull', name])).stderr, /denied|unauthorized/)
})

engineTest('a registry with a token server: its users push, everybody reads what is public', async (engine) => {
  const { docker, wharf, host, daemon } = engine
  await using tokens = await startTokenServer(host, daemon.root, user)
  await using registry = await startRegistry(host, 5000, { tokens })
  const [open, closed] = [`${registry.address}/public/x`, `${registry.address}/team/x`]
  for (const name of [open, closed]) await docker.ok('tag', 'busybox', name)
  const denied = await docker.run(['push', closed])
  assert.deepEqual([denied.code, denied.stderr.trim()], [1, 'denied: requested access to the resource is denied'])
  const login = ['login', '-u', user.name, '--password-stdin', registry.address]
  assert.match((await wharf.run(login, { input: 'wrong' })).stderr, /unauthorized/)
  assert.equal((await wharf.run(login, { input: user.password })).code, 0)
  for (const name of [open, closed]) await wharf.ok('push', name)
  await docker.ok('rmi', open, closed)
  await docker.ok('pull', open)
  assert.match((await docker.run(['pull', closed])).stderr, /pull access denied for 127.0.0.1:5000\/team\/x/)
  await wharf.ok('pull', closed)
  assert.ok(tokens.asked.includes('me repository:team/x:pull,push'), tokens.asked.join())
})

engineTest("wharf asks the helpers that docker's configuration names", async ({ wharf, docker, host, daemon }) => {
  await using registry = await startRegistry(host, 5000, { user })
  await docker.ok('tag', 'busybox', `${registry.address}/x`)
  const [bin, kept] = [join(daemon.root, 'bin'), join(daemon.root, 'kept')]
  mkdirSync(bin)
  const helper = join(bin, 'docker-credential-test')
  writeFileSync(
    helper,
    `#!/bin/sh
case $1 in
get) cat ${kept} 2>/dev/null || { echo 'credentials not found in native keychain'; exit 1; } ;;
store) cat > ${kept} ;;
erase) rm ${kept} ;;
esac
`,
  )
  chmodSync(helper, 0o755)
  const config = join(wharf.env['DOCKER_CONFIG']!, 'config.json')
  writeFileSync(config, JSON.stringify({ credHelpers: { [registry.address]: 'test' }, detachKeys: 'ctrl-x' }))
  const env = { PATH: `${bin}:${process.env['PATH']}` }
  const run = (words: readonly string[], input = '') => wharf.run(words, { env, input })
  assert.equal((await run(['push', `${registry.address}/x`])).code, 1)
  const login = await run(['login', '-u', user.name, '--password-stdin', registry.address], user.password)
  assert.deepEqual([login.code, login.stderr], [0, ''])
  assert.deepEqual(JSON.parse(readFileSync(kept, 'utf8')), {
    ServerURL: registry.address,
    Username: 'me',
    Secret: 'sec:ret',
  })
  assert.deepEqual(configOf(wharf), { credHelpers: { [registry.address]: 'test' }, detachKeys: 'ctrl-x' })
  assert.equal((await run(['push', `${registry.address}/x`])).code, 0)
  assert.match((await run(['logout', registry.address])).stdout, /Removing login credentials/)
  assert.equal((await run(['logout', registry.address])).code, 0)
  assert.equal((await run(['push', `${registry.address}/x`])).code, 1)
})

engineTest('wharf login refuses what cannot be, and asks on a terminal', async ({ wharf, docker, host, daemon }) => {
  await using registry = await startRegistry(host, 5000, { user })
  const cases = [
    [['login', '--password-stdin', 'x.test'], /the --password-stdin option requires --username to be set/],
    [['login', '-u', 'me', '-p', 'x', '--password-stdin', 'x.test'], /--password and --password-stdin/],
    [['login', '-u', 'me', registry.address], /[Cc]annot perform an interactive login from a non[ -]TTY device/],
  ] as const
  for (const [words, answer] of cases)
    for (const client of [docker, wharf]) {
      const { code, stderr } = await client.run(words, { input: '' })
      assert.equal(code, 1)
      assert.match(stderr, answer)
    }
  await using terminal = wharf.terminal(['login', registry.address])
  await terminal.expect(/Username: /)
  terminal.type('me\r')
  await terminal.expect(/Password: /)
  terminal.type('sec:ret\r')
  await terminal.expect(/Login Succeeded/)
  assert.ok(!terminal.output.includes('sec:ret'))
  const http = rawHttp(daemon.socket)
  const refused = await http('POST', '/auth', { username: 'me', password: 'x', serveraddress: '127.0.0.1:5999' })
  assert.deepEqual([refused.status, /connection refused/.test(refused.json.message)], [500, true])
  assert.equal((await http('POST', '/auth', { serveraddress: 'http://a b/' })).status, 400)
  assert.equal((await http('POST', '/auth', { serveraddress: 7 })).status, 400)
  assert.equal((await http('GET', '/images/search?term=x')).status, 501)
})
