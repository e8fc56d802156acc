import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { pastEvents } from '../support/past-events.ts'

interface Told {
  readonly Type: string
  readonly Action: string
  readonly timeNano: number
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
}

/** The past events, with the docker client's own filters. */
async function past({ docker }: Engine, ...filters: string[]): Promise<Told[]> {
  return (await pastEvents(docker, '{{json .}}', ...filters)).map((line) => JSON.parse(line))
}

/** How many events are on the disk. */
function written({ daemon }: Engine): number {
  using database = new DatabaseSync(join(daemon.root, 'data/wharf.db'), { readOnly: true })
  const rows = database.prepare("SELECT value FROM record WHERE collection LIKE 'event-batch-%'").all()
  return rows.reduce((sum, { value }) => sum + JSON.parse(String(value)).events.length, 0)
}

const words = (events: readonly Told[]) => events.map(({ Type, Action }) => `${Type} ${Action}`)

engineTest('events are told again by the next engine, in their order, also after kill -9', async (engine) => {
  const { docker, daemon } = engine
  await docker.ok('network', 'create', 'net')
  await docker.ok('run', '-d', '--network', 'net', '--name', 'box', '--label', 'tier=front', 'busybox', 'sleep', '1000')
  await docker.ok('kill', '-s', 'USR1', 'box')
  const before = await past(engine)
  await daemon.stop()
  await daemon.start()
  assert.deepEqual(await past(engine), before, 'an engine that ends writes everything')
  await docker.ok('rename', 'box', 'chest')
  await docker.ok('pause', 'chest')
  await docker.ok('unpause', 'chest')
  const all = await past(engine)
  // What was told less than a moment before the kill may be lost; this was not.
  await eventually(async () => written(engine), all.length)
  await daemon.kill9()
  await daemon.start()
  const again = await past(engine)
  assert.deepEqual(again, all)
  const times = again.map(({ timeNano }) => timeNano)
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  )
  assert.equal(new Set(times).size, times.length)
  const last = ['container kill', 'container rename', 'container pause', 'container unpause']
  assert.deepEqual(words(again).slice(-4), last)
})

engineTest('filters and attributes of events are those of Docker', async (engine) => {
  const { docker, daemon, api } = engine
  await docker.ok('network', 'create', 'net')
  const box = await docker.ok(
    'run',
    '-d',
    '--network',
    'net',
    '--name',
    'box',
    '--label',
    'tier=front',
    'busybox',
    'sh',
    '-c',
    'sleep 1.3; exit 7', // a second by the engine's clock, which starts a little later
  )
  await docker.ok('wait', 'box')
  await docker.ok('run', '--name', 'other', 'busybox', 'true')
  process.kill(daemon.pid, 'SIGHUP')
  await eventually(async () => words(await past(engine, 'type=daemon')), ['daemon reload'])
  await daemon.stop()
  await daemon.start()

  const start = await past(engine, 'container=box', 'event=start')
  assert.deepEqual(
    start.map(({ Actor }) => Actor),
    [{ ID: box, Attributes: { image: 'busybox', name: 'box', tier: 'front' } }],
  )
  const [die] = await past(engine, 'container=box', 'event=die')
  assert.equal(die?.Actor.Attributes['exitCode'], '7')
  assert.match(die?.Actor.Attributes['execDuration'] ?? '', /^[1-9]\d*$/)
  const life = ['container create', 'container start', 'container die']
  assert.deepEqual(words(await past(engine, 'label=tier=front')), life)
  assert.deepEqual(words(await past(engine, 'label=tier', 'event=die')), ['container die'])
  assert.deepEqual(words(await past(engine, `container=${box.slice(0, 12)}`)), life)
  assert.deepEqual(words(await past(engine, 'network=net')), [
    'network create',
    'network connect',
    'network disconnect',
  ])
  assert.deepEqual(words(await past(engine, 'type=network', 'type=daemon', 'event=create', 'event=reload')), [
    'network create',
    'daemon reload',
  ])
  assert.deepEqual(words(await past(engine, 'container=other')), [
    'container create',
    'container attach',
    'container start',
    'container die',
  ])
  assert.deepEqual((await past(engine, 'image=busybox', 'event=create')).length, 2)
  assert.deepEqual(words(await past(engine, 'volume=net')), [])
  assert.equal((await past(engine, 'scope=local')).length, (await past(engine)).length)
  assert.deepEqual(await past(engine, 'scope=swarm'), [])
  const [reload] = await past(engine, `daemon=${(await api.info()).ID}`)
  assert.equal(reload?.Actor.Attributes['name'], hostname())
  assert.equal(reload?.Actor.Attributes['debug'], 'false')
  assert.deepEqual(words(await past(engine, `daemon=${hostname()}`)), ['daemon reload'])
  assert.equal((await past(engine, 'nothing=x')).length, (await past(engine)).length)
})
