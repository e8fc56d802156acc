import assert from 'node:assert/strict'
import { olderDockerCli } from '../support/docker.ts'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { startRegistry } from '../support/registry.ts'

/** An image of two layers: busybox, and noise that a push takes a while for. */
async function makeImage({ docker, host, daemon }: Engine, name: string): Promise<void> {
  await host.execOk('sh', ['-c', `mkdir ${daemon.root}/n && head -c 3000000 /dev/urandom > ${daemon.root}/n/noise`])
  await host.execOk('tar', ['-C', `${daemon.root}/n`, '-cf', `${daemon.root}/n.tar`, '.'])
  await docker.ok('import', `${daemon.root}/n.tar`, name)
}

/** What the registry has, asked by somebody who is not us. */
async function manifestOf({ host }: Engine, name: string): Promise<string> {
  return await host.execOk('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${name}`])
}

engineTest('docker push sends an image, says so as Docker does, and sends no layer twice', async (engine) => {
  const { docker, api, host } = engine
  await using registry = await startRegistry(host)
  const name = `${registry.address}/team/busybox`
  await docker.ok('tag', 'busybox', `${name}:1`)
  const said = await docker.ok('push', `${name}:1`)
  const [first, ...lines] = said.split('\n')
  assert.equal(first, `The push refers to repository [${name}]`)
  const [, digest, size] = /^1: digest: (sha256:[0-9a-f]{64}) size: (\d+)$/.exec(lines.at(-1)!)!
  const manifest = await manifestOf(engine, `${name}:1`)
  assert.equal(Number(size), Buffer.byteLength(manifest))
  const { RepoDigests, RootFS } = await api.getImage(`${name}:1`).inspect()
  assert.deepEqual(RepoDigests, [`${name}@${digest}`])
  const layer = RootFS.Layers[0]!.slice(7, 19)
  assert.deepEqual(lines.slice(0, -1), [`${layer}: Preparing`, `${layer}: Pushed`])

  assert.match(await docker.ok('push', `${name}:1`), new RegExp(`^${layer}: Layer already exists$`, 'm'))
  await docker.ok('tag', 'busybox', `${registry.address}/other:2`)
  const mounted = await docker.ok('push', `${registry.address}/other:2`)
  assert.match(mounted, new RegExp(`^${layer}: Mounted from team/busybox$`, 'm'))

  await docker.ok('rmi', '-f', RepoDigests[0]!, `${name}:1`, `${registry.address}/other:2`, 'busybox')
  assert.equal(await docker.ok('images', '-q'), '')
  await docker.ok('pull', `${name}@${digest}`)
  assert.equal((await docker.run(['run', '--rm', `${name}@${digest}`, 'echo', 'back'])).stdout, 'back\n')
})

engineTest('docker push -a sends all tags; wharf push prints what docker prints', async (engine) => {
  const { docker, wharf, host } = engine
  await using registry = await startRegistry(host)
  const name = `${registry.address}/many`
  for (const tag of ['b', 'a']) await docker.ok('tag', 'busybox', `${name}:${tag}`)
  const said = await docker.ok('push', '-a', name)
  assert.deepEqual(said.match(/^\w+: digest: /gm), ['a: digest: ', 'b: digest: '])
  assert.equal(await wharf.ok('push', '--all-tags', name), await docker.ok('push', '--all-tags', name))
  assert.equal(await wharf.ok('push', '-q', `${name}:a`), await docker.ok('push', '-q', `${name}:a`))
  await docker.ok('tag', 'busybox', name)
  assert.equal(await wharf.ok('push', name), await docker.ok('push', name))
  const { code, stdout, stderr } = await wharf.run(['push', '-a', `${name}:a`])
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /tag can't be used with --all-tags\/-a/)
  await docker.ok('rmi', `${name}:a`, `${name}:b`, `${name}:latest`)
  assert.match(
    await docker.ok('pull', '-a', name),
    /^b: Pulling from many\nDigest: [\s\S]*\nStatus: Downloaded newer image for 127.0.0.1:5000\/many\n/m,
  )
  const tags = await docker.ok('images', '--format', '{{.Tag}}', name)
  assert.deepEqual(tags.split('\n').toSorted(), ['a', 'b', 'latest'])
})

engineTest('a push says what is wrong in the words of Docker', async (engine) => {
  const { docker, wharf, host, daemon } = engine
  await using registry = await startRegistry(host, 5000, { user: { name: 'me', password: 'secret' } })
  const name = `${registry.address}/x`
  await docker.ok('tag', 'busybox', `${name}:1`)
  await docker.ok('tag', 'busybox', '127.0.0.1:5001/x:1')
  const cases = [
    [['push', `${registry.address}/none`], `An image does not exist locally with the tag: ${registry.address}/none`],
    [['push', `${name}:2`], `tag does not exist: ${name}:2`],
    [['push', `${name}:1`], 'no basic auth credentials'],
    [['push', '127.0.0.1:5001/x:1'], /Get "http:.*dial tcp 127.0.0.1:5001: connect: connection refused/],
    [
      ['push', '--platform', 'linux/s390x', `${name}:1`],
      /was found but its platform \(linux\/amd64\) does not match the specified platform \(linux\/s390x\)/,
    ],
  ] as const
  for (const client of [docker, wharf])
    for (const [words, answer] of cases) {
      const { code, stderr } = await client.run(words)
      assert.equal(code, 1)
      if (typeof answer === 'string') assert.ok(stderr.includes(answer), stderr)
      else assert.match(stderr, answer)
    }
  const auth = Buffer.from(JSON.stringify({ username: 'me', password: 'wrong' })).toString('base64url')
  const ask = (...headers: string[]) =>
    host.execOk('curl', [
      '-s',
      '-X',
      'POST',
      ...headers,
      '--unix-socket',
      daemon.socket,
      `http://w/images/${name}/push?tag=1`,
    ])
  assert.match(await ask('-H', `X-Registry-Auth: ${auth}`), /"error":"unauthorized: authentication required"/)
  assert.match(await ask(), /missing X-Registry-Auth/)
})

engineTest('an imported image is packed for the registry, and comes back the same', async (engine) => {
  const { docker, host, api } = engine
  await using registry = await startRegistry(host)
  const name = `${registry.address}/noise`
  await makeImage(engine, name)
  const said = await docker.ok('push', name)
  const { layers } = JSON.parse(await manifestOf(engine, name))
  assert.deepEqual(
    layers.map(({ mediaType }: { readonly mediaType: string }) => mediaType),
    ['application/vnd.docker.image.rootfs.diff.tar.gzip'],
  )
  assert.match(await docker.ok('push', name), /Layer already exists/)
  const { Id } = await api.getImage(name).inspect()
  await docker.ok('rmi', name)
  await docker.ok('pull', name)
  assert.equal((await api.getImage(name).inspect()).Id, Id)
  const digest = /digest: (sha256:\S+)/.exec(said)![1]!
  const remote = JSON.parse(
    await host.execOk('curl', ['-s', '--unix-socket', engine.daemon.socket, `http://w/distribution/${name}/json`]),
  )
  assert.deepEqual([remote.Descriptor.digest, remote.Platforms], [digest, [{ architecture: 'amd64', os: 'linux' }]])
})

engineTest(
  'layers are sent as registries have them, however they were packed',
  async ({ docker, host, daemon, api }) => {
    await using registry = await startRegistry(host)
    const pack =
      'mkdir r; head -c 100000 /dev/urandom > r/f; tar -C r -cf r.tar .; xz -k r.tar; bzip2 -k r.tar; zstd -q r.tar'
    await host.execOk('sh', ['-c', `cd ${daemon.root}; ${pack}`])
    for (const [kind, type] of [
      ['xz', '.gzip'],
      ['bz2', '.gzip'],
      ['zst', '+zstd'],
    ] as const) {
      const name = `${registry.address}/${kind}`
      await docker.ok('import', `${daemon.root}/r.tar.${kind}`, name)
      const { Id } = await api.getImage(name).inspect()
      await docker.ok('push', name)
      const said = await host.execOk('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${name}`])
      assert.ok(JSON.parse(said).layers[0].mediaType.endsWith(`tar${type}`), said)
      await docker.ok('rmi', name)
      await docker.ok('pull', name)
      assert.equal((await api.getImage(name).inspect()).Id, Id)
    }
  },
)

engineTest('the older docker client pushes, logs in and pulls all the same', async ({ daemon, docker, host }) => {
  using older = olderDockerCli(daemon.socket)
  await using registry = await startRegistry(host, 5000, { user: { name: 'me', password: 'secret' } })
  const name = `${registry.address}/x`
  await older.ok('tag', 'busybox', `${name}:1`)
  assert.match((await older.run(['push', `${name}:1`])).stderr, /no basic auth credentials/)
  const login = ['login', '-u', 'me', '--password-stdin', registry.address]
  assert.match((await older.run(login, { input: 'wrong' })).stderr, /unauthorized: authentication required/)
  assert.match((await older.run(login, { input: 'secret' })).stdout, /Login Succeeded/)
  await docker.run(login, { input: 'secret' })
  assert.match(await older.ok('push', `${name}:1`), /^1: digest: sha256:[0-9a-f]{64} size: \d+$/m)
  assert.equal(await older.ok('push', '-a', name), await docker.ok('push', '-a', name))
  await older.ok('rmi', `${name}:1`)
  assert.match(await older.ok('pull', '-a', name), /^Status: .* for 127.0.0.1:5000\/x$/m)
  assert.equal(await older.ok('image', 'inspect', '-f', '{{.Container}}|{{.Config.Hostname}}', `${name}:1`), '|')
  assert.match(await older.ok('image', 'prune', '-af'), /^untagged: 127.0.0.1:5000\/x:1$/m)
})
