import assert from 'node:assert/strict'
import { groupFilesOf, isUnified } from '../cgroup-files.ts'
import type { Engine } from '../engine-test.ts'

const mebi = 2 ** 20

/** Every limit of CPU, memory and processes is in the control groups, and in inspect. */
export async function keepsEveryLimit(engine: Engine): Promise<void> {
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
  const inside = await engine.sh(
    'box',
    'ulimit -n; ulimit -Hn; cat /proc/1/oom_score_adj; grep _allowed_list /proc/self/status',
  )
  assert.equal(inside.stdout, '100\n200\n500\nCpus_allowed_list:\t0\nMems_allowed_list:\t0\n')
}
