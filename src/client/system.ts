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
