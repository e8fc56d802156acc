import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'

/** What a client asked for. */
export interface Asked {
  /** `"GET /containers/json?all=1"` */
  readonly line: string
  readonly body: string
}

/** What stands in for a daemon: it answers what it was told to answer, and remembers what it was asked. */
export interface FakeDaemon extends AsyncDisposable {
  readonly host: string
  readonly asked: readonly Asked[]
}

/** How to answer one request line: JSON, a whole response, or a taken-over connection. */
export interface FakeAnswers {
  /** By request line. */
  readonly json?: Readonly<Record<string, unknown>>
  /** Everything that `json` has not; by default 404. */
  readonly other?: (request: IncomingMessage, response: ServerResponse) => void
  readonly upgrade?: (request: IncomingMessage, stream: Duplex) => void
}

/** Listens on a unix socket in a directory of its own. */
export async function openFakeDaemon(answers: FakeAnswers): Promise<FakeDaemon> {
  const directory = mkdtempSync(join(tmpdir(), 'wharf-fake-'))
  const path = join(directory, 'w.sock')
  const asked: Asked[] = []
  const note = async (request: IncomingMessage): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    asked.push({ line: `${request.method} ${request.url}`, body: Buffer.concat(chunks).toString() })
  }
  const server = createServer(async (request, response) => {
    await note(request)
    const line = `${request.method} ${decodeURIComponent(request.url ?? '')}`
    const known = answers.json?.[line]
    if (known !== undefined) response.setHeader('Content-Type', 'application/json').end(JSON.stringify(known))
    else if (answers.other !== undefined) answers.other(request, response)
    else response.writeHead(404).end(JSON.stringify({ message: `no answer for ${line}` }))
  })
  server.on('upgrade', (request, stream: Duplex) => {
    asked.push({ line: `${request.method} ${request.url}`, body: '' })
    answers.upgrade?.(request, stream)
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(path, resolve)
  await promise
  return {
    host: `unix://${path}`,
    asked,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      server.closeAllConnections()
      await closed.promise
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
