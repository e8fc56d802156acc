import type { IncomingMessage } from 'node:http'
import type { CreatedContainer, PruneAnswer, TopAnswer } from '../protocol/answers.ts'
import type { ContainerCreateBody } from '../protocol/container.ts'
import type { ContainerInspect, WaitResult } from '../protocol/container-inspect.ts'
import type { ContainerSummary } from '../protocol/container-summary.ts'
import type { ContainerUpdateBody, ContainerUpdated } from '../protocol/container-update.ts'
import type { StatsAnswer } from '../protocol/stats.ts'
import { type FilterWords, filterQuery } from './filters.ts'
import { readJsonLines } from './json-lines.ts'
import type { HijackedConnection, Query, Transport } from './transport.ts'

/** Creates a container. @source Docker Engine API v1.51, ContainerCreate */
export function createContainer(
  transport: Transport,
  body: ContainerCreateBody,
  query: { readonly name?: string | undefined; readonly platform?: string | undefined },
): Promise<CreatedContainer> {
  return transport.json({ method: 'POST', path: '/containers/create', query, body })
}

/** Which containers to list. */
export interface ContainerListOptions {
  readonly all?: boolean
  /** At most so many, the newest; running or not. */
  readonly limit?: number | undefined
  readonly size?: boolean
  readonly filters?: FilterWords
}

/** Lists containers, the newest first. @source Docker Engine API v1.51, ContainerList */
export function listContainers(transport: Transport, options: ContainerListOptions): Promise<ContainerSummary[]> {
  const { all, limit, size, filters } = options
  const query = { all: all && 1, limit, size: size && 1, filters: filterQuery(filters ?? []) }
  return transport.json({ method: 'GET', path: '/containers/json', query })
}

/** Inspects a container. @source Docker Engine API v1.51, ContainerInspect */
export function inspectContainer<T = ContainerInspect>(transport: Transport, ref: string, size = false): Promise<T> {
  return transport.json({ method: 'GET', path: `${at(ref)}/json`, query: { size: size && 1 } })
}

/** The verbs whose answer is only success or failure. */
export type PlainVerb = 'start' | 'stop' | 'restart' | 'kill' | 'pause' | 'unpause' | 'rename'

/** Does one verb to a container: `act(transport, 'web', 'stop', { t: 5 })`. @source Docker Engine API v1.51 */
export function act(transport: Transport, ref: string, verb: PlainVerb, query: Query = {}): Promise<void> {
  return transport.send({ method: 'POST', path: `${at(ref)}/${verb}`, query })
}

/** Changes limits and restart policy of a container. @source Docker Engine API v1.51, ContainerUpdate */
export function updateContainer(
  transport: Transport,
  ref: string,
  body: ContainerUpdateBody,
): Promise<ContainerUpdated> {
  return transport.json({ method: 'POST', path: `${at(ref)}/update`, body })
}

/** Removes a container. @source Docker Engine API v1.51, ContainerDelete */
export function removeContainer(
  transport: Transport,
  ref: string,
  options: { readonly force?: boolean; readonly volumes?: boolean; readonly link?: boolean },
): Promise<void> {
  const query = { force: options.force && 1, v: options.volumes && 1, link: options.link && 1 }
  return transport.send({ method: 'DELETE', path: at(ref), query })
}

/** Removes every container that does not run. @source Docker Engine API v1.51, ContainerPrune */
export function pruneContainers(transport: Transport, filters: FilterWords): Promise<PruneAnswer> {
  return transport.json({ method: 'POST', path: '/containers/prune', query: { filters: filterQuery(filters) } })
}

/** A wait that the daemon knows of: its answer comes when the container is there. */
export interface PendingWait {
  readonly answer: Promise<WaitResult>
}

/**
 * Begins to wait for a container. Once this returns the daemon watches: an exit from now on is not missed.
 *
 * @source Docker Engine API v1.51, ContainerWait (the headers come at once, the body at the end)
 */
export async function beginWait(
  transport: Transport,
  ref: string,
  condition: 'not-running' | 'next-exit' | 'removed',
  signal?: AbortSignal,
): Promise<PendingWait> {
  const call = { method: 'POST', path: `${at(ref)}/wait`, query: { condition } } as const
  const response = await transport.open(signal === undefined ? call : { ...call, signal })
  const answer = readAnswer(response)
  // Whoever asked may never look, when its own work failed first: that is no bug of the process.
  answer.catch(() => undefined)
  return { answer }
}

async function readAnswer(response: IncomingMessage): Promise<WaitResult> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as WaitResult
}

/** Which streams to attach to. */
export interface AttachOptions {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly logs?: boolean
  readonly detachKeys?: string | undefined
}

/** Attaches to a container's streams. @source Docker Engine API v1.51, ContainerAttach */
export function attachContainer(
  transport: Transport,
  ref: string,
  options: AttachOptions,
): Promise<HijackedConnection> {
  const query = {
    stream: 1,
    stdin: options.stdin && 1,
    stdout: options.stdout && 1,
    stderr: options.stderr && 1,
    logs: options.logs && 1,
    detachKeys: options.detachKeys || undefined,
  }
  return transport.hijack({ method: 'POST', path: `${at(ref)}/attach`, query })
}

/** Sets the size of a container's terminal. @source Docker Engine API v1.51, ContainerResize */
export function resizeContainer(
  transport: Transport,
  ref: string,
  size: { rows: number; columns: number },
): Promise<void> {
  return transport.send({ method: 'POST', path: `${at(ref)}/resize`, query: { h: size.rows, w: size.columns } })
}

/** Opens a container's log: frames as an attach has them, or plain bytes with a terminal. @source ContainerLogs */
export function openLogs(transport: Transport, ref: string, query: Query): Promise<IncomingMessage> {
  return transport.open({ method: 'GET', path: `${at(ref)}/logs`, query: { stdout: 1, stderr: 1, ...query } })
}

/** Lists a container's processes. @source Docker Engine API v1.51, ContainerTop */
export function topContainer(transport: Transport, ref: string, psArguments: string): Promise<TopAnswer> {
  return transport.json({ method: 'GET', path: `${at(ref)}/top`, query: { ps_args: psArguments || undefined } })
}

/**
 * What a container uses: as a stream about once a second, else one answer that can be compared with the second before.
 *
 * @source Docker Engine API v1.51, ContainerStats
 */
export async function* containerStats(
  transport: Transport,
  ref: string,
  stream: boolean,
  signal?: AbortSignal,
): AsyncGenerator<StatsAnswer> {
  const call = { method: 'GET', path: `${at(ref)}/stats`, query: { stream: String(stream) } } as const
  yield* readJsonLines<StatsAnswer>(await transport.open(signal === undefined ? call : { ...call, signal }))
}

function at(ref: string): string {
  return `/containers/${encodeURIComponent(ref)}`
}
