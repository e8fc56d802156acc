import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseStatV1, parseStatV2 } from './parse-counters.ts'

const infinite = Number.POSITIVE_INFINITY

test('parseStatV1() reads the files of a version 1 group, in nanoseconds and bytes', () => {
  const texts = {
    perProcessor: '1000 2500 \n',
    processorStat: 'user 3\nsystem 1\n',
    throttling: 'nr_periods 10\nnr_throttled 4\nthrottled_time 123456\nnr_bursts 0\n',
    usage: '8192\n',
    peak: '16384\n',
    failures: '2\n',
    memoryStat: 'cache 4096\nhierarchical_memory_limit 67108864\ntotal_inactive_file 1024\n',
    pids: '3\n',
    pidsMax: '64\n',
    bytes: '8:0 Read 4096\n8:0 Write 0\n8:0 Total 4096\nTotal 4096\n',
    operations: 'Total 0\n',
  }
  const device = { major: 8, minor: 0 }
  assert.deepEqual(parseStatV1(texts), {
    version: 1,
    cpu: {
      total: 3500,
      kernel: 10_000_000,
      user: 30_000_000,
      perProcessor: [1000, 2500],
      periods: 10,
      throttledPeriods: 4,
      throttledTime: 123456,
    },
    memory: {
      usage: 8192,
      peak: 16384,
      limit: 67108864,
      failures: 2,
      stat: { cache: 4096, hierarchical_memory_limit: 67108864, total_inactive_file: 1024 },
    },
    pids: { current: 3, limit: 64 },
    io: {
      bytes: [
        { ...device, op: 'Read', value: 4096 },
        { ...device, op: 'Write', value: 0 },
        { ...device, op: 'Total', value: 4096 },
      ],
      operations: [],
    },
  })
})

test('parseStatV1() takes what the kernel lacks for nothing, and its largest number for no limit', () => {
  const blank = { perProcessor: '', processorStat: '', throttling: '', usage: '', peak: '', failures: '', pids: '' }
  const texts = { ...blank, memoryStat: 'hierarchical_memory_limit 9223372036854771712\n', pidsMax: 'max\n', bytes: '', operations: '' } // biome-ignore format: one line
  const { cpu, memory, pids, io } = parseStatV1(texts)
  assert.deepEqual([cpu.total, cpu.perProcessor, memory.usage, memory.limit], [0, [], 0, infinite])
  assert.deepEqual(
    [pids, io],
    [
      { current: 0, limit: infinite },
      { bytes: [], operations: [] },
    ],
  )
})

test('parseStatV2() reads the files of a version 2 group, in nanoseconds and bytes', () => {
  const texts = {
    cpuStat: 'usage_usec 100\nuser_usec 70\nsystem_usec 30\nnr_periods 5\nnr_throttled 1\nthrottled_usec 9\n',
    usage: '8192\n',
    limit: 'max\n',
    events: 'low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\n',
    memoryStat: 'anon 4096\ninactive_file 1024\n',
    pids: '2\n',
    pidsMax: 'max\n',
    io: '254:0 rbytes=512 wbytes=1024 rios=1 wios=2 dbytes=0 dios=0\n7:0 \n',
  }
  assert.deepEqual(parseStatV2(texts), {
    version: 2,
    cpu: {
      total: 100_000,
      kernel: 30_000,
      user: 70_000,
      perProcessor: [],
      periods: 5,
      throttledPeriods: 1,
      throttledTime: 9000,
    },
    memory: { usage: 8192, peak: undefined, limit: infinite, failures: 2, stat: { anon: 4096, inactive_file: 1024 } },
    pids: { current: 2, limit: infinite },
    io: {
      bytes: [
        { major: 254, minor: 0, op: 'read', value: 512 },
        { major: 254, minor: 0, op: 'write', value: 1024 },
      ],
      operations: [],
    },
  })
})
