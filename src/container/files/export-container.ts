import type { Readable } from 'node:stream'
import type { ContainerParts } from '../container-parts.ts'
import { packedStream } from './packed-stream.ts'
import { planView } from './plan-view.ts'

/** A container's whole root file system as one archive, without what is mounted into it. Destroy it to stop. */
export async function exportContainer(parts: ContainerParts, ref: string): Promise<Readable> {
  const record = parts.table.find(ref)
  const planned = await planView(parts, record.id, 'tree')
  const content = await packedStream(planned, (outputFd) =>
    parts.files.run({ kind: 'pack-all', view: planned.view, outputFd }),
  )
  parts.publish('export', record)
  return content
}
