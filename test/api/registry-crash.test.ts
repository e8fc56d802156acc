import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { sha256 } from '../support/image-lab.ts'
import { type FakeRegistry, startFakeRegistry } from '../support/image-registry.ts'
import { processesOf } from '../support/sweep.ts'

const name = '127.0.0.1:5000/x'

/** What is at work in a registry's business, and what lies about of it. */
function traces({ daemon }: Engine): { readonly processes: number; readonly unfinished: readonly string[] } {
  const processes = processesOf(daemon.root).filter(({ command }) => command.includes('skopeo')).length
  return { processes, unfinished: readdirSync(join(daemon.root, 'data/images/tmp')) }
}
const none = { processes: 0, unfinished: [] }

/** Docker's client lists the names of one image in another order each time. */
function inOrder(lines: string): readonly string[] {
  return lines.split('\n').toSorted()
}

/** A registry that has one image, and stands still in the middle of each layer that comes or goes. */
async function stallingRegistry(engine: Engine): Promise<FakeRegistry & { readonly stalled: () => number }> {
  const { host, daemon } = engine
  await host.execOk('sh', ['-c', `mkdir ${daemon.root}/l; head -c 2000000 /dev/urandom > ${daemon.root}/l/noise`])
  await host.execOk('tar', ['-C', `${daemon.root}/l`, '-cf', `${daemon.root}/l.tar`, '.'])
  const tar = readFileSync(join(daemon.root, 'l.tar'))
  const layer = gzipSync(tar, { level: 1 })
  const registry = await startFakeRegistry(host.namespace, { 1: [{ layers: [layer], diffIds: [sha256(tar)] }] })
  let stalled = 0
  registry.intercept = (request, response) => {
    const { method, url = '' } = request
    if (method === 'POST' && url.includes('/blobs/uploads/')) {
      response.writeHead(202, { Location: '/v2/x/blobs/uploads/1', 'Content-Length': 0 }).end()
      return true
    }
    if (method === 'PATCH') {
      request.once('data', () => stalled++) // and never an answer
      return true
    }
    if (method !== 'GET' || !url.endsWith(sha256(layer))) return false
    response.writeHead(200, { 'Content-Length': layer.length })
    response.write(layer.subarray(0, 500_000), () => stalled++)
    return true
  }
  return Object.assign(registry, { stalled: () => stalled })
}

engineTest('kill -9 in the middle of a pull and of a push leaves nothing, and containers go on', async (engine) => {
  const { docker, daemon } = engine
  await using registry = await stallingRegistry(engine)
  await docker.ok('tag', 'busybox', `${name}:2`)
  await docker.ok('run', '-d', '--name', 'going', 'busybox', 'sleep', '1000')
  const listed = () => docker.ok('images', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}').then(inOrder)
  const images = await listed()
  const pid = await docker.ok('inspect', '-f', '{{.State.Pid}}', 'going')
  for (const [round, words] of [
    ['pull', `${name}:1`],
    ['push', `${name}:2`],
  ].entries()) {
    const client = docker.run(words)
    await eventually(async () => registry.stalled(), round + 1)
    assert.ok(traces(engine).processes > 0)
    await daemon.kill9()
    assert.equal((await client).code, 1)
    await eventually(async () => traces(engine).processes, 0)
    await daemon.start()
    assert.deepEqual(traces(engine), none)
  }
  assert.deepEqual(await listed(), images)
  assert.equal(await docker.ok('inspect', '-f', '{{.State.Pid}} {{.State.Running}}', 'going'), `${pid} true`)
  registry.intercept = () => false
  await docker.ok('pull', `${name}:1`)
})

engineTest('a client that goes away stops its pull and its push', async (engine) => {
  const { docker } = engine
  await using registry = await stallingRegistry(engine)
  await docker.ok('tag', 'busybox', `${name}:2`)
  for (const [round, words] of [
    ['pull', `${name}:1`],
    ['push', `${name}:2`],
  ].entries()) {
    const [command, ...first] = docker.program
    const client = spawn(command!, [...first, ...words], { env: { ...process.env, ...docker.env }, stdio: 'ignore' })
    const ended = once(client, 'close')
    await eventually(async () => registry.stalled(), round + 1)
    client.kill('SIGINT')
    await ended
    await eventually(async () => traces(engine), none)
  }
  assert.equal((await docker.run(['image', 'inspect', `${name}:1`])).code, 1)
})

engineTest(
  'no more pulls and pushes move layers at a time than the settings allow; the next waits for its turn',
  async (engine) => {
    const { docker } = engine
    await using registry = await stallingRegistry(engine)
    for (const each of ['x:2', 'y:2']) await docker.ok('tag', 'busybox', `127.0.0.1:5000/${each}`)
    for (const [round, [first, second]] of [
      [
        ['pull', `${name}:1`],
        ['pull', '127.0.0.1:5000/y:1'],
      ],
      [
        ['push', `${name}:2`],
        ['push', '127.0.0.1:5000/y:2'],
      ],
    ].entries()) {
      const before = 2 * round
      const [one, other] = [start(engine, first!), start(engine, second!)]
      await eventually(async () => registry.stalled(), before + 1)
      // Both have begun, and only one of them has a process that moves layers.
      await eventually(async () => copies(engine), 1)
      await eventually(
        async () => [one.said(), other.said()].every((said) => /Pulling fs layer|refers to/.test(said)),
        true,
      )
      assert.equal(registry.stalled(), before + 1)
      const [running, waiting] = copies(engine, '/x') > 0 ? [one, other] : [other, one]
      running.child.kill('SIGINT')
      await eventually(async () => registry.stalled(), before + 2)
      waiting.child.kill('SIGINT')
      await Promise.all([one.ended, other.ended])
      await eventually(async () => traces(engine), none)
    }
  },
  { config: { 'max-concurrent-downloads': 1, 'max-concurrent-uploads': 1 } },
)

/** Starts a docker command and keeps what it says. */
function start({ docker }: Engine, words: readonly string[]) {
  const [command, ...first] = docker.program
  const child = spawn(command!, [...first, ...words], { env: { ...process.env, ...docker.env } })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk
  })
  child.stderr.resume()
  return { child, said: () => said, ended: once(child, 'close') }
}

/** How many processes move layers: of one repository, `/x`, or of all. */
function copies({ daemon }: Engine, repository = ''): number {
  const commands = processesOf(daemon.root).map(({ command }) => command)
  return commands.filter(
    (words) => /^skopeo .* copy /.test(words) && words.includes(`docker://127.0.0.1:5000${repository}`),
  ).length
}
