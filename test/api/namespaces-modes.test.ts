import assert from 'node:assert/strict'
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Cli } from '../support/docker.ts'
import { engineTest } from '../support/engine-test.ts'

type Kind = 'pid' | 'ipc' | 'uts' | 'user' | 'net' | 'cgroup'
const own = (kind: Kind) => readlinkSync(`/proc/self/ns/${kind}`)

/** The namespace of a container's first process, as the kernel names it. */
async function namespace(docker: Cli, name: string, kind: Kind): Promise<string> {
  return readlinkSync(`/proc/${await docker.ok('inspect', '-f', '{{.State.Pid}}', name)}/ns/${kind}`)
}

const started = (docker: Cli, name: string, ...flags: string[]) =>
  docker.ok('run', '-d', '--init', '--name', name, ...flags, 'busybox', 'sleep', '1000')

/** The code and the words of a run that the daemon refuses. */
async function refusal(docker: Cli, ...words: string[]): Promise<[number, string]> {
  const { code, stderr } = await docker.run(['run', '--rm', ...words])
  return [code, /Error response from daemon: (.*)/.exec(stderr)?.[1] ?? stderr]
}

engineTest('--pid host and container:X show others’ processes', async ({ docker }) => {
  await started(docker, 'donor')
  await started(docker, 'joined', '--pid', 'container:donor')
  await started(docker, 'host', '--pid', 'host')
  assert.notEqual(await namespace(docker, 'donor', 'pid'), own('pid'))
  assert.equal(await namespace(docker, 'joined', 'pid'), await namespace(docker, 'donor', 'pid'))
  assert.equal(await namespace(docker, 'host', 'pid'), own('pid'))
  assert.equal((await docker.ok('exec', 'joined', 'ps')).split('sleep 1000').length - 1 >= 2, true)
  assert.match(await docker.ok('exec', 'host', 'cat', `/proc/${process.pid}/comm`), /node|Main/i)
  await docker.ok('stop', '-t', '1', 'host')
  assert.equal(await docker.ok('inspect', '-f', '{{.State.Running}}', 'donor'), 'true')

  assert.deepEqual(await refusal(docker, '--pid', 'container:nobody', 'busybox', 'true'), [
    125,
    'failed to join PID namespace: No such container: nobody',
  ])
  assert.deepEqual(await refusal(docker, '--pid', 'container:host', 'busybox', 'true'), [
    125,
    'failed to join PID namespace: container host is not running',
  ])
})

engineTest(
  '--ipc private, shareable, none, host and container:X share memory or do not',
  async ({ docker, daemon }) => {
    await started(docker, 'private')
    await started(docker, 'donor', '--ipc', 'shareable', '--shm-size', '1m')
    await started(docker, 'joined', '--ipc', 'container:donor')
    await started(docker, 'host', '--ipc', 'host')
    await started(docker, 'none', '--ipc', 'none')
    assert.equal(await docker.ok('inspect', '-f', '{{.HostConfig.IpcMode}}', 'private'), 'private')
    assert.equal(await namespace(docker, 'joined', 'ipc'), await namespace(docker, 'donor', 'ipc'))
    assert.equal(await namespace(docker, 'host', 'ipc'), own('ipc'))
    assert.notEqual(await namespace(docker, 'private', 'ipc'), own('ipc'))
    await docker.ok('exec', 'donor', 'sh', '-c', 'echo shared > /dev/shm/word')
    assert.equal(await docker.ok('exec', 'joined', 'cat', '/dev/shm/word'), 'shared')
    assert.match(await docker.ok('exec', 'joined', 'df', '-k', '/dev/shm'), / 1024 /)
    assert.equal((await docker.run(['exec', 'private', 'cat', '/dev/shm/word'])).code, 1)
    assert.doesNotMatch(await docker.ok('exec', 'none', 'cat', '/proc/mounts'), / \/dev\/shm /)
    const non =
      'failed to join IPC namespace: container private: non-shareable IPC (hint: use IpcMode:shareable for the donor container)'
    assert.deepEqual(await refusal(docker, '--ipc', 'container:private', 'busybox', 'true'), [125, non])
    const [, nobody] = await refusal(docker, '--ipc', 'container:nobody', 'busybox', 'true')
    assert.equal(nobody, 'failed to join IPC namespace: No such container: nobody')
    // A daemon that is killed forgets nothing, and what it shared goes with the container.
    await daemon.kill9()
    await daemon.start()
    await started(docker, 'later', '--ipc', 'container:donor')
    assert.equal(await docker.ok('exec', 'later', 'cat', '/dev/shm/word'), 'shared')
    await docker.ok('rm', '-f', 'donor')
    assert.equal(await docker.ok('exec', 'joined', 'cat', '/dev/shm/word'), 'shared')
  },
)

engineTest('--uts host, --userns host and --cgroupns', async ({ docker }) => {
  await started(docker, 'box', '--uts', 'host', '--userns', 'host', '--cgroupns', 'private')
  assert.equal(await namespace(docker, 'box', 'uts'), own('uts'))
  assert.equal(await namespace(docker, 'box', 'user'), own('user'))
  assert.notEqual(await namespace(docker, 'box', 'cgroup'), own('cgroup'))
  assert.equal(await docker.ok('exec', 'box', 'hostname'), hostname())
  const [code, words] = await refusal(docker, '--uts', 'host', '--hostname', 'x', 'busybox', 'true')
  assert.deepEqual([code, words], [125, 'conflicting options: hostname and the UTS mode'])
  await started(docker, 'other', '--cgroupns', 'host')
  assert.equal(await namespace(docker, 'other', 'cgroup'), own('cgroup'))
})
