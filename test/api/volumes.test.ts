import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { readMounts } from '../../src/kernel/mounts.ts'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { rawHttp } from '../support/raw-http.ts'
import { refusal } from '../support/refusal.ts'

async function names({ docker }: Engine, ...args: string[]): Promise<string[]> {
  return (await docker.ok('volume', 'ls', '-q', ...args)).split('\n').filter(Boolean)
}

engineTest('a volume is created, listed by filters, inspected and removed', async (engine) => {
  const { docker, api, daemon } = engine
  assert.equal(await docker.ok('volume', 'create', '--label', 'tier=web', 'data'), 'data')
  assert.equal(await docker.ok('volume', 'create', 'data'), 'data')
  const anonymous = await docker.ok('volume', 'create')
  assert.match(anonymous, /^[0-9a-f]{64}$/)
  assert.deepEqual((await names(engine)).sort(), [anonymous, 'data'].sort())
  assert.deepEqual(await names(engine, '-f', 'label=tier=web'), ['data'])
  assert.deepEqual(await names(engine, '-f', 'name=dat', '-f', 'driver=local', '-f', 'dangling=true'), ['data'])
  assert.deepEqual(await names(engine, '-f', 'driver=nfs'), [])
  assert.equal(await refusal(engine, 'volume', 'ls', '-f', 'dangling=perhaps'), "invalid filter 'dangling=[perhaps]'")

  const { CreatedAt, ...view } = await api.getVolume('data').inspect()
  assert.match(CreatedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  const Mountpoint = join(daemon.root, 'data/volumes/data/_data')
  assert.deepEqual(view, {
    ...{ Name: 'data', Driver: 'local', Scope: 'local', Mountpoint },
    ...{ Labels: { tier: 'web' }, Options: null },
  })
  assert.ok(existsSync(Mountpoint))
  assert.deepEqual((await api.getVolume(anonymous).inspect()).Labels, { 'com.docker.volume.anonymous': '' })
  assert.equal(await docker.ok('volume', 'rm', 'data', anonymous), `data\n${anonymous}`)
  assert.deepEqual(readdirSync(join(daemon.root, 'data/volumes')), [])
  assert.equal(await refusal(engine, 'volume', 'inspect', 'data'), 'get data: no such volume')
  assert.equal(await refusal(engine, 'volume', 'rm', 'data'), 'get data: no such volume')
  assert.equal((await docker.run(['volume', 'rm', '-f', 'data'])).code, 0)
})

engineTest('names that climb, unknown drivers and options that cannot be are refused', async (engine) => {
  const characters =
    'includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. ' +
    'If you intended to pass a host directory, use absolute path'
  for (const name of ['../x', '..', 'a/b', '.x']) {
    const words = `create ${name}: "${name}" ${characters}`
    assert.equal(await refusal(engine, 'volume', 'create', name), words)
    // The client takes what begins with a dot for a path of its own.
    if (!name.startsWith('.')) {
      assert.equal(await refusal(engine, 'run', '-v', `${name}:/data`, 'busybox', 'true'), words)
    }
  }
  const short = 'create x: volume name is too short, names should be at least two alphanumeric characters'
  assert.equal(await refusal(engine, 'volume', 'create', 'x'), short)
  const unknown = 'error looking up volume plugin nosuch: plugin "nosuch" not found'
  assert.equal(await refusal(engine, 'volume', 'create', '-d', 'nosuch', 'v1'), `create v1: ${unknown}`)
  assert.equal(
    await refusal(engine, 'run', '--volume-driver', 'nosuch', '-v', 'v1:/data', 'busybox', 'true'),
    `create v1: ${unknown}`,
  )
  assert.equal(await refusal(engine, 'volume', 'create', '-o', 'foo=x', 'v1'), 'create v1: invalid option: "foo"')
  const missing = 'create v1: missing required option: "device"'
  assert.equal(await refusal(engine, 'volume', 'create', '-o', 'type=tmpfs', 'v1'), missing)
  assert.deepEqual(readdirSync(join(engine.daemon.root, 'data/volumes')), [])
})

engineTest('a volume in use stays, and a prune takes only what nobody uses', async (engine) => {
  const { docker, wharf, api } = engine
  for (const words of [[], ['-a'], ['-a', '--filter', 'all=1'], ['--filter', 'label=x']]) {
    const [asked, asks] = await Promise.all([docker, wharf].map((cli) => cli.run(['volume', 'prune', ...words])))
    assert.deepEqual(asks, asked)
  }
  await docker.ok('volume', 'create', 'idle')
  await docker.ok('volume', 'create')
  const id = await docker.ok('create', '--name', 'box', '-v', 'used:/data', '-v', '/anonymous', 'busybox')
  assert.equal(await refusal(engine, 'volume', 'rm', 'used'), `remove used: volume is in use - [${id}]`)
  assert.equal(await refusal(engine, 'volume', 'rm', '-f', 'used'), `remove used: volume is in use - [${id}]`)
  assert.deepEqual(await names(engine, '-f', 'dangling=false', '-f', 'name=used'), ['used'])
  const first = await api.pruneVolumes()
  assert.deepEqual([first.VolumesDeleted?.length, first.SpaceReclaimed], [1, 0])
  assert.deepEqual((await names(engine, '-f', 'name=idle')).length, 1)
  writeFileSync(join((await api.getVolume('idle').inspect()).Mountpoint, 'file'), 'x'.repeat(1000))
  assert.equal(await docker.ok('volume', 'prune', '-af'), 'Deleted Volumes:\nidle\n\nTotal reclaimed space: 1kB')
  await docker.ok('rm', '-v', 'box')
  assert.deepEqual(await names(engine), ['used'])
  const old = await rawHttp(engine.daemon.socket)('POST', '/v1.41/volumes/prune')
  assert.deepEqual(old.json, { VolumesDeleted: ['used'], SpaceReclaimed: 0 }, 'older clients mean all volumes')
})

engineTest('volumes tell of themselves', async ({ docker, wharf }) => {
  await docker.ok('run', '--rm', '--name', 'box', '-v', 'data:/data:ro', 'busybox', 'true')
  await wharf.ok('volume', 'rm', 'data')
  await docker.ok('volume', 'prune', '-f')
  const until = String(Math.ceil(Date.now() / 1000))
  const format = '{{.Action}} {{.Actor.ID}} {{json .Actor.Attributes}}'
  const words = ['events', '--since', '0', '--until', until, '-f', 'type=volume', '--format', format]
  const said = (await docker.ok(...words)).replace(/"container":"[0-9a-f]{64}"/g, '"container":"ID"')
  const mount = '"container":"ID","destination":"/data","driver":"local","propagation":"","read/write":"false"'
  assert.deepEqual(said.split('\n'), [
    'create data {"driver":"local"}',
    `mount data {${mount}}`,
    'unmount data {"container":"ID","driver":"local"}',
    'destroy data {"driver":"local"}',
    'prune  {"reclaimed":"0"}',
  ])
})

engineTest(
  'options are mounted for the first container and unmounted after the last, also by the next engine',
  async (engine) => {
    const { docker, daemon, sh } = engine
    const device = join(daemon.root, 'device')
    mkdirSync(device)
    const create = (name: string, ...options: string[]) =>
      docker.ok('volume', 'create', ...options.flatMap((option) => ['-o', option]), name)
    await create('memory', 'type=tmpfs', 'device=tmpfs', 'o=size=1m,uid=65534')
    await create('bound', 'type=none', `device=${device}`, 'o=bind')
    const mounts = () =>
      readMounts().filter(({ target }) => target.startsWith(join(daemon.root, 'data/volumes'))).length
    assert.equal(mounts(), 0)
    const volumes = ['-v', 'memory:/memory', '-v', 'bound:/bound']
    for (const name of ['one', 'two']) await docker.ok('run', '-di', '--name', name, ...volumes, 'busybox')
    assert.equal(mounts(), 2)
    await sh('one', 'echo kept > /memory/file; echo shown > /bound/file')
    assert.equal((await sh('two', 'cat /memory/file /bound/file; stat -c %u /memory')).stdout, 'kept\nshown\n65534\n')
    assert.ok(existsSync(join(device, 'file')))

    await daemon.kill9()
    await daemon.start()
    await docker.ok('rm', '-f', 'one')
    assert.equal(mounts(), 2, 'one container still runs')
    await daemon.kill9()
    await daemon.start()
    await docker.ok('rm', '-f', 'two')
    assert.equal(mounts(), 0)
    await docker.ok('volume', 'rm', 'memory', 'bound')
    assert.ok(existsSync(join(device, 'file')), 'what was bound is nobody’s to remove')
  },
)

engineTest('what cannot be mounted is told, and nothing is left', async (engine) => {
  const { docker, daemon } = engine
  const path = (name: string) => join(daemon.root, `data/volumes/${name}/_data`)
  const create = (name: string, ...options: string[]) =>
    docker.ok('volume', 'create', ...options.flatMap((option) => ['-o', option]), name)
  await create('missing', 'type=none', 'device=/no/such', 'o=bind')
  await create('server', 'type=nfs', 'device=:/export', 'o=addr=127.0.0.1,nolock,password=secret')
  const failed = (name: string, what: string) =>
    `error while mounting volume '${path(name)}': failed to mount local volume: mount ${what}`
  assert.equal(
    await refusal(engine, 'run', '-v', 'missing:/data', 'busybox', 'true'),
    failed('missing', `/no/such:${path('missing')}, data: bind: no such file or directory`),
  )
  assert.equal(
    await refusal(engine, 'run', '-v', 'server:/data', 'busybox', 'true'),
    failed('server', `:/export:${path('server')}, data: addr=127.0.0.1,nolock,password=********: connection refused`),
  )
  await create('deleted')
  rmSync(path('deleted'), { recursive: true })
  assert.equal(
    await refusal(engine, 'run', '-v', 'deleted:/data', 'busybox', 'true'),
    `error while mounting volume '${path('deleted')}': stat ${path('deleted')}: no such file or directory`,
  )
  assert.equal(await docker.ok('ps', '-aq'), '')
  await docker.ok('volume', 'rm', 'missing', 'server', 'deleted')
})

engineTest('an engine that was killed in the middle leaves no half volume', async (engine) => {
  const { docker, daemon } = engine
  await docker.ok('volume', 'create', 'kept')
  await docker.ok('volume', 'create', 'going')
  await docker.ok('volume', 'create')
  const dir = join(daemon.root, 'data/volumes')
  const anonymous = readdirSync(dir).find((name) => name.length === 64)!
  await daemon.kill9()
  using database = new DatabaseSync(join(daemon.root, 'data/wharf.db'))
  const change = (name: string, patch: object): void => {
    const where = "collection = 'volume' AND key = ?"
    const row = database.prepare(`SELECT value FROM record WHERE ${where}`).get(name) as { value: string }
    const value = JSON.stringify({ ...JSON.parse(row.value), ...patch })
    database.prepare(`UPDATE record SET value = ? WHERE ${where}`).run(value, name)
  }
  change('going', { removing: true }) // while its files were being removed
  change(anonymous, { pendingFor: 'f'.repeat(64) }) // before its container was recorded
  mkdirSync(join(dir, 'kept/_copy/half'), { recursive: true }) // while an image's files were copied
  mkdirSync(join(dir, 'early/_data'), { recursive: true }) // before it was recorded itself
  mkdirSync(join(dir, 'strange/_data/file'), { recursive: true }) // not ours
  await daemon.start()
  assert.deepEqual(await names(engine), ['kept'])
  assert.deepEqual(readdirSync(dir).sort(), ['kept', 'strange'])
  assert.deepEqual(readdirSync(join(dir, 'kept')), ['_data'])
})

engineTest('kill -9 in the middle of a prune: what is listed is there, and nothing else', async (engine) => {
  const { docker, api, daemon } = engine
  const dir = join(daemon.root, 'data/volumes')
  let left: string[] = []
  // Again, should the prune be done before the blow.
  while (left.length === 0) {
    for (let i = 0; i < 30; i++) {
      await api.createVolume({ Name: `v${i}x` })
      for (let file = 0; file < 50; file++) writeFileSync(join(dir, `v${i}x/_data/${file}`), 'x')
    }
    const pruning = docker.run(['volume', 'prune', '-af'])
    while (readdirSync(dir).length > 25) await new Promise(setImmediate)
    await daemon.kill9()
    const { code } = await pruning
    await daemon.start()
    left = await names(engine)
    assert.equal(code === 0, left.length === 0)
  }
  assert.ok(left.length <= 25, `${left.length} are left`)
  assert.deepEqual(left.sort(), readdirSync(dir).sort())
  for (const name of left) assert.equal(readdirSync(join(dir, name, '_data')).length, 50, name)
  await docker.ok('volume', 'prune', '-af')
  assert.deepEqual(readdirSync(dir), [])
})
