import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createApiServer } from '../../../src/api/server.ts'
import type { Log } from '../../../src/base/log.ts'
import { silentLog } from '../../../src/base/log.ts'
import { createFakeEngine, type FakeEngine } from './fake-engine.ts'

/** One answer of the API, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** Of a JSON body: a test knows what it asked for. */
  readonly json: any
}

/** The API of a fake engine on a socket of its own. */
export interface Served extends AsyncDisposable {
  readonly engine: FakeEngine
  readonly path: string
  /** Messages that were logged as errors. */
  readonly errors: string[]
  ask(method: string, url: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** A raw connection, for what is not HTTP. */
  dial(): Promise<Socket>
}

/** Serves a fake engine. A string or buffer body is sent as it is, anything else as JSON. */
export async function serve(): Promise<Served> {
  const directory = mkdtempSync(join(tmpdir(), 'wharf-api-'))
  const path = join(directory, 'api.sock')
  const engine = createFakeEngine()
  const errors: string[] = []
  const log: Log = { ...silentLog, error: (message) => errors.push(message), child: () => log }
  const server = createApiServer({ engine, log })
  await server.listen(`unix://${path}`)
  return {
    engine,
    path,
    errors,
    ask: (method, url, body, headers) => ask(path, method, url, body, headers),
    dial: () =>
      new Promise((resolve, reject) => {
        const socket = connect({ path, allowHalfOpen: true }, () => resolve(socket))
        socket.once('error', reject)
      }),
    async [Symbol.asyncDispose]() {
      await server.close()
      rmSync(directory, { recursive: true })
    },
  }
}

async function ask(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const raw = typeof body === 'string' || Buffer.isBuffer(body)
  const type = body === undefined || raw ? {} : { 'Content-Type': 'application/json' }
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const request = httpRequest({ socketPath, method, path, headers: { ...type, ...headers }, agent: false })
  request.once('error', reject)
  request.once('response', async (response) => {
    const content = await text(response).catch((error: Error) => `cut: ${error.message}`)
    const json = /^\s*[[{]/.test(content) && !content.includes('}\r\n{') ? parse(content) : undefined
    resolve({ status: response.statusCode ?? 0, headers: response.headers, text: content, json })
  })
  request.end(body === undefined || raw ? body : JSON.stringify(body))
  return promise
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined // lines of JSON, or a text that only begins like it
  }
}
