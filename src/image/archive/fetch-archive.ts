import { Readable } from 'node:stream'
import { EngineError } from '../../base/errors.ts'

/** Of what a server says against us. */
const longestAnswer = 1024

/** An archive on a web server, as it arrives. */
export interface RemoteArchive {
  readonly url: string
  readonly archive: Readable
}

/**
 * Opens an archive on a web server.
 *
 * @param source  `"http://host/root.tar"`; `http://` where there is no scheme
 * @throws {EngineError} `invalid-argument` for what is no address; `not-found`, `internal` for what the server says, in Docker's words
 */
export async function fetchArchive(source: string, signal: AbortSignal): Promise<RemoteArchive> {
  const url = parseUrl(source.includes('://') ? source : `http://${source}`)
  const response = await fetch(url, { signal }).catch((error: Error) => {
    signal.throwIfAborted()
    const why = error.cause instanceof Error ? error.cause.message : error.message
    throw new EngineError('internal', `Get "${url}": ${why}`, { cause: error })
  })
  if (response.ok && response.body !== null) return { url, archive: Readable.fromWeb(response.body) }
  const answer = (await response.text()).slice(0, longestAnswer)
  const status = `${response.status} ${response.statusText}`
  throw new EngineError(
    response.status === 404 ? 'not-found' : 'internal',
    `failed to GET ${url} with status ${status}: ${answer}`,
  )
}

function parseUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null) throw new EngineError('invalid-argument', `parse ${JSON.stringify(text)}: invalid URL`)
  if (url.protocol === 'http:' || url.protocol === 'https:') return url.href
  const scheme = url.protocol.slice(0, -1)
  throw new EngineError('invalid-argument', `Get "${text}": unsupported protocol scheme "${scheme}"`)
}
