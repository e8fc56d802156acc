import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mountFileSystem, removeMount } from '../../src/kernel/mounts.ts'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { refusal } from '../support/refusal.ts'
import { importImage, netRaw } from '../support/volume-image.ts'

/** What a container of its own prints. */
function once({ docker }: Engine, ...args: string[]): Promise<string> {
  return docker.ok('run', '--rm', ...args)
}

engineTest(
  'a new volume gets what the image has there, with owners, modes, links, holes and capabilities',
  async (engine) => {
    const { docker, daemon } = engine
    await importImage(docker, 'full', 'VOLUME /data')
    await docker.ok(
      'create',
      '--name',
      'box',
      '-v',
      'named:/data',
      '-v',
      'bare:/data2:nocopy',
      '-v',
      'link:/via/data',
      'full',
    )
    const dir = (name: string) => join(daemon.root, 'data/volumes', name, '_data')
    const root = statSync(dir('named'))
    assert.deepEqual([root.uid, root.gid, root.mode & 0o7777], [1000, 1001, 0o1750])
    const [one, two] = [statSync(join(dir('named'), 'one')), statSync(join(dir('named'), 'sub/two'))]
    assert.deepEqual([one.ino, one.nlink, one.mode & 0o7777, one.uid], [two.ino, 2, 0o4711, 7])
    const hole = statSync(join(dir('named'), 'hole'))
    assert.ok(hole.size === 10_000_000 && hole.blocks < 100, 'holes stay holes')
    assert.equal(await once(engine, '-v', 'named:/v', 'full', 'readlink', '/v/absolute'), '/etc/passwd')
    const tool = join(dir('named'), 'tool')
    const capability = await engine.host.execOk('getfattr', ['-e', 'hex', '-n', 'security.capability', tool])
    assert.match(capability, new RegExp(`security.capability=${netRaw}`))
    assert.match(
      await engine.host.execOk('getfattr', ['-m', '-', '-d', join(dir('named'), 'one')]),
      /user\.note="kept"/,
    )
    assert.deepEqual(readdirSync(dir('bare')), [])
    assert.deepEqual(
      readdirSync(dir('link')).sort(),
      readdirSync(dir('named')).sort(),
      'the image’s link is followed inside',
    )

    writeFileSync(join(dir('named'), 'own'), 'mine')
    await docker.ok('run', '--rm', '-v', 'named:/data', 'full', 'rm', '/data/one')
    await docker.ok('run', '--rm', '-v', 'named:/data', 'full', 'true')
    assert.ok(!existsSync(join(dir('named'), 'one')), 'a volume with files is not new any more')
    await docker.ok('rm', '-v', 'box')
  },
)

engineTest(
  'an image that links out of itself copies nothing of the host, and a full disk leaves nothing',
  async (engine) => {
    const { docker, daemon } = engine
    const secret = join(daemon.root, 'secret')
    mkdirSync(secret)
    writeFileSync(join(secret, 'file'), 'secret')
    await importImage(docker, 'hostile', 'ENV x=1', secret)
    await docker.ok('create', '-v', 'out:/out', '-v', 'up:/up', 'hostile')
    for (const name of ['out', 'up'])
      assert.deepEqual(readdirSync(join(daemon.root, 'data/volumes', name, '_data')), [])

    await docker.ok('volume', 'create', '-o', 'type=tmpfs', '-o', 'device=tmpfs', '-o', 'o=size=64k', 'tiny')
    const words = await refusal(engine, 'run', '-v', 'tiny:/bin', '-v', '/anonymous', 'busybox', 'true')
    assert.equal(words, 'Cannot copy the files of the image: no space left on device')
    assert.equal((await docker.ok('ps', '-aq')).split('\n').length, 1, 'only the one from before')
    const volumes = join(daemon.root, 'data/volumes')
    mountFileSystem('tmpfs', volumes, { options: 'size=64k' })
    try {
      assert.equal(await refusal(engine, 'run', '-v', 'little:/bin', 'busybox', 'true'), words)
      assert.deepEqual(readdirSync(join(volumes, 'little')), ['_data'], 'no half copy')
      await docker.ok('volume', 'rm', 'little')
    } finally {
      removeMount(volumes)
    }
    assert.equal(await docker.ok('volume', 'ls', '-q'), 'out\ntiny\nup')
    assert.deepEqual(readdirSync(join(daemon.root, 'data/volumes/tiny/_data')), [])
  },
)

engineTest('two containers at once with one new volume: it is filled once, and both see all of it', async (engine) => {
  const { docker } = engine
  const seen = await Promise.all(
    Array.from({ length: 4 }, () => once(engine, '-v', 'bin:/bin', 'busybox', 'sh', '-c', 'ls /bin | wc -l')),
  )
  assert.equal(new Set(seen).size, 1)
  assert.ok(Number(seen[0]) > 100)
  assert.equal((await docker.ok('volume', 'ls', '-q')).split('\n').length, 1)
})

engineTest('kill -9 while files are copied: no container, no half volume, no mount', async (engine) => {
  const { docker, daemon } = engine
  for (;;) {
    const creating = docker.run(['create', '-v', 'bin:/bin', '-v', '/etc', 'busybox'])
    const copy = join(daemon.root, 'data/volumes/bin/_copy')
    while (!existsSync(copy) && !existsSync(join(daemon.root, 'data/volumes/bin/_data/sh')))
      await new Promise(setImmediate)
    await daemon.kill9()
    await creating
    await daemon.start()
    const made = await docker.ok('ps', '-aq')
    if (made === '') break
    // The copy was quicker than the blow, which is to hit it: once more.
    await docker.ok('rm', '-v', made)
    await docker.ok('volume', 'rm', 'bin')
  }
  assert.equal(await docker.ok('volume', 'ls', '-q'), 'bin')
  assert.deepEqual(readdirSync(join(daemon.root, 'data/volumes')), ['bin'])
  assert.deepEqual(readdirSync(join(daemon.root, 'data/volumes/bin')), ['_data'])
  assert.deepEqual(readdirSync(join(daemon.root, 'data/containers')), [])
  assert.ok(Number(await once(engine, '-v', 'bin:/bin', 'busybox', 'sh', '-c', 'ls /bin | wc -l')) > 100)
})
