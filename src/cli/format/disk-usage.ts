import type { BuildCacheView, DiskUsage } from '../../protocol/disk-usage.ts'
import type { Row } from './list.ts'
import { goTime, humanDuration, humanSize } from './units.ts'
import { shortId } from './words.ts'

/** The four lines of `system df`. */
export function usageRows(usage: DiskUsage): Row[] {
  return [imagesRow(usage), containersRow(usage), volumesRow(usage), cacheRow(usage)]
}

function imagesRow({ Images, LayersSize }: DiskUsage): Row {
  const images = Images ?? []
  const used = images.filter(({ Containers }) => Containers !== 0)
  const bytes = sum(used.map(({ Size, SharedSize }) => (Size === -1 || SharedSize === -1 ? 0 : Size - SharedSize)))
  const active = images.filter(({ Containers }) => Containers > 0).length
  return row('Images', images.length, active, { size: LayersSize, reclaimable: share(LayersSize - bytes, LayersSize) })
}

function containersRow({ Containers }: DiskUsage): Row {
  const containers = Containers ?? []
  const isLive = (state: string): boolean => ['running', 'paused', 'restarting'].includes(state)
  const size = sum(containers.map(({ SizeRw = 0 }) => SizeRw))
  const idle = sum(containers.map(({ State, SizeRw = 0 }) => (isLive(State) ? 0 : SizeRw)))
  const active = containers.filter(({ State }) => isLive(State)).length
  return row('Containers', containers.length, active, { size, reclaimable: share(idle, size) })
}

function volumesRow({ Volumes }: DiskUsage): Row {
  const uses = (Volumes ?? []).flatMap(({ UsageData }) => UsageData ?? [])
  const counted = uses.filter(({ Size }) => Size !== -1)
  const size = sum(counted.map(({ Size }) => Size))
  const idle = sum(counted.map(({ RefCount, Size }) => (RefCount === 0 ? Size : 0)))
  const active = uses.filter(({ RefCount }) => RefCount > 0).length
  return row('Local Volumes', (Volumes ?? []).length, active, { size, reclaimable: share(idle, size) })
}

function cacheRow({ BuildCache }: DiskUsage): Row {
  const records = BuildCache ?? []
  const size = cacheBytes(records)
  const inUse = records.filter(({ InUse }) => InUse)
  const reclaimable = humanSize(size - sum(inUse.map(({ Shared, Size }) => (Shared ? 0 : Size))))
  return row('Build Cache', records.length, inUse.length, { size, reclaimable })
}

/** Bytes of the build cache; what other records share is counted with those. */
export function cacheBytes(records: readonly BuildCacheView[]): number {
  return sum(records.map(({ Shared, Size }) => (Shared ? 0 : Size)))
}

/** The columns of the list of what builds have left. */
export const cacheHeadings = {
  ID: 'CACHE ID',
  CacheType: 'CACHE TYPE',
  Size: 'SIZE',
  CreatedSince: 'CREATED',
  LastUsedSince: 'LAST USED',
  UsageCount: 'USAGE',
  Shared: 'SHARED',
  Description: 'DESCRIPTION',
  InUse: 'IN USE',
}

/** One record of the build cache as a template sees it. */
export function cacheRowOf(record: BuildCacheView, nowMs: number): Row {
  const since = (time: string | null): string => (time === null ? '' : `${humanDuration(nowMs - Date.parse(time))} ago`)
  return {
    CacheType: record.Type,
    CreatedAt: goTime(Date.parse(record.CreatedAt)),
    CreatedSince: since(record.CreatedAt),
    Description: record.Description,
    ID: `${shortId(record.ID)}${record.InUse ? '*' : ''}`,
    InUse: String(record.InUse),
    LastUsedSince: since(record.LastUsedAt),
    Shared: String(record.Shared),
    Size: humanSize(record.Size, 3),
    UsageCount: String(record.UsageCount),
  }
}

function row(
  type: string,
  total: number,
  active: number,
  { size, reclaimable }: { readonly size: number; readonly reclaimable: string },
): Row {
  return {
    Active: String(active),
    Reclaimable: reclaimable,
    Size: humanSize(size),
    TotalCount: String(total),
    Type: type,
  }
}

/** `"1.2MB (50%)"` */
function share(bytes: number, all: number): string {
  return all > 0 ? `${humanSize(bytes)} (${Math.trunc((bytes * 100) / all)}%)` : humanSize(bytes)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
