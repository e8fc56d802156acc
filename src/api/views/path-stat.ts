import type { FoundPath } from '../../container/files/job.ts'
import { goModes, type PathStat } from '../../protocol/files.ts'

/** Go's bits by the type that stat(2) has. */
const types: ReadonlyMap<number, number> = new Map([
  [0o010000, goModes.fifo],
  [0o020000, goModes.device + goModes.characterDevice],
  [0o040000, goModes.directory],
  [0o060000, goModes.device],
  [0o120000, goModes.symlink],
  [0o140000, goModes.socket],
])

/** A path as clients read it. */
export function pathStat({ name, size, mode, mtimeNs, linkTarget }: FoundPath): PathStat {
  return { name, size, mode: goFileMode(mode), mtime: rfc3339(mtimeNs), linkTarget }
}

/** The mode of stat(2) as Go has it. */
export function goFileMode(mode: number): number {
  const special =
    (mode & 0o4000 ? goModes.setUserId : 0) +
    (mode & 0o2000 ? goModes.setGroupId : 0) +
    (mode & 0o1000 ? goModes.sticky : 0)
  return (mode & 0o777) + special + (types.get(mode & 0o170000) ?? 0)
}

/** With as many digits of the second as are not zero, as Go writes it. */
function rfc3339(ns: bigint): string {
  const rest = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  const seconds = new Date(Number((ns - rest) / 1_000_000n)).toISOString().slice(0, 19)
  const fraction = String(rest).padStart(9, '0').replace(/0+$/, '')
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}Z`
}
