import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { startRegistry } from '../support/registry.ts'

engineTest('import, tag, images, inspect, history and rmi tell of one image', async ({ docker, api }) => {
  assert.match(
    await docker.ok('images'),
    /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\nbusybox +latest +[0-9a-f]{12} +.* +[\d.]+MB$/,
  )
  await docker.ok('tag', 'busybox', 'localhost/tools:v1')
  const { Id, RepoTags, Config, RootFS, Os } = await api.getImage('busybox').inspect()
  assert.deepEqual(RepoTags, ['busybox:latest', 'localhost/tools:v1'])
  assert.deepEqual([Config.Cmd, RootFS.Type, RootFS.Layers.length, Os], [['sh'], 'layers', 1, 'linux'])
  assert.equal(await docker.ok('images', '-q', '--no-trunc', 'busybox'), Id)
  assert.match(await docker.ok('history', '--no-trunc', '-q', 'busybox'), /^sha256:|<missing>/)
  assert.equal(await docker.ok('rmi', 'localhost/tools:v1'), 'Untagged: localhost/tools:v1')

  await docker.ok('create', '--name', 'user', 'busybox')
  const refusal = await docker.run(['rmi', 'busybox'])
  assert.match(
    refusal.stderr,
    /conflict: unable to remove repository reference "busybox" .*container [0-9a-f]{12} is using/,
  )
  await docker.ok('rm', 'user')
  assert.match(await docker.ok('rmi', 'busybox'), /Untagged: busybox:latest\nDeleted: sha256:/)
  assert.equal(await docker.ok('images', '-q'), '')
})

engineTest('save and load carry an image to an engine that does not have it', async ({ docker, daemon }) => {
  const file = join(daemon.root, 'image.tar')
  await docker.ok('save', '-o', file, 'busybox')
  const id = await docker.ok('images', '-q', '--no-trunc', 'busybox')
  await docker.ok('rmi', 'busybox')
  assert.match(await docker.ok('load', '-i', file), /Loaded image: busybox:latest/)
  assert.equal(await docker.ok('images', '-q', '--no-trunc', 'busybox'), id)
  assert.equal((await docker.run(['run', '--rm', 'busybox', 'echo', 'again'])).stdout, 'again\n')
})

engineTest('docker pull takes an image from a registry, layer by layer', async (engine) => {
  const { docker, host } = engine
  await using registry = await startRegistry(host)
  const name = await push(engine, registry.address)
  await docker.ok('rmi', 'busybox')
  const said = await docker.ok('pull', name)
  assert.match(said, /latest: Pulling from busybox/)
  assert.match(said, /^[0-9a-f]{12}: Pull complete$/m)
  assert.match(said, /^Digest: sha256:[0-9a-f]{64}$/m)
  assert.match(said, new RegExp(`^Status: Downloaded newer image for ${name}:latest$`, 'm'))
  assert.match(await docker.ok('pull', name), /Status: Image is up to date/)
  assert.equal((await docker.run(['run', '--rm', name, 'echo', 'pulled'])).stdout, 'pulled\n')
  const missing = await docker.run(['pull', `${registry.address}/nothing`])
  assert.deepEqual([missing.code, /^Error response from daemon: /.test(missing.stderr)], [1, true], missing.stderr)
  assert.match(missing.stderr, /not found|unknown|denied/)
})

engineTest('a layer whose digest is wrong is refused, and nothing of it stays', async (engine) => {
  const { docker, host } = engine
  await using registry = await startRegistry(host)
  const name = await push(engine, registry.address)
  await docker.ok('rmi', 'busybox')
  const blobs = globSync(join(registry.dir, 'docker/registry/v2/blobs/sha256/*/*/data'))
  const largest = blobs
    .map((file) => ({ file, bytes: readFileSync(file) }))
    .sort((a, b) => b.bytes.length - a.bytes.length)[0]!
  largest.bytes[largest.bytes.length >> 1]! ^= 0xff
  writeFileSync(largest.file, largest.bytes)
  const { code, stderr } = await docker.run(['pull', name])
  assert.equal(code, 1)
  assert.match(stderr, /digest|corrupt|verif/i)
  assert.equal(await docker.ok('images', '-aq'), '')
})

engineTest('docker import makes an image of a tar, with --change and --message', async ({ docker, daemon, api }) => {
  const file = join(daemon.root, 'root.tar')
  execFileSync(
    'sh',
    ['-ec', `mkdir -p r/bin; cp /bin/busybox r/bin; ln -s busybox r/bin/sh; tar -C r -czf ${file} .`],
    {
      cwd: daemon.root,
    },
  )
  const changes = ['CMD ["sh", "-c", "echo $WHO"]', 'ENV WHO=me PATH=/bin', 'EXPOSE 80', 'WORKDIR /srv']
  const flags = changes.flatMap((change) => ['--change', change])
  const id = await docker.ok('import', ...flags, '--message', 'from a tar', file, 'made:1')
  const { Id, Config, Comment } = await api.getImage('made:1').inspect()
  assert.equal(Id, id)
  assert.deepEqual([Comment, Config.WorkingDir, Config.ExposedPorts], ['from a tar', '/srv', { '80/tcp': {} }])
  assert.equal((await docker.run(['run', '--rm', 'made:1'])).stdout, 'me\n')
  const refused = await docker.run(['import', '--change', 'RUN true', file])
  assert.match(refused.stderr, /run is not a valid change command/)
})

engineTest('docker load refuses what is no archive, and the engine goes on', async ({ docker, daemon }) => {
  const file = join(daemon.root, 'noise')
  writeFileSync(file, 'noise'.repeat(5000))
  const { code, stderr } = await docker.run(['load', '-i', file])
  assert.deepEqual([code, /archive\/tar: invalid tar header/.test(stderr)], [1, true])
  const missing = await docker.run(['save', 'nosuch'])
  assert.match(missing.stderr, /No such image: nosuch:latest/)
  assert.match(await docker.ok('images', '-q'), /^[0-9a-f]{12}$/)
})

/** Puts the image `busybox` into a registry, with skopeo as the independent hand. */
async function push({ docker, daemon, host }: Engine, registry: string): Promise<string> {
  const file = join(daemon.root, 'pushed.tar')
  await docker.ok('save', '-o', file, 'busybox')
  const target = `docker://${registry}/busybox:latest`
  // As root skopeo would keep notes under /var/lib.
  const notes = ['_CONTAINERS_ROOTLESS_UID=65534', `XDG_DATA_HOME=${daemon.root}`]
  await host.execOk('env', [
    ...notes,
    'skopeo',
    'copy',
    '-q',
    '--dest-tls-verify=false',
    `docker-archive:${file}`,
    target,
  ])
  return `${registry}/busybox`
}
