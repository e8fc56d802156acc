import type { Readable } from 'node:stream'
import { archiveFault, layOut } from '../../image/archive/lay-out.ts'

const tarFlags = [
  '--no-same-owner',
  '--preserve-permissions',
  '--delay-directory-restore',
  '--warning=no-timestamp',
  '--warning=no-unknown-keyword',
]

/**
 * Lays a build's context out in an empty directory, as it arrives.
 *
 * @throws {EngineError} `invalid-argument`, in Docker's words; `internal` when the disk is full
 */
export async function receiveContext(source: Readable, directory: string, signal: AbortSignal): Promise<void> {
  await layOut(
    source,
    {
      ...{ directory, tarFlags, cannot: 'Cannot build' },
      describe: (end) => {
        const how = end.status === 0 ? 'bad archive' : `exit status ${end.status}`
        return `Error processing tar file(${how}): ${archiveFault(end)}`
      },
    },
    signal,
  )
}
