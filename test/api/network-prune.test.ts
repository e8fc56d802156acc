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
