import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Log } from '../base/log.ts'
import type { MetricsText } from '../engine/metrics/render.ts'

const { createServer } = process.getBuiltinModule('node:http')

/** Connections at one time: whoever reads numbers is one, or a few. */
const connectionsMax = 64
/** A client that takes longer to ask is no client. Milliseconds. */
const askMs = 10_000

/** A server that answers `GET /metrics` and nothing else; it does not listen yet. */
export function createMetricsServer(read: () => Promise<MetricsText>, log: Log): Server {
  const server = createServer({ requestTimeout: askMs, headersTimeout: askMs }, (request, response) => {
    answer(request, response, read).catch((error: unknown) => {
      log.error('cannot gather metrics', { error })
      finish(response, 500, 'cannot gather metrics: see the log of the engine\n')
    })
  })
  server.maxConnections = connectionsMax
  return server
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  read: () => Promise<MetricsText>,
): Promise<void> {
  request.resume()
  if (request.url?.split('?', 1)[0] !== '/metrics') return finish(response, 404, 'only /metrics is here\n')
  if (request.method !== 'GET' && request.method !== 'HEAD') return finish(response, 405, 'metrics can only be read\n')
  const { contentType, text } = await read()
  response.setHeader('Content-Type', contentType)
  finish(response, 200, text)
}

function finish(response: ServerResponse, status: number, text: string): void {
  if (!response.hasHeader('Content-Type')) response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  response.writeHead(status).end(text)
}
