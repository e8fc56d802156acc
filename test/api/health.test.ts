import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { commandLines } from '../../src/kernel/processes/processes.ts'
import type { Cli } from '../support/docker.ts'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { busyboxRootfs } from '../support/image.ts'
import { pastEvents } from '../support/past-events.ts'

const often = ['--health-interval', '100ms', '--health-timeout', '10s']
const health = (docker: Cli, name: string) => docker.ok('inspect', '-f', '{{.State.Health.Status}}', name)

engineTest(
  'a container is starting, healthy, and unhealthy after so many failures, as docker tells it',
  async ({ docker }) => {
    const check = ['--health-cmd', 'cat /ok', '--health-retries', '2', ...often]
    await docker.ok('run', '-di', '--name', 'box', ...check, 'busybox')
    assert.match(await docker.ok('ps', '--format', '{{.Status}}'), /^Up .* \((health: starting|unhealthy)\)$/)
    await docker.ok('exec', 'box', 'sh', '-c', 'echo fine > /ok')
    await eventually(() => health(docker, 'box'), 'healthy')
    assert.match(await docker.ok('ps', '--format', '{{.Status}}'), /^Up .* \(healthy\)$/)
    assert.equal(await docker.ok('ps', '-f', 'health=healthy', '--format', '{{.Names}}'), 'box')
    assert.equal(await docker.ok('ps', '-f', 'health=unhealthy', '--format', '{{.Names}}'), '')
    await docker.ok('exec', 'box', 'rm', '/ok')
    await eventually(() => health(docker, 'box'), 'unhealthy')
    const state = JSON.parse(await docker.ok('inspect', '-f', '{{json .State.Health}}', 'box'))
    assert.ok(state.FailingStreak >= 2)
    const [{ Start, End, ...last }] = state.Log.slice(-1)
    assert.deepEqual(last, { ExitCode: 1, Output: "cat: can't open '/ok': No such file or directory\n" })
    assert.ok(Start < End)
    await eventually(
      async () => JSON.parse(await docker.ok('inspect', '-f', '{{json .State.Health.Log}}', 'box')).length,
      5,
    )
  },
)

engineTest('events tell of the probes and of every change of health', async ({ docker }) => {
  await docker.ok('run', '-di', '--name', 'box', '--health-cmd', 'true', ...often, 'busybox')
  await eventually(() => health(docker, 'box'), 'healthy')
  const lines = await pastEvents(docker, '{{json .}}')
  const told = lines
    .map((line) => JSON.parse(line))
    .filter(({ Action }) => /health|exec/.test(Action))
    .map(({ Action, Actor }) => `${Action} ${Actor.Attributes.exitCode ?? ''}`.trim())
  const first = ['exec_create: /bin/sh -c true', 'exec_start: /bin/sh -c true', 'exec_die 0']
  assert.deepEqual(told.slice(0, 4), [...first, 'health_status: healthy'])
  assert.deepEqual(await pastEvents(docker, '{{.Action}}', 'event=health_status'), ['health_status: healthy'])
})

engineTest('an image brings its check, which flags change and --no-healthcheck takes away', async ({ docker }) => {
  const check = 'HEALTHCHECK --interval=7s --retries=4 CMD ["true"]'
  await docker.run(['import', '-c', 'CMD ["sh"]', '-c', check, '-', 'checked'], { input: await busyboxRootfs() })
  const shown = async (...flags: string[]) => {
    const id = await docker.ok('create', ...flags, 'checked')
    return JSON.parse(await docker.ok('inspect', '-f', '{{json .Config.Healthcheck}}', id))
  }
  const own = { Test: ['CMD', 'true'], Interval: 7e9, Retries: 4 }
  assert.deepEqual(await shown(), own)
  assert.deepEqual(await shown('--health-interval', '1s'), { ...own, Interval: 1e9 })
  await docker.ok('run', '-di', '--name', 'bare', '--no-healthcheck', 'checked')
  assert.equal(await docker.ok('inspect', '-f', '{{.State.Health}}', 'bare'), '<nil>')
  assert.doesNotMatch(await docker.ok('ps', '--format', '{{.Status}}'), /health/)
})

