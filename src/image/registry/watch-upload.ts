import { createInterface } from 'node:readline'
import { openFileOffsets } from '../../kernel/files/open-files.ts'
import type { Child, ChildEnd } from '../../kernel/processes/child.ts'
import { hexOf } from '../config/manifest.ts'
import { followChild } from './follow-child.ts'
import { mountSource, readUploadLine } from './upload-log.ts'

/** What happens to the layers of an image that is sent, by their digests. */
export interface UploadListener {
  /** So many bytes of it have been read for sending. */
  sending(digest: string, bytes: number): void
  /** The registry has it already. @param mountedFrom  the repository of the registry that it was taken from */
  exists(digest: string, mountedFrom: string | undefined): void
  sent(digest: string): void
}

/**
 * Follows an upload until its process ends.
 *
 * @param work.dir  where the image lies: the file of a layer is named by its digits
 * @param work.silenceMs  how long nothing may move
 */
export function watchUpload(
  child: Child,
  work: { readonly dir: string; readonly silenceMs: number },
  on: UploadListener,
): Promise<ChildEnd & { readonly silent: boolean }> {
  let current = ''
  let mounting: string | undefined
  createInterface(child.process.stderr).on('line', (line) => {
    const event = readUploadLine(line, mounting)
    mounting = mountSource(line) ?? (event ? undefined : mounting)
    if (event?.what === 'begun') current = event.digest
    if (event?.what === 'exists') on.exists(event.digest, event.mountedFrom)
    if (event?.what !== 'sent' || current === '') return
    on.sent(current)
    current = '' // what follows is the configuration
  })
  let before = ''
  const look = () => {
    const offsets = openFileOffsets(child.process.pid ?? 0, work.dir)
    const offset = offsets.get(hexOf(current))
    if (offset !== undefined) on.sending(current, offset)
    const now = [...offsets].join()
    const hasMoved = now !== before
    before = now
    return hasMoved
  }
  return followChild(child, work.silenceMs, look)
}
