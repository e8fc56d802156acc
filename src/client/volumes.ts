import type { VolumeCreateBody, VolumeList, VolumePruneAnswer, VolumeView } from '../protocol/volume.ts'
import { type FilterWords, filterQuery } from './filters.ts'
import type { Transport } from './transport.ts'

/** Lists volumes. @source Docker Engine API v1.51, VolumeList */
export function listVolumes(transport: Transport, filters: FilterWords): Promise<VolumeList> {
  return transport.json({ method: 'GET', path: '/volumes', query: { filters: filterQuery(filters) } })
}

/** Creates a volume, or answers the one of that name. @source Docker Engine API v1.51, VolumeCreate */
export function createVolume(transport: Transport, body: VolumeCreateBody): Promise<VolumeView> {
  return transport.json({ method: 'POST', path: '/volumes/create', body })
}

/** Inspects a volume. @source Docker Engine API v1.51, VolumeInspect */
export function inspectVolume<T>(transport: Transport, name: string): Promise<T> {
  return transport.json({ method: 'GET', path: at(name) })
}

/** Removes a volume. @source Docker Engine API v1.51, VolumeDelete */
export function removeVolume(transport: Transport, name: string, force: boolean): Promise<void> {
  return transport.send({ method: 'DELETE', path: at(name), query: { force: force && 1 } })
}

/** Removes volumes that nobody uses. @source Docker Engine API v1.51, VolumePrune */
export function pruneVolumes(transport: Transport, filters: FilterWords): Promise<VolumePruneAnswer> {
  return transport.json({ method: 'POST', path: '/volumes/prune', query: { filters: filterQuery(filters) } })
}

function at(name: string): string {
  return `/volumes/${encodeURIComponent(name)}`
}
