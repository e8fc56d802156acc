import { createHash } from 'node:crypto'
import { never } from '../../base/clock.ts'
import { EngineError } from '../../base/errors.ts'
import type { ImageHistoryEntry, ImageLayer, ImageRecord, ImageRunConfig } from '../images.ts'
import { isObject, type JsonObject, list, parseObject, text } from './json.ts'
import { isDigest } from './manifest.ts'
import { parseRunConfig } from './run-config.ts'

/** The configuration blob of an image, read. @source OCI image-spec v1.1, config.md */
export interface ImageConfig
  extends Pick<ImageRecord, 'created' | 'author' | 'comment' | 'architecture' | 'os' | 'variant'> {
  readonly config: ImageRunConfig
  readonly history: readonly ImageHistoryEntry[]
  /** Digests of the uncompressed layers, bottom first. */
  readonly diffIds: readonly string[]
}

/** The digest of some bytes: `"sha256:<64 hex>"`. */
export function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/**
 * Reads an image's configuration blob, Docker's or OCI's.
 *
 * @throws {EngineError} `invalid-argument` when it is no such configuration
 */
export function parseImageConfig(bytes: Buffer | string, what: string): ImageConfig {
  const document = parseObject(bytes, what)
  const rootfs: JsonObject = isObject(document['rootfs']) ? document['rootfs'] : {}
  const diffIds = list(rootfs['diff_ids'])
  if (!diffIds.every(isDigest) || !Array.isArray(rootfs['diff_ids']))
    throw new EngineError('invalid-argument', `Cannot read ${what}: it lists no layers by digest`)
  return {
    created: moment(document['created']),
    author: text(document['author']),
    comment: text(document['comment']),
    architecture: text(document['architecture']),
    os: text(document['os']) || 'linux',
    variant: text(document['variant']),
    config: parseRunConfig(document['config']),
    history: list(document['history']).filter(isObject).map(historyEntry),
    diffIds,
  }
}

function historyEntry(entry: JsonObject): ImageHistoryEntry {
  return {
    created: moment(entry['created']),
    createdBy: text(entry['created_by']),
    comment: text(entry['comment']),
    emptyLayer: entry['empty_layer'] === true,
  }
}

function moment(value: unknown): string {
  return Number.isNaN(Date.parse(text(value))) ? never : text(value)
}

/** The record of an image whose layers are in the store. `names` are those that it was fetched or loaded under. */
export function imageRecord(
  id: string,
  parsed: ImageConfig,
  layers: readonly ImageLayer[],
  names: Pick<ImageRecord, 'repoTags' | 'repoDigests'>,
): ImageRecord {
  const { diffIds: _, ...facts } = parsed
  const size = layers.reduce((sum, layer) => sum + layer.unpackedSize, 0)
  return { version: 1, id, ...names, ...facts, layers, size }
}

/**
 * The identity of each layer on top of those below it, bottom first: what Docker calls chain ids.
 *
 * @source OCI image-spec v1.1, config.md, "Layer ChainID"
 */
export function chainIds(diffIds: readonly string[]): readonly string[] {
  const chain: string[] = []
  for (const diffId of diffIds) {
    const below = chain.at(-1)
    chain.push(below === undefined ? diffId : digestOf(`${below} ${diffId}`))
  }
  return chain
}
