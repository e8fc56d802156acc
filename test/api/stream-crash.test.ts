import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'

/** Clients in the middle of a stream, each with what shows that it is there. */
const streams = [
  ['stats', 'box'],
  ['logs', '-f', 'box'],
  ['attach', '--no-stdin', 'box'],
  ['exec', 'box', 'sh', '-c', 'while true; do echo tick; sleep 0.1; done'],
  ['exec', '-i', 'box', 'cat'],
  ['events', '--since', '1h'],
] as const

async function begin({ docker }: Engine, words: readonly string[]): Promise<ChildProcess> {
  const child = spawn('docker', words, { env: { ...process.env, ...docker.env }, stdio: ['pipe', 'pipe', 'ignore'] })
  if (words.includes('cat')) child.stdin.write('words\n')
  await once(child.stdout, 'data')
  child.stdout.resume()
  return child
}

/** Files of execs in the containers' run directories. */
function filesOfExecs(root: string): string[] {
  return readdirSync(join(root, 'run/containers'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.includes('exec-'),
  )
}

engineTest(
  'kill -9 in the middle of stats, logs -f, attach and execs: containers go on, clients end, nothing is left',
  async (engine) => {
    const { docker, daemon, sh } = engine
    const line = 'i=0; while true; do i=$((i+1)); echo line $i; sleep 0.05; done'
    await docker.ok('run', '-d', '--name', 'box', 'busybox', 'sh', '-c', line)
    const pid = await docker.ok('inspect', '-f', '{{.State.Pid}}', 'box')
    await using clients = new AsyncDisposableStack()
    const ends: Promise<unknown>[] = []
    for (const words of streams) {
      const client = await begin(engine, words)
      clients.defer(() => void client.kill('SIGKILL'))
      // docker stats waits for the container to come back, with whatever engine.
      if (words[0] !== 'stats') ends.push(once(client, 'exit'))
    }
    assert.notDeepEqual(filesOfExecs(daemon.root), [])
    await daemon.kill9()
    await Promise.all(ends)
    await daemon.start()

    assert.equal(await docker.ok('inspect', '-f', '{{.State.Running}} {{.State.Pid}}', 'box'), `true ${pid}`)
    const count = async () => (await docker.ok('logs', 'box')).split('\n').length
    const before = await count()
    await eventually(async () => (await count()) > before, true)
    const numbers = (await docker.ok('logs', 'box')).split('\n').map((one) => Number(one.split(' ')[1]))
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
      'no line was lost while no engine ran',
    )

    // What wrote into the daemon's pipe ended with it, and so did what read from there.
    await eventually(async () => (await sh('box', 'ps -o args | grep -cE "^(cat|sh -c while)"')).stdout, '0\n')
    assert.deepEqual(filesOfExecs(daemon.root), [])
    for (const words of streams.slice(0, 5)) {
      const client = await begin(engine, words)
      const end = once(client, 'exit')
      client.kill('SIGKILL') // SIGTERM would be the container's
      await end
    }
    await docker.ok('rm', '-f', 'box')
    assert.deepEqual(filesOfExecs(daemon.root), [])
  },
)
