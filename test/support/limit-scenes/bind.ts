import assert from 'node:assert/strict'
import { type GroupFiles, groupFilesOf, isUnified } from '../cgroup-files.ts'
import type { Engine } from '../engine-test.ts'
import { eventually } from '../eventually.ts'
import { createLoopDevice } from '../loop-device.ts'

const patienceMs = 60_000
const burn = ['busybox', 'sh', '-c', 'while :; do :; done']

/** Billionths of a second of CPU that a group has used. */
function cpuTime(group: GroupFiles): number {
  return isUnified
    ? 1000 * group.counter('cpu', '', 'cpu.stat', 'usage_usec')
    : Number(group.read('cpuacct', 'cpuacct.usage', ''))
}

const rate = 1_000_000

/** `--cpus` holds a container that burns CPU back. */
export async function burnsCpu({ docker }: Engine): Promise<void> {
  await docker.ok('run', '-d', '--name', 'box', '--cpus', '0.1', ...burn)
  const group = await groupFilesOf(docker, 'box')
  const isThrottled = async () => group.counter('cpu', 'cpu.stat', 'cpu.stat', 'nr_throttled') > 2
  await eventually(isThrottled, true, patienceMs)
}

/** `--cpu-shares` divide one CPU between those who want it. */
export async function sharesCpu({ docker }: Engine): Promise<void> {
  const start = async (name: string, shares: string) => {
    await docker.ok('create', '--name', name, '--cpuset-cpus', '0', '--cpu-shares', shares, ...burn)
  }
  await start('much', '2048')
  await start('little', '256')
  await docker.ok('start', 'little', 'much')
  const [much, little] = [await groupFilesOf(docker, 'much'), await groupFilesOf(docker, 'little')]
  const from = [cpuTime(much), cpuTime(little)]
  const used = () => [cpuTime(much) - from[0]!, cpuTime(little) - from[1]!]
  await eventually(async () => used()[0]! > 1e9, true, patienceMs)
  const [most = 0, least = 0] = used()
  assert.ok(most > 3 * least, `shares of 8 to 1 gave ${most} and ${least} ns`)
}

/** `--pids-limit` ends forking. */
export async function forks({ docker, sh }: Engine): Promise<void> {
  await docker.ok('run', '-di', '--name', 'box', '--pids-limit', '20', 'busybox')
  const many = await sh('box', 'i=0; while [ $i -lt 40 ]; do sleep 60 >/dev/null 2>&1 & i=$((i+1)); done; echo all')
  assert.match(many.stderr, /can't fork|Resource temporarily unavailable/)
  const group = await groupFilesOf(docker, 'box')
  assert.ok(group.counter('pids', 'pids.events', 'pids.events', 'max') > 0)
}

/** `--device-read-bps` and its like hold readers and writers of a block device back. */
export async function holdsDevicesBack(engine: Engine): Promise<void> {
  await using device = await createLoopDevice(4_000_000)
  const { docker, api } = engine
  const bps = ['--device-read-bps', `${device.path}:${rate}`, '--device-write-bps', `${device.path}:${rate}`]
  const iops = ['--device-read-iops', `${device.path}:1000`, '--device-write-iops', `${device.path}:900`]
  await docker.ok('run', '-di', '--name', 'box', '--device', device.path, ...bps, ...iops, 'busybox')
  assert.deepEqual(
    await throttles(engine, device.numbers),
    isUnified ? [`rbps=${rate} wbps=${rate} riops=1000 wiops=900`] : [`${rate}`, `${rate}`, '1000', '900'],
  )
  const { HostConfig } = await api.getContainer('box').inspect()
  assert.deepEqual(HostConfig.BlkioDeviceReadBps, [{ Path: device.path, Rate: rate }])
  // Two million bytes at a million a second, the first of which may go at once.
  await takesASecond(engine, `if=${device.path} of=/dev/null iflag=direct bs=100000`)
  await takesASecond(engine, `if=/dev/zero of=${device.path} oflag=direct bs=100000`)

  const ten = [{ Path: device.path, Rate: 10 }]
  await api.getContainer('box').update({ BlkioDeviceReadIOps: ten, BlkioDeviceWriteIOps: ten })
  const changed = isUnified ? [`rbps=${rate} wbps=${rate} riops=10 wiops=10`] : [`${rate}`, `${rate}`, '10', '10']
  assert.deepEqual(await throttles(engine, device.numbers), changed)
  // Written, not read: kernel 6.1 lets small reads pass a limit of operations that it keeps for writes.
  await takesASecond(engine, `if=/dev/zero of=${device.path} oflag=direct bs=4096`)
}

/** Twenty operations on a device take as long as its limits say, or longer. */
async function takesASecond(engine: Engine, words: string): Promise<void> {
  const before = performance.now()
  const { stderr } = await engine.sh('box', `dd ${words} count=20`)
  assert.match(stderr, /20\+0 records out/)
  assert.ok(performance.now() - before > 900, 'what is limited to a second or more took less')
}

/** What the kernel keeps of a device's limits. */
async function throttles({ docker }: Engine, numbers: string): Promise<readonly string[]> {
  const group = await groupFilesOf(docker, 'box')
  const files = isUnified ? [''] : ['read_bps', 'write_bps', 'read_iops', 'write_iops']
  return files.map((file) => {
    const text = group.read('blkio', `blkio.throttle.${file}_device`, 'io.max')
    return (
      text
        .split('\n')
        .find((line) => line.startsWith(`${numbers} `))
        ?.slice(numbers.length + 1) ?? ''
    )
  })
}
