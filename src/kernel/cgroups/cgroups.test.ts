import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planLeftOverHierarchies } from './cgroups.ts'

test('planLeftOverHierarchies() keeps pairs together and mounts the rest one by one', () => {
  const cases = [
    ['', []],
    ['hugetlb perf_event net_cls net_prio\n', [['net_cls', 'net_prio'], ['hugetlb'], ['perf_event']]],
    ['net_prio', [['net_prio']]],
    ['cpu memory cpuacct', [['cpu', 'cpuacct'], ['memory']]],
  ] as const
  for (const [controllers, expected] of cases) assert.deepEqual(planLeftOverHierarchies(controllers), expected)
})
