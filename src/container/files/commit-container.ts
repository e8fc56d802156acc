import type { Readable } from 'node:stream'
import { EngineError } from '../../base/errors.ts'
import { parseRunConfig } from '../../image/config/run-config.ts'
import { familiar, parseReference, withDefaultTag } from '../../image/names/references.ts'
import type { ContainerConfig } from '../../protocol/container.ts'
import type { ContainerParts } from '../container-parts.ts'
import { mergeConfig } from '../create/merge-config.ts'
import { pauseContainer, unpauseContainer } from '../life/pause-container.ts'
import type { ContainerRecord } from '../model.ts'
import { layersOf } from './container-changes.ts'
import { packedStream } from './packed-stream.ts'

/** What a client says of the image it wants. */
export interface CommitOptions {
  /** `"name[:tag]"`; missing: an image without a name. */
  readonly reference?: string
  readonly author: string
  readonly comment: string
  /** As Dockerfile instructions. */
  readonly changes: readonly string[]
  /** Freeze the container while its files are read. */
  readonly pause: boolean
  /** What is to be different from the container's own. */
  readonly config?: ContainerConfig
}

/**
 * Makes an image of what a container is now: its image, what it has changed, its configuration.
 *
 * @returns the id of the image
 * @throws {EngineError} `conflict` for a container that is being removed; `invalid-argument` for the options
 */
export async function commitContainer(
  parts: ContainerParts,
  ref: string,
  options: CommitOptions,
  signal: AbortSignal,
): Promise<string> {
  const record = parts.table.find(ref)
  refuseRemoved(record)
  const parent = parts.images.find(record.imageId)
  const { upper } = await layersOf(parts, record.id)
  const name = options.reference && familiar(withDefaultTag(parseReference(options.reference)))
  const layer = await packFrozen(parts, record, upper, options.pause)
  const { id } = await parts.images
    .commit(
      layer,
      {
        parent,
        config: parseRunConfig(configOf(record, options)),
        changes: options.changes,
        createdBy: (record.config.Cmd ?? []).join(' '),
        author: options.author,
        comment: options.comment,
        ...(name && { reference: name }),
      },
      signal,
    )
    .finally(async () => {
      layer.destroy()
      // It goes on already, but on a full disk that could not be written down: now there is room again.
      if (parts.table.get(record.id)?.state.pausedForCommit) await thaw(parts, record.id)
    })
  parts.publish('commit', record, { comment: options.comment, imageID: id, imageRef: name ?? '' })
  return id
}

function refuseRemoved({ id, state }: ContainerRecord): void {
  if (state.status === 'dead') throw new EngineError('conflict', `You cannot commit container ${id} which is Dead`)
  if (state.status === 'removing') {
    throw new EngineError('conflict', `You cannot commit container ${id} which is being removed`)
  }
}

function configOf({ config }: ContainerRecord, { config: own }: CommitOptions): ContainerConfig {
  return own === undefined ? config : mergeConfig(own, parseRunConfig(config))
}

/** Packs a container's changes; it is frozen no longer than that takes. */
async function packFrozen(
  parts: ContainerParts,
  { id }: ContainerRecord,
  upper: string,
  pause: boolean,
): Promise<Readable> {
  const frozen = new AsyncDisposableStack()
  if (pause && (await freeze(parts, id))) {
    frozen.defer(() =>
      thaw(parts, id).catch((error: unknown) => parts.log.warn('cannot let a container go on', { id, error })),
    )
  }
  return packedStream(frozen, async (outputFd) => {
    await parts.files.run({ kind: 'pack-layer', upper, outputFd })
    refuseRemoved(parts.table.findAgain(id, id)) // while it was read
  })
}

/** Only a container that runs can be frozen. @returns whether it is */
async function freeze(parts: ContainerParts, id: string): Promise<boolean> {
  if (parts.table.get(id)?.state.status !== 'running') return false
  // Recorded before: an engine that is killed meanwhile is followed by one that lets the container go on.
  parts.table.patchState(id, { pausedForCommit: true })
  try {
    await pauseContainer(parts, id)
    return true
  } catch (error) {
    forgetFreeze(parts, id)
    if (error instanceof EngineError && error.kind === 'conflict') return false // it has just ended, or been paused
    throw error
  }
}

/** Lets a container go on that was frozen for a commit, unless somebody has done so already, or it is gone. */
export async function thaw(parts: ContainerParts, id: string): Promise<void> {
  try {
    await unpauseContainer(parts, id)
  } catch (error) {
    if (!(error instanceof EngineError && (error.kind === 'conflict' || error.kind === 'not-found'))) throw error
  } finally {
    forgetFreeze(parts, id)
  }
}

function forgetFreeze({ table }: ContainerParts, id: string): void {
  if (table.get(id) !== undefined) table.patchState(id, { pausedForCommit: false })
}
