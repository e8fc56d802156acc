import assert from 'node:assert/strict'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { pastEvents } from '../support/past-events.ts'

const failing = ['busybox', 'sh', '-c', 'echo again; exit 3']

async function state({ docker }: Pick<Engine, 'docker'>, name: string): Promise<string> {
  return docker.ok(
    'inspect',
    '-f',
    '{{.State.Status}} {{.State.Restarting}} {{.State.ExitCode}} {{.RestartCount}}',
    name,
  )
}

async function runs({ docker }: Engine, name: string): Promise<number> {
  return (await docker.ok('logs', name)).split('again').length - 1
}

engineTest('on-failure:N tries so often, and waits longer each time', async (engine) => {
  const { docker } = engine
  await docker.ok('run', '-d', '--name', 'box', '--restart', 'on-failure:3', ...failing)
  await eventually(() => state(engine, 'box'), 'exited false 3 3')
  assert.equal(await runs(engine, 'box'), 4)
  await docker.ok('run', '-d', '--name', 'fine', '--restart', 'on-failure', 'busybox', 'true')
  await eventually(() => state(engine, 'fine'), 'exited false 0 0')
  const events = (await pastEvents(docker, '{{json .}}', 'container=box')).map((line) => JSON.parse(line))
  const times = (action: string) =>
    events.filter(({ Action }) => Action === action).map(({ timeNano }) => timeNano / 1e6)
  const [ends, starts] = [times('die'), times('start').slice(1)]
  const waits = starts.map((start, i) => start - ends[i]!)
  // 100, 200, 400 milliseconds, and what the start takes.
  assert.ok(
    waits.every((wait, i) => wait >= 95 * 2 ** i),
    `${waits}`,
  )
  await docker.ok('start', 'box')
  await eventually(() => runs(engine, 'box'), 8) // a start by hand counts from zero: it is tried three times more
  await eventually(() => state(engine, 'box'), 'exited false 3 3')
})

engineTest('stop and kill end the waiting for a restart, and ps shows it', async (engine) => {
  const { docker } = engine
  for (const verb of ['stop', 'kill'] as const) {
    await docker.ok('run', '-d', '--name', verb, '--restart', 'always', ...failing)
    const listed = () => docker.ok('ps', '-f', 'status=restarting', '--format', '{{.Names}} {{.Status}}')
    await eventually(async () => /^\w+ Restarting \(3\) .* ago$/.test(await listed()), true)
    // Seen from its beginning, the fifth wait leaves a second and more for the verb.
    await eventually(() => state(engine, verb), 'restarting true 3 5')
    await docker.ok(verb, verb)
    assert.match(await state(engine, verb), /^exited false 3/)
  }
  const exec = await docker.run(['exec', 'stop', 'true'])
  assert.match(exec.stderr, /container [0-9a-f]{64} is not running/)
  assert.deepEqual(await pastEvents(docker, '{{.Actor.Attributes.name}}', 'event=stop'), ['stop'])
})

engineTest('a container that waits for its restart is restarted by the next daemon, and no sooner', async (engine) => {
  const { docker, daemon } = engine
  // Created before the one whose network it shares: that one must be started first all the same.
  const joining = ['--restart', 'always', '--network', 'container:always']
  await docker.ok('create', '--name', 'joiner', ...joining, 'busybox', 'sleep', '1000')
  await docker.ok('run', '-d', '--name', 'stopped', '--restart', 'unless-stopped', 'busybox', 'sleep', '1000')
  await docker.ok('run', '-d', '--name', 'always', '--restart', 'always', 'busybox', 'sleep', '1000')
  await docker.ok('run', '-d', '--name', 'killed', '--restart', 'unless-stopped', 'busybox', 'sleep', '1000')
  await docker.ok('start', 'joiner')
  await docker.ok('stop', '-t', '0', 'stopped', 'joiner', 'always')
  await docker.ok('run', '-d', '--name', 'loop', '--restart', 'on-failure:6', ...failing)
  await eventually(() => state(engine, 'loop'), 'restarting true 3 5', 10_000)
  const pid = Number(await docker.ok('inspect', '-f', '{{.State.Pid}}', 'killed'))
  await daemon.kill9()
  process.kill(pid, 'SIGKILL') // while no daemon is there
  await daemon.start()
  // The fifth waits 1.6 seconds, the sixth 3.2: the daemon did not forget where it was.
  await eventually(() => state(engine, 'loop'), 'exited false 3 6', 20_000)
  assert.equal(await runs(engine, 'loop'), 7)
  assert.equal(await state(engine, 'stopped'), 'exited false 137 0')
  await eventually(() => state(engine, 'always'), 'running false 0 0')
  await eventually(() => state(engine, 'joiner'), 'running false 0 0')
  await eventually(() => state(engine, 'killed'), 'running false 0 1')
})

engineTest('a signal by hand counts as a stop for unless-stopped, as in Docker', async (engine) => {
  const { docker } = engine
  await docker.ok(
    'run',
    '-d',
    '--init',
    '--name',
    'box',
    '--restart',
    'unless-stopped',
    'busybox',
    'sh',
    '-c',
    'echo again; exec sleep 1000',
  )
  await eventually(() => runs(engine, 'box'), 1)
  await docker.ok('kill', '-s', 'TERM', 'box')
  await eventually(() => state(engine, 'box'), 'exited false 143 0')
})
