import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'

/** Files of a container's log, by their names' ends, with their sizes. */
async function logFiles({ docker, daemon }: Engine, name: string): Promise<Map<string, number>> {
  const dir = `${daemon.root}/data/containers/${await docker.ok('inspect', '-f', '{{.Id}}', name)}`
  const names = readdirSync(dir).filter((file) => file.startsWith('container.log'))
  return new Map(names.map((file) => [file.slice('container.log'.length), statSync(`${dir}/${file}`).size]))
}

/** Numbers from 1 on, one in a line. */
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i))

/** Lines whose numbers fill some 4 kB a second: slow enough that each file is seen. */
const slowly = 'i=0; while [ $i -lt 600 ]; do i=$((i+1)); echo $i; [ $((i % 60)) = 0 ] && sleep 0.3; done; echo done'

engineTest(
  'json-file puts a log aside when it is long enough; logs and logs -f lose no line over that',
  async (engine) => {
    const { docker, daemon } = engine
    const words = ['--log-opt', 'max-size=4k', '--log-opt', 'max-file=10']
    await docker.ok('run', '-d', '--name', 'box', ...words, 'busybox', 'sh', '-c', slowly)
    const followed = await docker.run(['logs', '-f', 'box'])
    assert.deepEqual(followed.stdout.split('\n'), [...numbers(1, 600), 'done', ''])
    assert.deepEqual((await docker.ok('logs', 'box')).split('\n'), [...numbers(1, 600), 'done'])
    assert.deepEqual((await docker.ok('logs', '-n', '300', 'box')).split('\n'), [...numbers(302, 600), 'done'])
    const files = await logFiles(engine, 'box')
    assert.ok(files.has('.2'), `${[...files]}`) // how many there are depends on how busy the machine is
    await daemon.kill9()
    await daemon.start()
    assert.deepEqual((await docker.ok('logs', 'box')).split('\n'), [...numbers(1, 600), 'done'])
    await docker.ok('start', 'box')
    await docker.ok('wait', 'box')
    assert.deepEqual((await docker.ok('logs', '-n', '601', 'box')).split('\n'), [...numbers(1, 600), 'done'])
    await eventually(async () => (await logFiles(engine, 'box')).size <= 11, true)
  },
)

engineTest(
  'the local driver, and the settings of the daemon, bound a log as well; also while no daemon runs',
  async (engine) => {
    const { docker, daemon } = engine
    const endless = 'i=0; while :; do i=$((i+1)); echo $i; done'
    await docker.ok('run', '-d', '--name', 'one', 'busybox', 'sh', '-c', endless)
    assert.equal(
      await docker.ok('inspect', '-f', '{{json .HostConfig.LogConfig}}', 'one'),
      '{"Type":"local","Config":{"max-file":"2","max-size":"100k"}}',
    )
    const busy = async () => (await logFiles(engine, 'one')).has('.1')
    await eventually(busy, true)
    await daemon.kill9()
    const path = readdirSync(`${daemon.root}/data/containers`).map((id) => `${daemon.root}/data/containers/${id}`)[0]!
    const first = statSync(`${path}/container.log`).ino
    await eventually(async () => statSync(`${path}/container.log`).ino !== first, true)
    assert.ok(statSync(`${path}/container.log`).size <= 200_000)
    await daemon.start()
    await docker.ok('kill', 'one')
    await docker.ok('wait', 'one') // until then what it wrote last still comes, and files change places
    const lines = (await docker.ok('logs', 'one')).split('\n').map(Number)
    assert.ok(lines.every((number, at) => at === 0 || number > lines[at - 1]!))
    // The newest file may have been begun just now.
    const files = [...(await logFiles(engine, 'one')).keys()].map((end) => `${path}/container.log${end}`)
    assert.match(files.map((file) => readFileSync(file, 'utf8')).join(''), / stdout F \d+\n/)
  },
  { config: { 'log-driver': 'local', 'log-opts': { 'max-size': '100k', 'max-file': '2' } } },
)

engineTest('none keeps nothing, and unknown drivers and options are refused in the words of Docker', async (engine) => {
  const { docker, daemon, host } = engine
  assert.equal(await docker.ok('run', '--name', 'mute', '--log-driver', 'none', 'busybox', 'echo', 'hello'), 'hello')
  const refused = async (...words: string[]) =>
    (await docker.run(words)).stderr.split('\n')[0]!.replace(/^docker: /, '')
  assert.equal(
    await refused('logs', 'mute'),
    'Error response from daemon: configured logging driver does not support reading',
  )
  assert.deepEqual([...(await logFiles(engine, 'mute')).keys()], [])
  assert.equal(await docker.ok('inspect', '-f', '{{.LogPath}}', 'mute'), '')
  const create = (...words: string[]) => refused('create', ...words, 'busybox')
  assert.equal(
    await create('--log-driver', 'syslog'),
    "Error response from daemon: logger: no log driver named 'syslog' is registered",
  )
  assert.equal(
    await create('--log-opt', 'size=1'),
    "Error response from daemon: unknown log opt 'size' for json-file log driver",
  )
  assert.match(
    await refused('run', '--name', 'bad', '--log-opt', 'max-size=much', 'busybox'),
    /failed to initialize logging driver: invalid size: 'much'/,
  )
  assert.equal(await docker.ok('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'bad'), 'created 128')
  const main = `${import.meta.dirname}/../../src/main.ts`
  const { stderr } = await host.exec(process.execPath, [main, 'daemon', '--log-opt=x=y', '--data-root', daemon.root])
  assert.match(stderr, /failed to set log opts: unknown log opt 'x' for json-file log driver/)
})
