import assert from 'node:assert/strict'
import { limitFields } from '../../src/protocol/limits.ts'
import { isUnified } from '../support/cgroup-files.ts'
import { engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { kept, updatesWhatRuns } from '../support/limit-scenes/update.ts'
import { pastEvents } from '../support/past-events.ts'

engineTest('update changes what runs, both ways, and what is started later', updatesWhatRuns)

engineTest('update says what Docker says, and changes nothing when it is refused', async (engine) => {
  const { docker, api } = engine
  await docker.ok(
    'run',
    '-di',
    '--name',
    'box',
    '--cpus',
    '0.5',
    '--cpu-shares',
    '512',
    '--cpuset-cpus',
    '0',
    'busybox',
  )
  const id = await docker.ok('inspect', '-f', '{{.Id}}', 'box')
  const refused = async (...words: string[]) => {
    const { code, stderr } = await docker.run(['update', ...words])
    assert.equal(code, 1)
    return stderr.trim()
  }
  assert.deepEqual(
    [
      await refused('-m', '64m', 'box'),
      await refused('--cpu-period', '1000', 'box'),
      await refused('-m', '1m', 'box'),
      await refused('--restart', 'often', 'box'),
      await refused('--pids-limit', '3', 'nobody'),
    ],
    [
      `Error response from daemon: Cannot update container ${id}: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`,
      `Error response from daemon: Cannot update container ${id}: Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set`,
      'Error response from daemon: Minimum memory limit allowed is 6MB',
      "Error response from daemon: invalid restart policy: unknown policy 'often'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
      'Error response from daemon: No such container: nobody',
    ],
  )
  // What the kernel refuses, with what was changed before it: version 1 takes no limit below what is used.
  const before = await kept(engine, 'box')
  await docker.ok('exec', 'box', 'sh', '-c', 'dd if=/dev/zero of=/dev/shm/x bs=1M count=20 2>/dev/null')
  if (!isUnified) {
    const tooLow = await refused('-m', '8m', '--memory-swap', '8m', '--pids-limit', '9', 'box')
    assert.match(tooLow, new RegExp(`Cannot update container ${id}: failed to write .*: device or resource busy`))
    assert.deepEqual(await kept(engine, 'box'), before)
    assert.equal((await api.getContainer('box').inspect()).HostConfig.Memory, 0)
  }
})

engineTest('update changes the restart policy of what runs, and tells of itself', async ({ docker, api }) => {
  const line = '[ -e /was ] && exec sleep 1000; touch /was; while [ ! -e /go ]; do sleep 0.1; done; exit 3'
  await docker.ok('run', '-d', '--name', 'box', 'busybox', 'sh', '-c', line)
  await docker.ok('update', '--restart', 'on-failure:2', 'box')
  await docker.ok('exec', 'box', 'touch', '/go')
  const state = async () => {
    const { HostConfig, State, RestartCount } = await api.getContainer('box').inspect()
    return [HostConfig.RestartPolicy, State.Status, RestartCount]
  }
  await eventually(state, [{ Name: 'on-failure', MaximumRetryCount: 2 }, 'running', 1])
  assert.deepEqual(await pastEvents(docker, '{{.Actor.Attributes.name}}', 'event=update'), ['box'])
})

engineTest('wharf says of limits and of update what docker says', async ({ docker, wharf, api }) => {
  const flags = [
    '-m',
    '64m',
    '--memory-swappiness',
    '10',
    '--cpu-shares',
    '256',
    '--pids-limit',
    '9',
    '--blkio-weight',
    '20',
  ]
  await docker.ok('create', '--name', 'docker', ...flags, 'busybox')
  await wharf.ok('create', '--name', 'wharf', ...flags, 'busybox')
  const [ours, theirs] = await Promise.all(
    ['wharf', 'docker'].map(async (name) => (await api.getContainer(name).inspect()).HostConfig),
  )
  const limits = Object.keys(limitFields)
  const pick = (host: object) => Object.fromEntries(Object.entries(host).filter(([name]) => limits.includes(name)))
  assert.deepEqual(pick(ours), pick(theirs))
  await docker.ok('create', '--name', 'box', 'busybox')
  for (const words of [
    ['update', 'box'],
    ['update', '--pids-limit', '5', 'box'],
    ['update', '--restart', 'always', 'box', 'nobody'],
    ['update', '-m', '1m', 'box'],
    ['create', '--device-read-bps', 'sda:1', 'busybox'],
  ]) {
    const [said, heard] = [await wharf.run(words), await docker.run(words)]
    assert.deepEqual([said.code, said.stdout], [heard.code, heard.stdout], words.join(' '))
    const last = (text: string) =>
      text
        .split('\n')
        .find((line) => line !== '')
        ?.replace(/^(docker|wharf): /, '')
    assert.equal(last(said.stderr), last(heard.stderr))
  }
})
