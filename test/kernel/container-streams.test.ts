import assert from 'node:assert/strict'
import { once } from 'node:events'
import { collect, containerTest } from '../support/container-lab.ts'

const none = { NetworkMode: 'none' }

containerTest('attach() between create and start loses no output', async (lab) => {
  const record = lab.record(['sh', '-c', 'seq 1 20000; seq 1 10 >&2'])
  const { stdout, stderr } = await lab.run(record)
  assert.equal(stdout, Array.from({ length: 20_000 }, (_, i) => `${i + 1}\n`).join(''))
  assert.equal(stderr, Array.from({ length: 10 }, (_, i) => `${i + 1}\n`).join(''))
})

containerTest('attach() makes the container wait for a slow client, and loses nothing', async (lab) => {
  const record = lab.record(['dd', 'if=/dev/zero', 'bs=64k', 'count=320'], {
    config: { Cmd: ['dd', 'if=/dev/zero', 'bs=64k', 'count=320'] },
  })
  await lab.create(record)
  const session = lab.supervisor.attach(record)
  await lab.supervisor.start(record)
  let bytes = 0
  for await (const chunk of session.stdout) {
    bytes += (chunk as Buffer).length
    if (bytes % 7 === 0) await new Promise(setImmediate)
  }
  assert.equal(bytes, 320 * 65_536)
  session.stderr?.resume()
  await session.closed
})

containerTest('attach() serves several clients at once', async (lab) => {
  const record = lab.record(['sh', '-c', 'read x; echo "got $x"'], {
    config: { Cmd: ['sh', '-c', 'read x; echo "got $x"'], OpenStdin: true },
  })
  await lab.create(record)
  const sessions = [1, 2, 3].map(() => lab.supervisor.attach(record))
  const outputs = sessions.map(collect)
  await lab.supervisor.start(record)
  sessions[1]!.stdin!.write('word\n')
  assert.deepEqual(await Promise.all(outputs), Array(3).fill({ stdout: 'got word\n', stderr: '' }))
})

containerTest('attach() carries input with back-pressure, and its end when that is wanted', async (lab) => {
  const command = ['sh', '-c', 'wc -c; echo end']
  const record = lab.record(command, { config: { Cmd: command, OpenStdin: true, StdinOnce: true } })
  const { stdout, exitCode } = await lab.run(record, 'x'.repeat(3_000_000))
  assert.deepEqual({ stdout, exitCode }, { stdout: '3000000\nend\n', exitCode: 0 })
})

containerTest('attach() keeps the input open for the next client unless StdinOnce is set', async (lab) => {
  const command = ['sh', '-c', 'read a; read b; echo "$a $b"']
  const record = lab.record(command, { config: { Cmd: command, OpenStdin: true } })
  await lab.start(record)
  const first = lab.supervisor.attach(record)
  first.stdin!.end('one\n')
  await once(first.stdin!, 'finish')
  first[Symbol.dispose]()
  const second = lab.supervisor.attach(record)
  second.stdin!.end('two\n')
  assert.equal((await collect(second)).stdout, 'one two\n')
})

containerTest('attach() of a client without input does not end the input of the others when it goes', async (lab) => {
  const command = ['sh', '-c', 'echo ready; cat']
  const record = lab.record(command, { config: { Cmd: command, OpenStdin: true, StdinOnce: true } })
  await lab.create(record)
  const talker = lab.supervisor.attach(record)
  const watcher = lab.supervisor.attach(record, { stdin: false, stdout: true, stderr: true })
  await lab.supervisor.start(record)
  await once(watcher.stdout, 'data')
  watcher[Symbol.dispose]()
  const output = collect(talker)
  talker.stdin!.write('still ')
  talker.stdin!.end('here')
  assert.equal((await output).stdout, 'ready\nstill here')
  await lab.supervisor.watchExit(record)
})

containerTest('attach() to a terminal gives one stream, which can be resized', async (lab) => {
  const command = [
    'sh',
    '-c',
    'stty size; until [ "$(stty size)" = "31 101" ]; do sleep 0.01; done; read x; echo "got $x"',
  ]
  const record = lab.record(command, {
    config: { Cmd: command, Tty: true, OpenStdin: true, StdinOnce: true },
    hostConfig: { ...none, ConsoleSize: [30, 100] },
  })
  await lab.create(record)
  const session = lab.supervisor.attach(record)
  assert.equal(session.stderr, undefined)
  await lab.supervisor.start(record)
  await once(session.stdout, 'readable')
  lab.supervisor.resize(record, { rows: 31, columns: 101 })
  session.stdin!.write('word\n')
  const { stdout } = await collect(session)
  assert.deepEqual(stdout.split('\r\n').sort(), ['', '30 100', 'got word', 'word'])
})

containerTest('dispose of an attach leaves the container running', async (lab) => {
  const record = lab.record(['sh', '-c', 'echo ready; sleep 1000'])
  await lab.create(record)
  const session = lab.supervisor.attach(record)
  await lab.supervisor.start(record)
  await once(session.stdout, 'data')
  session[Symbol.dispose]()
  session[Symbol.dispose]()
  await session.closed
  assert.ok(lab.supervisor.processes(record).length > 0)
})