engineTest('a probe that takes too long, or cannot be run, is a failure', async (engine) => {
  const { docker } = engine
  const late = ['--health-cmd', 'echo early; sleep 777; true', '--health-timeout', '2s', '--health-retries', '1']
  await docker.ok('run', '-di', '--name', 'late', ...late, '--health-interval', '100ms', 'busybox')
  const nothing = { Healthcheck: { Test: ['CMD', 'nothing'], Interval: 1e8, Retries: 1 } }
  const { id } = await engine.api.createContainer({ name: 'none', Image: 'busybox', OpenStdin: true, ...nothing })
  await engine.api.getContainer(id).start()
  await eventually(() => health(docker, 'late'), 'unhealthy')
  await eventually(() => health(docker, 'none'), 'unhealthy')
  const last = (name: string) =>
    docker.ok('inspect', '-f', '{{with index .State.Health.Log 0}}{{.ExitCode}} {{.Output}}{{end}}', name)
  assert.equal(await last('late'), '-1 Health check exceeded timeout (2s): early\n')
  assert.match(await last('none'), /^-1 .*exec: "nothing": executable file not found in \$PATH/)
  await docker.ok('pause', 'late')
  assert.equal(await probes(engine, 'late'), 0)
  await docker.ok('unpause', 'late')
})

engineTest('a paused container is not probed, and one that is stopped has no probe left', async (engine) => {
  const { docker } = engine
  const check = ['--health-cmd', 'sleep 777', '--health-interval', '50ms', '--health-timeout', '1h']
  await docker.ok('run', '-d', '--init', '--name', 'box', ...check, 'busybox', 'sleep', '888')
  await eventually(async () => (await probes(engine, 'box')) > 0, true)
  await docker.ok('pause', 'box')
  assert.equal(await probes(engine, 'box'), 0)
  await docker.ok('unpause', 'box')
  await eventually(async () => (await probes(engine, 'box')) > 0, true)
  await docker.ok('stop', 'box')
  assert.equal(await docker.ok('inspect', '-f', '{{.State.ExitCode}} {{.State.Health.Status}}', 'box'), '143 starting')
})

engineTest('health outlives the daemon, and a probe that was under way does not', async (engine) => {
  const { docker, daemon } = engine
  const check = ['--health-cmd', '[ -e /hang ] && sleep 777; echo was; true', '--health-interval', '50ms']
  await docker.ok('run', '-di', '--name', 'box', ...check, 'busybox')
  await eventually(() => health(docker, 'box'), 'healthy')
  await docker.ok('exec', 'box', 'touch', '/hang')
  await eventually(async () => (await probes(engine, 'box')) > 0, true)
  const pid = await docker.ok('inspect', '-f', '{{.State.Pid}}', 'box')
  await daemon.kill9()
  assert.ok([...commandLines()].some(({ words }) => words.join(' ').startsWith('sleep 777')))
  rmSync(`/proc/${pid}/root/hang`)
  await daemon.start()
  assert.equal(await health(docker, 'box'), 'healthy')
  assert.match(await docker.ok('inspect', '-f', '{{range .State.Health.Log}}{{.Output}}{{end}}', 'box'), /was/)
  await eventually(async () => await probes(engine, 'box'), 0)
  // It goes on: a check that fails from now on is noticed.
  await docker.ok('exec', 'box', 'sh', '-c', 'rm /bin/true /bin/echo; rm /bin/sh')
  await eventually(() => health(docker, 'box'), 'unhealthy', 20_000)
})

/** How many processes of hanging probes a container has. */
async function probes({ docker }: Engine, name: string): Promise<number> {
  const processes = await docker.ok('top', name, '-o', 'pid,args')
  return processes.split('\n').filter((line) => /^ *\d+ +sleep 777$/.test(line)).length
}
