import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findPlugin, pluginPlaces } from './find-plugin.ts'

test('pluginPlaces() looks at our own directory before Docker’s', () => {
  assert.deepEqual(pluginPlaces('/run/own'), {
    sockets: ['/run/own', '/run/docker/plugins'],
    specs: ['/run/own', '/etc/docker/plugins', '/usr/lib/docker/plugins'],
  })
})

test('findPlugin() takes a socket before a specification, in directories of their names too', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-plugins-'))
  const places = { sockets: [join(dir.path, 'run')], specs: [join(dir.path, 'etc'), join(dir.path, 'lib')] }
  for (const path of ['run/deep', 'etc/own', 'lib']) mkdirSync(join(dir.path, path), { recursive: true })
  const write = (path: string, text: string) => writeFileSync(join(dir.path, path), text)
  write('run/file.sock', 'no socket')
  write('etc/file.spec', ' tcp://127.0.0.1:9000\n')
  write('etc/own/own.spec', 'unix:///run/own.sock')
  write('etc/deep.spec', 'tcp://127.0.0.1:1')
  write(
    'etc/both.json',
    '{"Name":"both","Addr":"https://[::1]:7","TLSConfig":{"CAFile":"/ca","CertFile":"/c","KeyFile":""}}',
  )
  write('lib/both.spec', 'tcp://127.0.0.1:2')
  write('lib/plain.json', '{"Addr":"http://127.0.0.1:8"}')
  write('lib/trusting.json', '{"Addr":"https://127.0.0.1:9","TLSConfig":{}}')
  const server = createServer().listen(join(dir.path, 'run/deep/deep.sock'))
  await once(server, 'listening')
  const found = async (name: string) => {
    const { url, tls } = (await findPlugin(places, name)) ?? {}
    return [url?.href.replace(dir.path, ''), tls]
  }
  const insecure = { insecure: true }
  try {
    assert.deepEqual(
      { file: await found('file'), own: await found('own'), deep: await found('deep'), plain: await found('plain') },
      {
        file: ['tcp://127.0.0.1:9000', insecure],
        own: ['unix:///run/own.sock', insecure],
        deep: ['unix:///run/deep/deep.sock', insecure],
        plain: ['http://127.0.0.1:8/', { insecure: false }],
      },
    )
    assert.deepEqual(await found('trusting'), ['https://127.0.0.1:9/', insecure])
    assert.deepEqual(await found('both'), ['https://[::1]:7/', { insecure: false, caFile: '/ca', certFile: '/c' }])
    for (const name of ['nobody', '', '..', '.hidden', '../etc/file', 'own/own', 'a\0b']) {
      assert.equal(await findPlugin(places, name), undefined, JSON.stringify(name))
    }
  } finally {
    server.close()
  }
})

test('findPlugin() says which file makes no sense, and why', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-plugins-'))
  const cases: readonly [string, string, RegExp][] = [
    ['a.spec', '127.0.0.1:9', /a\.spec": "127\.0\.0\.1:9" is no address: unix:\/\/PATH/],
    ['b.spec', '', /b\.spec": "" is no address/],
    ['c.json', '{', /c\.json": it is not JSON: /],
    ['d.json', 'null', /d\.json": it has no "Addr"/],
    ['e.json', '{"Addr":"ftp://x"}', /e\.json": "ftp:\/\/x" is no address/],
  ]
  for (const [file, text, message] of cases) {
    writeFileSync(join(dir.path, file), text)
    const places = { sockets: [], specs: [dir.path] }
    await assert.rejects(findPlugin(places, file.split('.')[0]!), { kind: 'internal', message })
  }
})
