import type { Readable, Transform } from 'node:stream'

/** What a stream becomes on its way through another; either one's failure is the other's too. */
export function chain(source: Readable, through: Transform): Transform {
  source.once('error', (error) => through.destroy(error))
  through.once('close', () => source.destroy())
  return source.pipe(through)
}
