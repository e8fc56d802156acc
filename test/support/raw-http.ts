import { request } from 'node:http'
import { text } from 'node:stream/consumers'

/** What the API answered. */
export interface RawAnswer {
  readonly status: number
  readonly text: string
  /** Of a JSON body, else undefined: a test knows what it asked for. */
  readonly json: any
}

/** Sends requests exactly as they are given, which no client would: versions in paths, fields that are no longer sent. */
export type RawHttp = (method: string, path: string, body?: unknown) => Promise<RawAnswer>

/** Requests to the API on a unix socket, each on a connection of its own. A body is sent as JSON. */
export function rawHttp(socketPath: string): RawHttp {
  return (method, path, body) => {
    const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>()
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const outgoing = request({ socketPath, method, path, headers, agent: false, timeout: 10_000 })
    outgoing.once('error', reject)
    outgoing.once('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer`)))
    outgoing.once('response', async (answer) => {
      const said = await text(answer)
      const isJson = answer.headers['content-type']?.startsWith('application/json') ?? false
      resolve({ status: answer.statusCode!, text: said, json: isJson ? JSON.parse(said) : undefined })
    })
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
    return promise
  }
}
