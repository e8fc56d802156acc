import { existsSync, readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Child, ChildEnd } from '../../kernel/processes/child.ts'
import { type Descriptor, hexOf } from '../config/manifest.ts'
import { followChild } from './follow-child.ts'
import { matchDownloads } from './match-downloads.ts'

/** Where skopeo writes: partial files into `layout`, whole blobs, by a rename, into `blobs`. */
export interface DownloadPlaces {
  readonly layout: string
  readonly blobs: string
}

/**
 * Follows a download until its process ends, and tells of every layer that grows and of every one that is whole.
 *
 * @param work.wanted  layers that are missing at the start, each once
 * @param work.silenceMs  how long no byte may come
 * @param on  `grown` has bytes so far; `whole` comes once for each layer that arrived, also when the process failed
 */
export async function watchDownload(
  child: Child,
  work: { readonly places: DownloadPlaces; readonly wanted: readonly Descriptor[]; readonly silenceMs: number },
  on: { grown(layer: Descriptor, bytes: number): void; whole(layer: Descriptor): void },
): Promise<ChildEnd & { readonly silent: boolean }> {
  const { places, wanted } = work
  const missing = new Map(wanted.map((layer) => [layer.digest, layer]))
  const begun: string[] = []
  let matched: ReadonlyMap<number, string> = new Map()
  let bytesBefore = -1
  createInterface(child.process.stdout).on('line', (line) => {
    const digest = /^Copying blob (sha256:[0-9a-f]{64})/.exec(line)?.[1]
    if (digest !== undefined) begun.push(digest)
  })
  const look = () => {
    const files = partialFiles(places.layout)
    for (const layer of missing.values()) {
      if (!existsSync(join(places.blobs, 'sha256', hexOf(layer.digest)))) continue
      missing.delete(layer.digest)
      on.whole(layer)
    }
    const open = begun.flatMap((digest) => missing.get(digest) ?? [])
    matched = matchDownloads(open, files, matched)
    for (const { inode, bytes } of files) {
      const layer = missing.get(matched.get(inode) ?? '')
      if (layer) on.grown(layer, bytes)
    }
    const bytesNow = files.reduce((sum, { bytes }) => sum + bytes, 0)
    const hasMoved = bytesNow !== bytesBefore
    bytesBefore = bytesNow
    return hasMoved
  }
  return followChild(child, work.silenceMs, look)
}

function partialFiles(layout: string): readonly { readonly inode: number; readonly bytes: number }[] {
  return names(layout)
    .filter((name) => name.startsWith('oci-put-blob'))
    .map((name) => statSync(join(layout, name), { throwIfNoEntry: false }))
    .filter((stats): stats is Stats => stats !== undefined)
    .toSorted((one, other) => one.birthtimeMs - other.birthtimeMs)
    .map(({ ino, size }) => ({ inode: ino, bytes: size }))
}

/** skopeo makes the directory when it begins. */
function names(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}
