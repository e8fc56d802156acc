import assert from 'node:assert/strict'
import { limitFields } from '../../src/protocol/limits.ts'
import { groupFilesOf, isUnified } from '../support/cgroup-files.ts'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'

const mebi = 2 ** 20

/** What the kernel keeps of a running container's limits: memory, memory and swap, shares, quota, processes. */
async function kept({ docker }: Engine, container: string): Promise<readonly string[]> {
  const { read } = await groupFilesOf(docker, container)
  return [
    read('memory', 'memory.limit_in_bytes', 'memory.max'),
    read('memory', 'memory.memsw.limit_in_bytes', 'memory.swap.max'),
    read('cpu', 'cpu.shares', 'cpu.weight'),
    read('cpu', 'cpu.cfs_quota_us', 'cpu.max'),
    read('pids', 'pids.max', 'pids.max'),
    read('cpuset', 'cpuset.cpus', 'cpuset.cpus'),
  ]
}

function wanted(memory: number, swap: number, pids: string, quota: number): readonly string[] {
  return [
    `${memory * mebi}`,
    `${(isUnified ? swap - memory : swap) * mebi}`,
    isUnified ? '20' : '512',
    isUnified ? `${quota} 100000` : `${quota}`,
    pids,
    '0',
  ]
}

engineTest('update changes what runs, both ways, and what is started later', async (engine) => {
  const { docker, daemon, api } = engine
  await docker.ok('run', '-di', '--name', 'box', '-m', '64m', '--memory-swap', '96m', 'busybox')
  const more = ['--cpus', '0.5', '--cpu-shares', '512', '--cpuset-cpus', '0', '--pids-limit', '50']
  assert.equal(await docker.ok('update', '-m', '128m', '--memory-swap', '256m', ...more, 'box'), 'box')
  assert.deepEqual(await kept(engine, 'box'), wanted(128, 256, '50', 50_000))
  await docker.ok('update', '-m', '32m', '--memory-swap', '48m', '--pids-limit', '-1', '--cpus', '0.25', 'box')
  assert.deepEqual(await kept(engine, 'box'), wanted(32, 48, 'max', 25_000))

  await daemon.kill9()
  await daemon.start()
  assert.deepEqual(await kept(engine, 'box'), wanted(32, 48, 'max', 25_000))
  const { HostConfig } = await api.getContainer('box').inspect()
  assert.partialDeepStrictEqual(HostConfig, { Memory: 32 * mebi, MemorySwap: 48 * mebi, PidsLimit: 0, NanoCpus: 25e7 })

  await docker.ok('stop', '-t', '0', 'box')
  await docker.ok('update', '--pids-limit', '30', '-m', '64m', '--memory-swap', '64m', 'box')
  await docker.ok('start', 'box')
  assert.deepEqual(await kept(engine, 'box'), wanted(64, 64, '30', 25_000))
})

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
  const words = ['--since', '1', '--until', `${Date.now() / 1000}`, '--filter', 'event=update']
  assert.equal(await docker.ok('events', ...words, '--format', '{{.Actor.Attributes.name}}'), 'box')
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
