import assert from 'node:assert/strict'
import { removeCgroup } from '../../src/kernel/cgroups.ts'
import { groupFilesOf, isUnified } from '../support/cgroup-files.ts'
import { engineTest } from '../support/engine-test.ts'

const mebi = 2 ** 20

engineTest('every limit of CPU, memory and processes is in the control groups, and in inspect', async (engine) => {
  const { docker, api } = engine
  const memory = ['-m', '64m', '--memory-swap', '96m', '--memory-reservation', '32m', '--memory-swappiness', '30']
  const cpu = ['--cpu-shares', '512', '--cpu-period', '50000', '--cpu-quota', '25000']
  const sets = ['--cpuset-cpus', '0', '--cpuset-mems', '0', '--pids-limit', '40', '--blkio-weight', '300']
  const process = ['--ulimit', 'nofile=100:200', '--oom-score-adj', '500']
  await docker.ok('run', '-di', '--name', 'box', ...memory, ...cpu, ...sets, ...process, 'busybox')
  const { HostConfig } = await api.getContainer('box').inspect()
  assert.partialDeepStrictEqual(HostConfig, {
    ...{ Memory: 64 * mebi, MemorySwap: 96 * mebi, MemoryReservation: 32 * mebi },
    ...{ MemorySwappiness: isUnified ? null : 30, CpuShares: 512, CpuPeriod: 50_000, CpuQuota: 25_000 },
    ...{ CpusetCpus: '0', CpusetMems: '0', PidsLimit: 40, BlkioWeight: 300, OomScoreAdj: 500 },
    Ulimits: [{ Name: 'nofile', Soft: 100, Hard: 200 }],
  })
  const group = await groupFilesOf(docker, 'box')
  const read = group.read
  assert.deepEqual(
    {
      memory: read('memory', 'memory.limit_in_bytes', 'memory.max'),
      swap: read('memory', 'memory.memsw.limit_in_bytes', 'memory.swap.max'),
      reservation: read('memory', 'memory.soft_limit_in_bytes', 'memory.low'),
      shares: read('cpu', 'cpu.shares', 'cpu.weight'),
      quota: read('cpu', 'cpu.cfs_quota_us', 'cpu.max'),
      cpus: read('cpuset', 'cpuset.cpus', 'cpuset.cpus'),
      mems: read('cpuset', 'cpuset.mems', 'cpuset.mems'),
      pids: read('pids', 'pids.max', 'pids.max'),
      weight: read('blkio', 'blkio.bfq.weight', 'io.weight'),
    },
    {
      memory: `${64 * mebi}`,
      swap: `${(isUnified ? 32 : 96) * mebi}`,
      reservation: `${32 * mebi}`,
      shares: isUnified ? '20' : '512',
      quota: isUnified ? '25000 50000' : '25000',
      cpus: '0',
      mems: '0',
      pids: '40',
      weight: isUnified ? 'default 2930' : '300',
    },
  )
  if (!isUnified) assert.equal(read('memory', 'memory.swappiness', ''), '30')
  const inside = await engine.sh('box', 'ulimit -n; ulimit -Hn; cat /proc/1/oom_score_adj')
  assert.equal(inside.stdout, '100\n200\n500\n')
})

engineTest(
  '--cgroup-parent and --cgroupns decide where the control group is, and what is seen of it',
  async (engine) => {
    const { docker, sh } = engine
    using _ = { [Symbol.dispose]: () => removeCgroup('/wharf-p') } // groups that a user names are the user's to remove
    for (const cgroupns of ['host', 'private']) {
      await docker.ok(
        'run',
        '-di',
        '--name',
        cgroupns,
        '--cgroup-parent',
        '/wharf-p/x',
        '--cgroupns',
        cgroupns,
        'busybox',
      )
      const id = await docker.ok('inspect', '-f', '{{.Id}}', cgroupns)
      const group = await groupFilesOf(docker, cgroupns)
      assert.equal(group.path('memory'), `/wharf-p/x/${id}`)
      const seen = (await sh(cgroupns, 'cat /proc/1/cgroup')).stdout
      assert.equal(seen.includes(`/wharf-p/x/${id}`), cgroupns === 'host')
      await docker.ok('rm', '-f', cgroupns)
    }
  },
)

engineTest('bad values are refused, and what the kernel cannot do is discarded with a word', async ({ docker }) => {
  const refused = async (...flags: string[]) => {
    const { code, stderr } = await docker.run(['create', ...flags, 'busybox'])
    assert.equal(code, 1)
    return stderr.replace(/^Error response from daemon: /, '').trim()
  }
  assert.deepEqual(
    [
      await refused('-m', '5m'),
      await refused('--memory-swap', '1g'),
      await refused('--cpuset-cpus', '99'),
      await refused('--cpus', '1000'),
      await refused('--blkio-weight', '5'),
    ].map((text) => text.replace(/\d+\.00.*|available: .*/, '…')),
    [
      'Minimum memory limit allowed is 6MB',
      'You should always set the Memory limit when using Memoryswap limit, see usage',
      'Requested CPUs are not available - requested 99, …',
      'range of CPUs is from 0.01 to …',
      'Range of blkio weight is from 10 to 1000',
    ],
  )
  const kernel = await docker.run(['create', '--name', 'old', '--oom-kill-disable', '-m', '64m', 'busybox'])
  const words = 'WARNING: Your kernel does not support OomKillDisable. OomKillDisable discarded.'
  assert.equal(kernel.stderr.includes(words), isUnified)
})
