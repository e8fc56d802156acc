import { isAnonymous, type VolumeRecord } from '../../volume/model.ts'
import { anyOf, type Filters, hasLabels, lacksLabels, matchesPattern, truthOf } from '../filters.ts'
import { isBefore } from '../versions.ts'

/** The filters that `/volumes` takes. */
export const volumeFilterNames = ['dangling', 'driver', 'label', 'name']

/** The filters that `/volumes/prune` takes. */
export const volumePruneFilterNames = ['label', 'label!', 'all']

type Test = (volume: VolumeRecord) => boolean

/**
 * The test that a list's filters make together.
 *
 * @param isUsed  whether containers use the volume of that name
 * @throws {EngineError} `invalid-argument`
 */
export function volumeFilter(filters: Filters, isUsed: (name: string) => boolean): Test {
  const dangling = truthOf(filters, 'dangling')
  return ({ name, driver, labels }) =>
    anyOf(filters, 'driver', (wanted) => wanted === driver) &&
    anyOf(filters, 'name', (wanted) => matchesPattern(wanted, name)) &&
    hasLabels(filters, 'label', labels ?? {}) &&
    (dangling === undefined || dangling === !isUsed(name))
}

/**
 * The test for volumes that a prune may remove when nobody uses them: anonymous ones, or all. Before API 1.42 all of them.
 *
 * @throws {EngineError} `invalid-argument`
 */
export function volumePruneFilter(filters: Filters, version: string): Test {
  const all = truthOf(filters, 'all') ?? isBefore(version, '1.42')
  return (volume) =>
    (all || isAnonymous(volume)) &&
    hasLabels(filters, 'label', volume.labels ?? {}) &&
    lacksLabels(filters, 'label!', volume.labels ?? {})
}
