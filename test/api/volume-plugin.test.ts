import assert from 'node:assert/strict'
import { getuid } from 'node:process'
import { test } from 'node:test'
import { type Engine, withEngine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { createHost } from '../support/host.ts'
import { type PluginProcess, startPlugin } from '../support/plugin.ts'
import { refusal } from '../support/refusal.ts'

const skip = getuid?.() === 0 ? false : 'needs root'

/** A test with a plugin "depot" beside a real daemon. */
function pluginTest(name: string, body: (engine: Engine, plugin: PluginProcess) => Promise<void>): void {
  test(name, { skip, timeout: 120_000 }, async () => {
    using host = createHost()
    await using plugin = await startPlugin({ program: 'volume-plugin-process.ts', name: 'depot' })
    const config = { 'plugin-dir': plugin.directory, 'plugin-timeout': 2 }
    await withEngine(host, { config }, (engine) => body(engine, plugin))
  })
}

/** What the plugin has: who uses each volume. */
function kept(plugin: PluginProcess): Readonly<Record<string, readonly string[]>> {
  const { volumes } = plugin.recall<{ volumes: Record<string, { users: string[] }> }>('volumes.json', { volumes: {} })
  return Object.fromEntries(Object.entries(volumes).map(([name, { users }]) => [name, users]))
}

pluginTest(
  'a volume of a plugin is made, used by containers, also across a crash, and removed',
  async (engine, plugin) => {
    const { docker, api, daemon, sh } = engine
    await docker.ok('volume', 'create', '-d', 'depot', '-o', 'rack=7', 'data')
    assert.deepEqual(plugin.news(), [
      'Plugin.Activate',
      'VolumeDriver.Create {"Name":"data","Opts":{"rack":"7"}}',
      'VolumeDriver.Capabilities {}',
      'VolumeDriver.Path {"Name":"data"}',
    ])
    const { Driver, Scope, Status } = await api.getVolume('data').inspect()
    assert.deepEqual(
      { Driver, Scope, Status },
      { Driver: 'depot', Scope: 'global', Status: { options: { rack: '7' } } },
    )
    const taken = "driver 'depot' already has volume 'data': volume name must be unique"
    assert.equal(await refusal(engine, 'volume', 'create', '-d', 'local', 'data'), `create data: ${taken}`)

    await docker.ok('run', '-di', '--name', 'one', '-v', 'data:/data', 'busybox')
    await docker.ok('run', '-di', '--name', 'two', '--volume-driver', 'depot', '-v', 'more:/bin', 'busybox')
    await sh('one', 'echo kept > /data/file')
    const [one, two] = await Promise.all(['one', 'two'].map((name) => docker.ok('inspect', '-f', '{{.Id}}', name)))
    assert.deepEqual(kept(plugin), { data: [one], more: [two] })
    assert.equal((await sh('two', 'ls /bin | grep -c "^cat$"')).stdout, '1\n', 'it got the files of the image')

    const pid = Number(await docker.ok('inspect', '-f', '{{.State.Pid}}', 'two'))

    await daemon.kill9()
    process.kill(pid, 'SIGKILL')
    await daemon.start()
    await eventually(async () => kept(plugin), { data: [one!], more: [] })
    await docker.ok('rm', '-f', 'one', 'two')
    assert.deepEqual(kept(plugin), { data: [], more: [] })
    assert.equal(await docker.ok('run', '--rm', '-v', 'data:/d', 'busybox', 'cat', '/d/file'), 'kept')
    assert.equal(
      await docker.ok('volume', 'prune', '-af'),
      'Total reclaimed space: 0B',
      'they are not the engine’s to prune',
    )
    await docker.ok('volume', 'rm', 'data', 'more')
    assert.deepEqual(kept(plugin), {})
  },
)

pluginTest('a plugin that refuses, lies or is away is told, and gets back what it has lent', async (engine, plugin) => {
  const { docker, daemon } = engine
  assert.equal(await refusal(engine, 'volume', 'create', '-d', 'depot', 'bad1'), 'create bad1: does not like bad1')
  assert.equal(await docker.ok('volume', 'ls', '-q'), '')
  await docker.ok('volume', 'create', '-d', 'depot', 'data')
  const run = ['run', '--rm', '-v', 'data:/data:nocopy', 'busybox', 'true']
  const path = (await engine.api.getVolume('data').inspect()).Mountpoint
  const failed = (why: string) => `error while mounting volume '${path}': ${why}`
  plugin.behave({ 'VolumeDriver.Mount': { answer: { Err: 'no more trucks' } } })
  assert.equal(await refusal(engine, ...run), failed('no more trucks'))
  plugin.behave({ 'VolumeDriver.Mount': { answer: { Mountpoint: 'somewhere' } } })
  assert.match(await refusal(engine, ...run), /names no absolute path for volume "data": "somewhere"$/)
  plugin.behave({ 'VolumeDriver.Mount': { dies: true } })
  const lost = docker.run(run)
  await eventually(async () => kept(plugin)['data']?.length, 1)
  assert.notEqual((await lost).code, 0)
  plugin.behave({})
  await plugin.start()
  await daemon.kill9()
  await daemon.start()
  assert.deepEqual(kept(plugin), { data: [] }, 'it had heard, and could not say')
  plugin.behave({ 'VolumeDriver.Remove': { answer: { Err: 'locked' } } })
  assert.equal(await refusal(engine, 'volume', 'rm', 'data'), 'remove data: locked')
  assert.equal(await docker.ok('volume', 'ls', '-q'), 'data')
  assert.equal(await docker.ok('volume', 'rm', '-f', 'data'), 'data')
  assert.equal(await docker.ok('volume', 'ls', '-q'), '')
})
