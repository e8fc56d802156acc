import type { DiskUsage } from '../protocol/disk-usage.ts'
import type { EventMessage } from '../protocol/event.ts'
import type { DoctorReport, VersionInfo } from '../protocol/system.ts'
import { type FilterWords, filterQuery } from './filters.ts'
import { readJsonLines } from './json-lines.ts'
import type { Transport } from './transport.ts'

/** @source Docker Engine API v1.51, SystemVersion */
export function version(transport: Transport): Promise<VersionInfo> {
  return transport.json({ method: 'GET', path: '/version' })
}

/** @source Docker Engine API v1.51, SystemInfo */
export function info(transport: Transport): Promise<Readonly<Record<string, unknown>>> {
  return transport.json({ method: 'GET', path: '/info' })
}

/** What takes how much space. @source Docker Engine API v1.51, SystemDataUsage */
export function diskUsage(transport: Transport): Promise<DiskUsage> {
  return transport.json({ method: 'GET', path: '/system/df' })
}

/** Removes what builds have left and no build uses. @source Docker Engine API v1.51, BuildPrune */
export function pruneBuildCache(
  transport: Transport,
  options: { readonly all: boolean; readonly filters: FilterWords },
): Promise<{ readonly CachesDeleted?: readonly string[] | null; readonly SpaceReclaimed?: number }> {
  const query = { all: options.all && 1, filters: filterQuery(options.filters) }
  return transport.json({ method: 'POST', path: '/build/prune', query })
}

/** What this kernel and host can do, and what would disturb. */
export function doctor(transport: Transport): Promise<DoctorReport> {
  return transport.json({ method: 'GET', path: '/wharf/doctor' })
}

/** Which events to hear. */
export interface EventOptions {
  /** Seconds since 1970, with a fraction. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly filters: FilterWords
}

/** What happens, as it happens. @source Docker Engine API v1.51, SystemEvents */
export async function* events(transport: Transport, options: EventOptions): AsyncGenerator<EventMessage> {
  const query = { since: options.since, until: options.until, filters: filterQuery(options.filters) }
  yield* readJsonLines<EventMessage>(await transport.open({ method: 'GET', path: '/events', query }))
}
