import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'

engineTest(
  'network prune spares what stopped containers name unless asked, and shows first what it would do',
  async (engine) => {
    const { docker, wharf } = engine
    for (const name of ['busy', 'stopped', 'unused']) await docker.ok('network', 'create', name)
    await docker.ok('run', '-di', '--name', 'runs', '--network', 'busy', 'busybox')
    await docker.ok('create', '--name', 'idle', '--network', 'stopped', 'busybox')
    const names = async () =>
      (await docker.ok('network', 'ls', '--filter', 'type=custom', '--format', '{{.Name}}')).split('\n')
    const would = (...listed: string[]) => ['Networks that would be deleted:', ...listed].join('\n')
    assert.equal((await wharf.ok('network', 'prune', '--dry-run')).trim(), would('unused'))
    assert.equal((await wharf.ok('network', 'prune', '--dry-run', '-a')).trim(), would('stopped', 'unused'))
    assert.deepEqual(await names(), ['busy', 'stopped', 'unused'])
    await docker.ok('network', 'prune', '-f')
    assert.deepEqual(await names(), ['busy', 'stopped'])
    await wharf.ok('network', 'prune', '-f', '--all')
    assert.deepEqual(await names(), ['busy'])
  },
)

engineTest('network prune takes labels and ages, spares templates, and tells of itself', async ({ docker }) => {
  const label = ['--label', 'tier=web']
  await docker.ok('network', 'create', ...label, 'labelled')
  await docker.ok('network', 'create', 'plain')
  await docker.ok('network', 'create', '--config-only', '--subnet', '10.9.0.0/24', 'template')
  const prune = (...filters: string[]) =>
    docker.ok('network', 'prune', '-f', ...filters.flatMap((f) => ['--filter', f]))
  assert.equal(await prune('until=1h'), '')
  assert.equal(await prune('label=tier=db'), '')
  assert.match(await prune('label!=tier=web'), /^Deleted Networks:\nplain\n$/)
  assert.match(await prune('label=tier'), /^Deleted Networks:\nlabelled\n$/)
  assert.equal((await docker.ok('network', 'ls', '-q', '-f', 'name=template')).length, 12)
  const until = String(Math.ceil(Date.now() / 1000))
  const format = '{{.Type}} {{.Action}} [{{.Actor.ID}}] {{json .Actor.Attributes}}'
  const words = ['--since', '0', '--until', until, '-f', 'event=prune', '--format', format]
  assert.deepEqual(
    (await docker.ok('events', ...words)).split('\n'),
    Array(4).fill('network prune [] {"reclaimed":"0"}'),
  )
})
