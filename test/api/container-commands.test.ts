import assert from 'node:assert/strict'
import type { Cli } from '../support/docker.ts'
import { engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { pastEvents } from '../support/past-events.ts'

/** What the daemon says against a command, with the exit code. */
async function refusal(docker: Cli, ...words: string[]): Promise<readonly [number, string]> {
  const { code, stderr } = await docker.run(words)
  return [code, /Error response from daemon: (.*)/.exec(stderr)?.[1] ?? stderr.trim()]
}

const sleeper = (docker: Cli, name: string, ...flags: string[]) =>
  docker.ok('run', '-d', '--init', '--name', name, ...flags, 'busybox', 'sleep', '1000')

engineTest('ps filters by everything that docker ps knows', async ({ docker, daemon }) => {
  await docker.ok('network', 'create', 'net')
  const one = await sleeper(docker, 'one', '--label', 'tier=front', '-p', '127.0.0.1:7001:80')
  await sleeper(docker, 'two', '--network', 'net', '--expose', '90-91', '-v', `${daemon.root}:/data`)
  await docker.run(['run', '--name', 'three', '--label', 'tier=back', 'busybox', 'sh', '-c', 'exit 3'])
  await docker.ok('commit', 'two', 'made')
  await docker.ok('create', '--name', 'four', 'made')
  await docker.ok('pause', 'two')
  const names = async (...words: string[]) => {
    const filters = words.flatMap((word) => (word.startsWith('-') ? [word] : ['-f', word]))
    return (await docker.ok('ps', '--format', '{{.Names}}', ...filters)).replaceAll('\n', ' ')
  }
  const cases: readonly (readonly [string, ...string[]])[] = [
    ['two one'],
    ['four three two one', '-a'],
    ['four', '--latest'],
    ['four three', '-n2'],
    ['one', `id=${one.slice(0, 8)}`],
    ['', `id=${one.slice(1, 9)}`, '-a'],
    ['one', 'name=^on'],
    ['four one', '-a', 'name=four', 'name=^one$'],
    ['three one', '-a', 'label=tier'],
    ['three', '-a', 'label=tier=back'],
    ['three', 'exited=3', '-a'],
    ['two', 'status=paused'],
    ['four three', 'status=created', 'status=exited'],
    ['four three two one', 'ancestor=busybox', '-a'],
    ['four', 'ancestor=made', '-a'],
    ['', 'ancestor=nothing'],
    ['two one', 'before=three'],
    ['four three', 'since=two', '-a'],
    ['two', 'network=net'],
    ['one', 'publish=7001'],
    ['one', 'publish=80/tcp'],
    ['two', 'expose=85-95'],
    ['two', 'volume=/data'],
    ['two one', 'health=none'],
    ['', 'health=starting'],
    ['two one', 'is-task=false'],
    ['', 'is-task=true'],
    ['two one', 'isolation=default'],
  ]
  for (const [wanted, ...words] of cases) assert.equal(await names(...words), wanted, words.join(' '))
  assert.deepEqual(await refusal(docker, 'ps', '-f', 'nothing=1'), [1, "invalid filter 'nothing'"])
  assert.match(
    (await refusal(docker, 'ps', '-f', 'exited=x'))[1],
    /^invalid filter 'exited=x': strconv.Atoi: parsing "x": invalid syntax$/,
  )
  await docker.ok('exec', 'one', 'sh', '-c', 'head -c 100000 /dev/zero > /big')
  assert.match(
    await docker.ok('ps', '-s', '-f', 'name=one', '--format', '{{.Size}}'),
    /^100kB \(virtual \d+(\.\d+)?MB\)$/,
  )
  const sizes = JSON.parse(await docker.ok('inspect', '-s', '-f', '[{{.SizeRw}}, {{.SizeRootFs}}]', 'one'))
  assert.ok(sizes[0] >= 100_000 && sizes[1] > sizes[0], `${sizes}`)
})

engineTest('container prune takes what does not run, by until and labels, and says what it won', async ({ docker }) => {
  await sleeper(docker, 'running')
  await docker.ok('run', '--name', 'big', 'busybox', 'sh', '-c', 'head -c 2000000 /dev/zero > /big')
  await docker.ok('run', '--name', 'kept', '--label', 'keep=1', 'busybox', 'true')
  await docker.ok('create', '--name', 'temporary', '--label', 'tmp', 'busybox')
  const left = async () => (await docker.ok('ps', '-a', '--format', '{{.Names}}')).split('\n').sort().join(' ')
  const none = await docker.ok('container', 'prune', '-f', '--filter', 'until=1h')
  assert.equal(none, 'Total reclaimed space: 0B')
  await docker.ok('container', 'prune', '-f', '--filter', 'label=tmp')
  assert.equal(await left(), 'big kept running')
  assert.match(
    await docker.ok('container', 'prune', '-f', '--filter', 'label!=keep=1'),
    /^Deleted Containers:\n[0-9a-f]{64}\n\nTotal reclaimed space: 2MB$/,
  )
  assert.equal(await left(), 'kept running')
  const [code, words] = await refusal(docker, 'container', 'prune', '-f', '--filter', 'name=x')
  assert.deepEqual([code, words], [1, "invalid filter 'name'"])
  const events = await pastEvents(docker, '{{json .Actor.Attributes}}', 'event=prune')
  assert.match(events.join('\n'), /\{"reclaimed":"0"\}\n.*\n\{"reclaimed":"20\d{5}"\}/)
})

engineTest('rename, kill, stop, restart, pause and top refuse in Docker’s words', async ({ docker }) => {
  const id = await sleeper(docker, 'box')
  const idle = await docker.ok('create', '--name', 'idle', 'busybox')
  const conflict = `Conflict. The container name "/idle" is already in use by container "${idle}". You have to remove (or rename) that container to be able to reuse that name.`
  const cases: readonly (readonly [string, ...string[]])[] = [
    ['No such container: nope', 'rename', 'nope', 'x1'],
    [`Error when allocating new name: ${conflict}`, 'rename', 'box', 'idle'],
    [
      'Error when allocating new name: Invalid container name (a b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
      'rename',
      'box',
      'a b',
    ],
    ['Renaming a container with the same name as its current name', 'rename', 'box', 'box'],
    ['cannot kill container: nope: No such container: nope', 'kill', 'nope'],
    [`cannot kill container: idle: container ${idle} is not running`, 'kill', 'idle'],
    ['cannot kill container: box: invalid signal: NOPE', 'kill', '-s', 'NOPE', 'box'],
    ['cannot stop container: box: invalid signal: NOPE', 'stop', '-s', 'NOPE', 'box'],
    ['No such container: nope', 'stop', 'nope'],
    ['No such container: nope', 'restart', 'nope'],
    [`container ${idle} is not running`, 'pause', 'idle'],
    [`container ${idle} is not running`, 'top', 'idle'],
    ["Couldn't find PID field in ps output", 'top', 'box', '-o', 'comm'],
  ]
  for (const [wanted, ...words] of cases)
    assert.deepEqual(await refusal(docker, ...words), [1, wanted], words.join(' '))
  assert.match((await refusal(docker, 'top', 'box', '--nonsense'))[1], /^ps: /)
  assert.match(await docker.ok('top', 'box'), /^UID +PID +PPID +C +STIME +TTY +TIME +CMD\n/)
  assert.match(await docker.ok('top', 'box', 'aux'), /^USER +PID +%CPU.*\n.*docker-init -- sleep 1000\n.*sleep 1000$/)
  assert.match(await docker.ok('top', 'box', '-o', 'pid,comm'), /^PID +COMMAND\n\d+ +.*\n\d+ +sleep$/)
  await docker.ok('kill', '-s', '15', 'box')
  await eventually(() => docker.ok('inspect', '-f', '{{.State.ExitCode}}', id), '143')
})

engineTest('port, start -a -i and inspect do what docker’s do', async ({ docker }) => {
  await sleeper(docker, 'web', '-p', '127.0.0.1:7002:80', '-p', '127.0.0.1:7003:53/udp')
  assert.equal(await docker.ok('port', 'web'), '53/udp -> 127.0.0.1:7003\n80/tcp -> 127.0.0.1:7002')
  assert.equal(await docker.ok('port', 'web', '80'), '127.0.0.1:7002')
  assert.equal((await docker.run(['port', 'web', '81'])).stderr, "Error: No public port '81' published for web\n")
  await docker.ok('exec', '-d', 'web', 'sleep', '1000')
  assert.match(await docker.ok('inspect', '-f', '{{json .ExecIDs}}', 'web'), /^\["[0-9a-f]{64}"\]$/)
  await docker.ok('create', '-i', '--name', 'echo', 'busybox', 'sh', '-c', 'read word; echo got $word; exit 6')
  const { code, stdout } = await docker.run(['start', '-a', '-i', 'echo'], { input: 'this\n' })
  assert.deepEqual([code, stdout], [6, 'got this\n'])
})
