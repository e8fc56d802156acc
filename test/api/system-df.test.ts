import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { rawHttp } from '../support/raw-http.ts'

/** A running and a stopped container, an image with a layer of its own on a shared one, and three volumes. */
async function fill({ docker, sh }: Engine): Promise<void> {
  await docker.ok('run', '-di', '--name', 'box', '-v', 'data:/data', '-v', '/anonymous', 'busybox')
  await docker.ok('create', '--name', 'idle', '-v', 'data:/data', 'busybox')
  await docker.ok('volume', 'create', 'alone')
  await docker.ok('volume', 'create', '-o', 'type=tmpfs', '-o', 'device=tmpfs', 'memory')
  await sh('box', 'head -c 1000000 /dev/zero > /x; ln /x /y; head -c 5000 /dev/zero > /data/f')
}

engineTest('system df counts images, containers and volumes, and each kind alone when asked', async (engine) => {
  const { docker, api, daemon } = engine
  await fill(engine)
  await docker.ok('tag', 'busybox', 'other')
  const { LayersSize, Images, Containers, Volumes, BuildCache } = await api.df()
  assert.equal(Images.length, 1)
  const [image] = Images
  assert.deepEqual([image.Containers, image.SharedSize, image.Size], [2, 0, LayersSize])
  const sizes = Object.fromEntries(Containers.map((each: any) => [each.Names[0], [each.SizeRw ?? 0, each.SizeRootFs]]))
  assert.deepEqual(sizes, { '/box': [1_000_000, LayersSize + 1_000_000], '/idle': [0, LayersSize] })
  const named = Volumes.filter(({ Name }: { Name: string }) => Name.length < 64)
  assert.deepEqual(Object.fromEntries(named.map((each: any) => [each.Name, each.UsageData])), {
    data: { RefCount: 2, Size: 5000 },
    alone: { RefCount: 0, Size: 0 },
  })
  assert.equal(Volumes.length, 3, 'what is not on this disk is left out')
  assert.deepEqual(BuildCache, [])

  const client = rawHttp(daemon.socket)
  const ask = async (url: string) => (await client('GET', url)).json
  const one = await ask('/v1.45/system/df?type=volume')
  assert.deepEqual([one.Images, one.Containers, one.BuildCache, one.Volumes.length], [null, null, null, 3])
  const two = await ask('/v1.45/system/df?type=image&type=build-cache')
  assert.deepEqual([two.Images.length, two.Containers, two.BuildCache, two.Volumes], [1, null, [], null])
  assert.deepEqual(await ask('/v1.45/system/df?type=x'), { message: 'unknown object type: x' })
  const old = await ask('/v1.41/system/df?type=x')
  assert.deepEqual([old.BuilderSize, old.Containers.length, old.Images.length], [0, 2, 1])
})

engineTest('system df prints what docker prints, and counts what changes under it', async (engine) => {
  const { docker, wharf, daemon } = engine
  await fill(engine)
  for (const words of [[], ['--format', 'json'], ['--format', '{{.Type}}: {{.Size}} {{.Reclaimable}}']]) {
    assert.equal(await wharf.ok('system', 'df', ...words), await docker.ok('system', 'df', ...words))
  }
  const still = (text: string) => text.replace(/\b(Less than a|\d+) seconds?( ago)?\b/g, 'SOON').replace(/ {2,}/g, '  ')
  assert.equal(still(await wharf.ok('system', 'df', '-v')), still(await docker.ok('system', 'df', '-v')))
  const data = join(daemon.root, 'data/volumes/data/_data')
  writeFileSync(join(data, 'more'), 'x'.repeat(95_000))
  assert.match(await docker.ok('system', 'df'), /Local Volumes +3 +2 +100kB +0B \(0%\)/)
  rmSync(data, { recursive: true })
  assert.match(await docker.ok('system', 'df'), /Local Volumes +3 +2 +0B +0B/)
})

engineTest('system prune removes what is not used, and volumes only when asked', async (engine) => {
  const { docker, wharf } = engine
  for (const client of [docker, wharf]) {
    await fill(engine)
    await docker.ok('network', 'create', 'unused')
    await docker.ok('volume', 'create')
    const idle = await docker.ok('inspect', '-f', '{{.Id}}', 'idle')
    assert.match(await client.ok('system', 'prune', '-f', '--filter', 'label=none'), /^Total reclaimed space: 0B$/)
    const first = await client.ok('system', 'prune', '-f')
    assert.match(
      first,
      new RegExp(`^Deleted Containers:\n${idle}\n\nDeleted Networks:\nunused\n\nTotal reclaimed space: `),
    )
    assert.match(await client.ok('system', 'prune', '-f', '--volumes'), /^Deleted Volumes:\n[0-9a-f]{64}\n\nTotal /)
    const { code, stderr } = await client.run(['system', 'prune', '-f', '--volumes', '--filter', 'until=1h'])
    assert.equal(code, 1)
    assert.match(stderr, /^ERROR: The "until" filter is not supported with "--volumes"\n/)
    const names = (await docker.ok('volume', 'ls', '-q')).split('\n').filter((name) => name.length < 64)
    assert.deepEqual(names, ['alone', 'data', 'memory'])
    await docker.ok('rm', '-fv', 'box')
    await docker.ok('volume', 'rm', ...names)
  }
  const asked = await Promise.all([docker, wharf].map((cli) => cli.run(['system', 'prune', '-a', '--volumes'])))
  assert.deepEqual(asked[1], asked[0])
  await docker.ok('tag', 'busybox', 'again')
  assert.match(await docker.ok('system', 'prune', '-af'), /Deleted Images:\n(.*\n)*deleted: sha256:/)
  assert.equal(await docker.ok('images', '-q'), '')
})
