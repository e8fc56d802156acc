import { Transform } from 'node:stream'
import { TarParser } from '../../wire/tar/tar-parser.ts'

/**
 * Passes a tar archive on, and fills up the last block of its last file where the sender has not: the docker CLI does not
 * when it puts a Dockerfile from elsewhere into a context. What is cut in any other place stays cut.
 */
export function fillUp(): Transform {
  const parser = new TarParser({ entry: () => {}, data: () => {}, entryEnd: () => {} })
  let readable = true
  return new Transform({
    transform(chunk: Buffer, _, done) {
      if (readable) readable = parses(parser, chunk)
      done(null, chunk)
    },
    flush(done) {
      done(null, readable && parser.due > 0 ? Buffer.alloc(parser.due) : undefined)
    },
  })
}

/** What is wrong with an archive is for the program to say that unpacks it. */
function parses(parser: TarParser, chunk: Buffer): boolean {
  try {
    parser.write(chunk)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
