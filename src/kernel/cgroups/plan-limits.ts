import type { CgroupAbilities } from './cgroup-abilities.ts'
import type { CgroupLimits, LimitFile } from './limits.ts'
import { planVersion1Files } from './limits-v1.ts'
import { planVersion2Files } from './limits-v2.ts'

/** The files that keep these limits, in the order to write them. Pure. */
export function planLimitFiles(limits: CgroupLimits, abilities: CgroupAbilities): readonly LimitFile[] {
  return abilities.version === 1 ? planVersion1Files(limits, abilities) : planVersion2Files(limits, abilities)
}

/**
 * The files of `after` that say something else than those of `before`; lines of devices that have no limit any more are
 * told so.
 */
export function changedFiles(before: readonly LimitFile[], after: readonly LimitFile[]): readonly LimitFile[] {
  const old = new Map(before.map((file) => [keyOf(file), file.value]))
  const kept = new Set(after.map(keyOf))
  const gone = before.filter((file) => file.unset !== undefined && !kept.has(keyOf(file)))
  return [
    ...gone.map((file) => ({ ...file, value: `${lineKeyOf(file)} ${file.unset}` })),
    ...after.filter((file) => old.get(keyOf(file)) !== file.value),
  ]
}

/** What a line of a file begins with: `"7:0"`, `"default"`. */
export function lineKeyOf({ value }: LimitFile): string {
  return value.split(' ', 1)[0]!
}

function keyOf(file: LimitFile): string {
  return file.unset === undefined ? file.name : `${file.name} ${lineKeyOf(file)}`
}
