import assert from 'node:assert/strict'
import { groupFilesOf, isUnified } from '../cgroup-files.ts'
import type { Engine } from '../engine-test.ts'

const mebi = 2 ** 20

/** What the kernel keeps of a running container's limits: memory, memory and swap, shares, quota, processes. */
export async function kept({ docker }: Engine, container: string): Promise<readonly string[]> {
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

/** `update` changes what runs, both ways, and what is started later. */
export async function updatesWhatRuns(engine: Engine): Promise<void> {
  const { docker, daemon, api } = engine
  await docker.ok('run', '-di', '--name', 'box', '-m', '64m', '--memory-swap', '96m', 'busybox')
  const more = ['--cpus', '0.5', '--cpu-shares', '512', '--cpuset-cpus', '0', '--pids-limit', '50']
  assert.equal(await docker.ok('update', '-m', '128m', '--memory-swap', '256m', ...more, 'box'), 'box')
  assert.deepEqual(await kept(engine, 'box'), wanted(128, 256, '50', 50_000))
  await docker.ok('update', '-m', '32m', '--memory-swap', '48m', '--pids-limit', '-1', '--cpus', '0.25', 'box')
  assert.deepEqual(await kept(engine, 'box'), wanted(32, 48, 'max', 25_000))

  const group = await groupFilesOf(docker, 'box')
  await daemon.kill9()
  group.write('pids', 'pids.max', '77') // as if it had been killed between the kernel's limit and its record
  await daemon.start()
  assert.deepEqual(await kept(engine, 'box'), wanted(32, 48, 'max', 25_000))
  const { HostConfig } = await api.getContainer('box').inspect()
  assert.partialDeepStrictEqual(HostConfig, { Memory: 32 * mebi, MemorySwap: 48 * mebi, PidsLimit: 0, NanoCpus: 25e7 })

  await docker.ok('stop', '-t', '0', 'box')
  await docker.ok('update', '--pids-limit', '30', '-m', '64m', '--memory-swap', '64m', 'box')
  await docker.ok('start', 'box')
  assert.deepEqual(await kept(engine, 'box'), wanted(64, 64, '30', 25_000))
}
