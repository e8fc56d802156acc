import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { busyboxRootfs } from '../support/image.ts'
import { rawHttp } from '../support/raw-http.ts'

/** Asks for a wait; the answer begins when the engine watches, and ends with the wait. */
async function beginsToWait(socketPath: string, container: string, condition: string): Promise<IncomingMessage> {
  const path = `/v1.51/containers/${container}/wait?condition=${condition}`
  const asked = request({ socketPath, method: 'POST', path }).end()
  const [answer] = await once(asked, 'response')
  return answer
}

engineTest('wait has three conditions, and --rm the last of them', async ({ docker, daemon }) => {
  await docker.ok('create', '--name', 'box', 'busybox', 'sh', '-c', 'exit 5')
  assert.equal(await docker.ok('wait', 'box'), '0', 'it does not run')
  const next = await beginsToWait(daemon.socket, 'box', 'next-exit')
  const removed = await beginsToWait(daemon.socket, 'box', 'removed')
  await docker.ok('start', 'box')
  assert.equal(JSON.parse(await text(next)).StatusCode, 5)
  assert.equal(await docker.ok('wait', 'box'), '5')
  await docker.ok('rm', 'box')
  assert.equal(JSON.parse(await text(removed)).StatusCode, 5)

  await docker.ok('create', '--name', 'never', 'busybox')
  const gone = await beginsToWait(daemon.socket, 'never', 'next-exit')
  await docker.ok('rm', 'never')
  assert.equal(JSON.parse(await text(gone)).StatusCode, 0)

  const rm = await docker.run(['run', '--rm', '--name', 'short', 'busybox', 'sh', '-c', 'exit 9'])
  assert.deepEqual([rm.code, await docker.ok('ps', '-aq')], [9, ''])
  const http = rawHttp(daemon.socket)
  assert.equal((await http('POST', '/v1.51/containers/nope/wait')).status, 404)
  assert.equal((await docker.run(['wait', 'nope'])).code, 1)
})

engineTest('wait goes on when the daemon does', async ({ docker, daemon }) => {
  await docker.ok(
    'run',
    '-d',
    '--name',
    'box',
    'busybox',
    'sh',
    '-c',
    'while [ ! -e /go ]; do sleep 0.05; done; exit 4',
  )
  const cut = docker.run(['wait', 'box'])
  await new Promise((resolve) => setTimeout(resolve, 200))
  const pid = await docker.ok('inspect', '-f', '{{.State.Pid}}', 'box')
  await daemon.kill9()
  assert.equal((await cut).code, 1, 'the client is told that the connection is gone')
  await daemon.start()
  const waits = docker.run(['wait', 'box'])
  await docker.ok('exec', 'box', 'touch', '/go')
  assert.equal((await waits).stdout, '4\n')
  assert.ok(Number(pid) > 0)
})

engineTest(
  'stop sends the signal of the container, or of its image, and waits as long as it says',
  async ({ docker }) => {
    const trap = (signal: string) => `trap 'exit 8' ${signal}; echo ready; while :; do sleep 0.05; done`
    const ready = (name: string) => eventually(() => docker.ok('logs', name), 'ready')
    const code = (name: string) => docker.ok('inspect', '-f', '{{.State.ExitCode}}', name)
    const signal = 'STOPSIGNAL SIGUSR2'
    await docker.run(['import', '-c', 'CMD ["sh"]', '-c', signal, '-', 'quiet'], { input: await busyboxRootfs() })
    await docker.ok('run', '-d', '--name', 'image', 'quiet', 'sh', '-c', trap('USR2'))
    await docker.ok('run', '-d', '--name', 'flag', '--stop-signal', 'USR1', 'quiet', 'sh', '-c', trap('USR1'))
    await docker.ok('run', '-d', '--name', 'asked', 'busybox', 'sh', '-c', trap('HUP'))
    await docker.ok(
      'run',
      '-d',
      '--name',
      'brief',
      '--stop-timeout',
      '1',
      'busybox',
      'sh',
      '-c',
      'echo ready; sleep 1000',
    )
    await docker.ok(
      'run',
      '-d',
      '--name',
      'patient',
      '--stop-timeout',
      '-1',
      'busybox',
      'sh',
      '-c',
      'echo ready; sleep 1000',
    )
    for (const name of ['image', 'flag', 'asked', 'brief', 'patient']) await ready(name)
    await docker.ok('stop', 'image', 'flag')
    await docker.ok('stop', '-s', 'HUP', 'asked')
    assert.deepEqual([await code('image'), await code('flag'), await code('asked')], ['8', '8', '8'])
    await docker.ok('stop', 'brief')
    assert.equal(await code('brief'), '137')
    const stopping = docker.run(['stop', 'patient'])
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.equal(await docker.ok('inspect', '-f', '{{.State.Running}} {{.Config.StopTimeout}}', 'patient'), 'true -1')
    await docker.ok('kill', 'patient')
    assert.equal((await stopping).code, 0)
    const bad = await docker.run(['create', '--stop-signal', 'NOPE', 'busybox'])
    assert.match(bad.stderr, /invalid signal: NOPE/)
  },
)

engineTest('docker run ends with 125, 126, 127, 137 and the code of the command', async ({ docker }) => {
  const codeOf = async (...words: string[]) => (await docker.run(['run', '--rm', ...words])).code
  assert.equal(await codeOf('--restart', 'sometimes', 'busybox', 'true'), 125)
  assert.equal(await codeOf('busybox', '/etc'), 126)
  assert.equal(await codeOf('busybox', 'nothing'), 127)
  assert.equal(await codeOf('--init', 'busybox', 'sh', '-c', 'kill -9 $$'), 137)
  assert.equal(await codeOf('busybox', 'sh', '-c', 'exit 42'), 42)
  assert.equal((await docker.run(['kill', '-s', 'NOPE', 'box'])).code, 1)
})
