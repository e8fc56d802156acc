/**
 * The files that take longest, in the order of their time: the virtual machine's five minutes, and down to a quarter
 * of a minute. What a run prints at its end says when this list is no longer true.
 */
export const longest: readonly string[] = [
  'test/vm/vm.test.ts',
  'test/property/sequences.test.ts',
  'test/multi-host/doctor.test.ts',
  'test/multi-host/recovery.test.ts',
  'test/multi-host/faults.test.ts',
  'test/api/recovery.test.ts',
  'test/multi-host/paths.test.ts',
  'test/vm/failures.test.ts',
  'test/api/compose.test.ts',
  'test/api/network-plugin-faults.test.ts',
  'test/multi-host/traffic.test.ts',
  'test/api/build-requests.test.ts',
  'test/api/connect.test.ts',
  'test/multi-host/host-gw.test.ts',
  'test/api/build.test.ts',
  'test/api/outside-reach.test.ts',
  'test/api/daemon-config.test.ts',
  'test/kernel/network-traffic.test.ts',
  'test/api/copy-up.test.ts',
  'test/cluster/membership.test.ts',
  'test/api/ipam-plugin.test.ts',
]

/** Longest first: a long file that begins last would run alone, with the other processors idle. */
export function orderFiles(files: readonly string[]): string[] {
  return files.toSorted((one, other) => rank(one) - rank(other))
}

function rank(file: string): number {
  const at = longest.indexOf(file)
  return at === -1 ? longest.length : at
}

/** One file's time. */
export interface FileTime {
  readonly file: string
  readonly ms: number
}

/** The `count` slowest as one line of `name seconds`, the slowest first. */
export function nameSlowest(times: readonly FileTime[], count: number): string {
  const slowest = times.toSorted((one, other) => other.ms - one.ms).slice(0, count)
  return slowest.map(({ file, ms }) => `${file} ${Math.round(ms / 1000)} s`).join(', ')
}
