import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { PruneAnswer } from '../protocol/answers.ts'
import type { ImageDeletion, ImageHistoryItem, ImageSummary, ProgressMessage } from '../protocol/image.ts'
import { type FilterWords, filterQuery } from './filters.ts'
import { readJsonLines } from './json-lines.ts'
import type { Query, Transport } from './transport.ts'

/** Lists images. @source Docker Engine API v1.51, ImageList */
export function listImages(
  transport: Transport,
  options: { all: boolean; filters: FilterWords },
): Promise<ImageSummary[]> {
  const query = { all: options.all && 1, filters: filterQuery(options.filters) }
  return transport.json({ method: 'GET', path: '/images/json', query })
}

/** Inspects an image. @source Docker Engine API v1.51, ImageInspect */
export function inspectImage<T>(transport: Transport, ref: string): Promise<T> {
  return transport.json({ method: 'GET', path: `${at(ref)}/json` })
}

/** Lists the layers of an image, the newest first. @source Docker Engine API v1.51, ImageHistory */
export function imageHistory(transport: Transport, ref: string): Promise<ImageHistoryItem[]> {
  return transport.json({ method: 'GET', path: `${at(ref)}/history` })
}

/** Gives an image another name. @source Docker Engine API v1.51, ImageTag */
export function tagImage(transport: Transport, ref: string, repo: string, tag: string): Promise<void> {
  return transport.send({ method: 'POST', path: `${at(ref)}/tag`, query: { repo, tag: tag || undefined } })
}

/** Removes an image's name, and the image with its last name. @source Docker Engine API v1.51, ImageDelete */
export function removeImage(
  transport: Transport,
  ref: string,
  options: { readonly force: boolean; readonly prune: boolean },
): Promise<ImageDeletion[]> {
  const query = { force: options.force && 1, noprune: !options.prune && 1 }
  return transport.json({ method: 'DELETE', path: at(ref), query })
}

/** Removes images that nobody uses. @source Docker Engine API v1.51, ImagePrune */
export function pruneImages(transport: Transport, filters: FilterWords): Promise<PruneAnswer> {
  return transport.json({ method: 'POST', path: '/images/prune', query: { filters: filterQuery(filters) } })
}

/** Fetches an image from its registry. @param auth base64url of the credentials' JSON @source ImageCreate */
export async function* pullImage(
  transport: Transport,
  query: { readonly fromImage: string; readonly tag: string | undefined; readonly platform?: string | undefined },
  auth: string | undefined,
): AsyncGenerator<ProgressMessage> {
  const headers = auth === undefined ? {} : { 'X-Registry-Auth': auth }
  const response = await transport.open({ method: 'POST', path: '/images/create', query, headers })
  yield* readJsonLines<ProgressMessage>(response)
}

/** Sends an image to its registry; without a tag all of the repository's. @param auth as of `pullImage` @source ImagePush */
export async function* pushImage(
  transport: Transport,
  name: string,
  query: { readonly tag: string | undefined; readonly platform: string | undefined },
  auth: string,
): AsyncGenerator<ProgressMessage> {
  const call = { method: 'POST', path: `${at(name)}/push`, query, headers: { 'X-Registry-Auth': auth } } as const
  yield* readJsonLines<ProgressMessage>(await transport.open(call))
}

/** Makes an image of a root file system: of what is sent, or of what the engine is to fetch. @source Docker Engine API v1.51, ImageCreate */
export async function* importImage(
  transport: Transport,
  source: Readable | string,
  query: Query,
): AsyncGenerator<ProgressMessage> {
  const call = { method: 'POST', path: '/images/create' } as const
  const whole =
    typeof source === 'string'
      ? { ...call, query: { fromSrc: source, ...query } }
      : { ...call, query: { fromSrc: '-', ...query }, upload: source }
  yield* readJsonLines<ProgressMessage>(await transport.open(whole))
}

/** Loads an archive of images. @source Docker Engine API v1.51, ImageLoad */
export async function* loadImages(
  transport: Transport,
  archive: Readable,
  quiet: boolean,
): AsyncGenerator<ProgressMessage> {
  const call = { method: 'POST', path: '/images/load', query: { quiet: quiet ? 1 : 0 }, upload: archive } as const
  yield* readJsonLines<ProgressMessage>(await transport.open(call))
}

/** Opens one archive of several images. @source Docker Engine API v1.51, ImageGetAll */
export function saveImages(transport: Transport, refs: readonly string[]): Promise<IncomingMessage> {
  return transport.open({ method: 'GET', path: '/images/get', query: { names: refs } })
}

// An image's name keeps its slashes: the daemon's route takes the whole rest of the path.
function at(ref: string): string {
  return `/images/${ref.split('/').map(encodeURIComponent).join('/')}`
}
