import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { readLogs } from '../../src/container/logging/read-logs.ts'
import { identify, ProcessHandle } from '../../src/kernel/processes/processes.ts'
import { type ContainerLab, containerTest } from '../support/container-lab.ts'

/** Kills one process and waits until it is gone. */
async function killHard(lab: ContainerLab, pid: number): Promise<void> {
  using handle = ProcessHandle.open(identify(pid)!)!
  handle.signal(9)
  await handle.ended(lab.poller)
}

containerTest('kill() sends signals by name and by number, and watchExit() tells which one ended it', async (lab) => {
  for (const [signal, exitCode] of [
    ['SIGKILL', 137],
    ['9', 137],
    ['usr1', 42],
  ] as const) {
    const record = lab.record(['sh', '-c', 'trap "exit 42" USR1; echo ready; while :; do sleep 0.01; done'])
    await lab.create(record)
    using session = lab.supervisor.attach(record)
    await lab.supervisor.start(record)
    await once(session.stdout, 'data')
    await lab.supervisor.kill(record, signal)
    assert.equal((await lab.supervisor.watchExit(record)).exitCode, exitCode, signal)
  }
})

containerTest(
  'kill() of a container that has ended does nothing, and a signal that does not exist is refused',
  async (lab) => {
    const record = lab.record(['true'])
    await lab.run(record)
    await lab.supervisor.kill(record, 'SIGTERM')
    await assert.rejects(lab.supervisor.kill(record, 'NOPE'), {
      kind: 'invalid-argument',
      message: 'invalid signal: NOPE',
    })
  },
)

containerTest('pause() freezes and resume() thaws', async (lab) => {
  const record = lab.record(['sh', '-c', 'read x; echo on'], {
    config: { Cmd: ['sh', '-c', 'read x; echo on'], OpenStdin: true },
  })
  const { pid } = await lab.start(record)
  await lab.supervisor.pause(record)
  const session = lab.supervisor.attach(record)
  session.stdin!.write('\n')
  assert.notEqual(identify(pid), undefined)
  await lab.supervisor.resume(record)
  assert.equal((await lab.supervisor.watchExit(record)).exitCode, 0)
})

containerTest('watchExit() sees the end of a container that an earlier engine started', async (lab) => {
  const record = lab.record(['sleep', '1000'])
  await lab.start(record)
  const later = lab.openSupervisor()
  const end = later.watchExit(record)
  await later.kill(record, 'KILL')
  assert.equal((await end).exitCode, 137)
})

containerTest('watchExit() reads how a container ended while no engine was there', async (lab) => {
  const record = lab.record(['sh', '-c', 'exit 7'])
  await lab.start(record)
  await lab.supervisor.watchExit(record)
  const { exitCode, finishedAt } = await lab.openSupervisor().watchExit(record)
  assert.equal(exitCode, 7)
  assert.match(finishedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
})

containerTest('watchExit() kills the container of a conmon that was killed', async (lab) => {
  const record = lab.record(['sleep', '1000'])
  const { pid, conmonPid } = await lab.start(record)
  const end = lab.supervisor.watchExit(record)
  await killHard(lab, conmonPid)
  assert.equal((await end).exitCode, 137)
  assert.equal(identify(pid), undefined)
})

containerTest(
  'watchExit() counts a container as killed when conmon died with no engine there, and its end is unknown',
  async (lab) => {
    const record = lab.record(['sleep', '1000'])
    const { pid, conmonPid } = await lab.start(record)
    await killHard(lab, conmonPid)
    await killHard(lab, pid)
    assert.equal((await lab.openSupervisor().watchExit(record)).exitCode, 137)
  },
)

containerTest('watchExit() tells of a container whose run directory is gone, as after a reboot', async (lab) => {
  const record = lab.record(['true'])
  await lab.run(record)
  await lab.supervisor.delete(record)
  rmSync(lab.pathsOf(record.id).runDir, { recursive: true })
  assert.equal((await lab.supervisor.watchExit(record)).exitCode, 137)
})

containerTest('watchExit() gives up when its signal aborts, and the container runs on', async (lab) => {
  const record = lab.record(['sleep', '1000'])
  const { pid } = await lab.start(record)
  const engine = new AbortController()
  const end = lab.supervisor.watchExit(record, engine.signal)
  engine.abort(new Error('closing'))
  await assert.rejects(end, /closing/)
  assert.notEqual(identify(pid), undefined)
})

containerTest('removeForgotten() ends what no engine knows of', async (lab) => {
  const known = lab.record(['sleep', '1000'])
  const unknown = lab.record(['sleep', '1000'])
  const half = lab.record(['sleep', '1000'])
  const { pid } = await lab.start(known)
  const lost = await lab.start(unknown)
  const created = await lab.create(half)
  await lab.openSupervisor().removeForgotten(new Set([known.id]))
  assert.deepEqual(
    [pid, lost.pid, created.pid].map((number) => identify(number) !== undefined),
    [true, false, false],
  )
  assert.deepEqual(lab.supervisor.runtime.list(), [known.id])
})

containerTest('a container that runs again keeps the log of its earlier runs', async (lab) => {
  const record = lab.record(['sh', '-c', 'echo run'])
  await lab.run(record)
  await lab.supervisor.delete(record)
  await lab.run(record)
  const batches = await Array.fromAsync(
    readLogs({
      maxFiles: 1,
      path: lab.pathsOf(record.id).log,
      options: { stdout: true, stderr: true, follow: false, tail: Infinity, sinceMs: 0, untilMs: Infinity },
      ended: undefined,
      signal: new AbortController().signal,
    }),
  )
  assert.deepEqual(
    batches.flat().map(({ bytes }) => Buffer.from(bytes).toString()),
    ['run\n', 'run\n'],
  )
})
