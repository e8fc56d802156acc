import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import { ApiError, ConnectionError } from './errors.ts'
import { type HostAddress, parseHost } from './host.ts'
import type { ClientTls } from './tls.ts'

// An `import` of node:http evaluates every getter of the module, and with them half of Node's web stack:
// 26 ms of start-up that a client which prints one table does not have.
const { request: httpRequest } = process.getBuiltinModule('node:http')

/** Query parameters; `undefined` and `false` are left out, a list is one parameter for each member. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/** One request. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD'
  /** Without a version prefix: the daemon answers with its newest version. */
  readonly path: string
  readonly query?: Query
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, in chunks. */
  readonly upload?: Readable
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** A connection that stopped being HTTP: bytes both ways until one side has enough. */
export interface HijackedConnection {
  readonly stream: Duplex
  /** What kind of stream it is: `application/vnd.docker.raw-stream` or `…multiplexed-stream`; empty when not said. */
  readonly contentType: string
}

/** Calls to one daemon over HTTP. Every call has a connection of its own: a stream that stays open blocks nobody. */
export class Transport {
  /** As the user wrote it, for messages. */
  readonly host: string
  readonly #address: HostAddress

  readonly #tls: ClientTls | undefined

  /**
   * @param tls  for TCP; a unix socket needs none
   * @throws {EngineError} `invalid-argument` when `host` is no address that wharf knows
   */
  constructor(host: string, tls?: ClientTls) {
    this.host = host
    this.#tls = tls
    this.#address = parseHost(host, tls !== undefined)
  }

  /**
   * Sends one request and answers the response, its body unread.
   *
   * @throws {ApiError} for a status of 400 or more, with the daemon's message
   * @throws {ConnectionError} when nobody answers
   */
  async open(call: Call): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const request = this.#send(call, {})
    request.once('response', resolve)
    request.once('error', (cause) => reject(this.#connectionError(cause)))
    finish(request, call)
    return accepted(await promise)
  }

  /** Sends one request and reads its JSON answer; an empty body is `undefined`. Errors as `open`. */
  async json<T>(call: Call): Promise<T> {
    const text = await readText(await this.open(call))
    return (text.trim() === '' ? undefined : JSON.parse(text)) as T
  }

  /** Sends one request whose answer does not matter beyond its success. Errors as `open`. */
  async send(call: Call): Promise<void> {
    await readText(await this.open(call))
  }

  /** Sends one request and takes the connection over. Errors as `open`. */
  async hijack(call: Call): Promise<HijackedConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<HijackedConnection>()
    const request = this.#send(call, { Connection: 'Upgrade', Upgrade: 'tcp' })
    request.once('upgrade', (response, stream, head) => {
      if (head.length > 0) stream.unshift(head)
      // It may fail before anybody listens: it stays to be read from `stream.errored`.
      stream.on('error', () => undefined)
      resolve({ stream, contentType: response.headers['content-type'] ?? '' })
    })
    request.once('response', (response) => {
      const unwilling = new ConnectionError(
        `Cannot take over the connection to ${this.host}: it answered ${response.statusCode}`,
      )
      accepted(response).then(() => reject(unwilling), reject)
    })
    request.once('error', (cause) => reject(this.#connectionError(cause)))
    finish(request, call)
    return promise
  }

  #send(call: Call, extra: Readonly<Record<string, string>>): ClientRequest {
    const options: RequestOptions = {
      ...(this.#address.kind === 'unix'
        ? { socketPath: this.#address.path }
        : { host: this.#address.host, port: this.#address.port }),
      method: call.method,
      path: call.path + queryString(call.query ?? {}),
      headers: { Host: 'wharf', ...contentHeaders(call), ...call.headers, ...extra },
      agent: false,
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    }
    return this.#address.kind === 'tcp' && this.#tls !== undefined
      ? secureRequest({ ...options, ...secureOptions(this.#address.host, this.#tls) })
      : // Said, so that Node does not look for it in the Host header: that costs 6 ms of regular expressions, once.
        httpRequest({ ...options, servername: '' } as RequestOptions)
  }

  #connectionError(cause: Error): Error {
    if (cause.name === 'AbortError') return cause
    const code = (cause as NodeJS.ErrnoException).code
    const why = refusals[code ?? '']
    if (why === undefined) return new ConnectionError(`error during connect: ${this.host}: ${cause.message}`, { cause })
    return new ConnectionError(`${why.replace('HOST', this.host)}`, { cause })
  }
}

function secureRequest(options: RequestOptions): ClientRequest {
  return process.getBuiltinModule('node:https').request(options)
}

/** A name is asked for by name, an address is not: certificates are then looked through for the address. */
function secureOptions(host: string, { ca, cert, key, verify }: ClientTls): object {
  const isAddress = process.getBuiltinModule('node:net').isIP(host) !== 0
  const [own, authority] = [
    cert === undefined || key === undefined ? {} : { cert, key },
    ca === undefined ? {} : { ca },
  ]
  return { ...own, ...authority, rejectUnauthorized: verify, servername: isAddress ? '' : host }
}

const absent = "Cannot connect to the Wharf daemon at HOST: is 'wharf daemon' running?"
const refusals: Readonly<Record<string, string>> = {
  ENOENT: absent,
  ECONNREFUSED: absent,
  EACCES: 'permission denied while trying to connect to the Wharf daemon socket at HOST: try it with sudo',
}

/** Writes a query: `{ all: true, names: ['a', 'b'] }` is `"?all=true&names=a&names=b"`, nothing is `""`. */
export function queryString(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === false
      ? []
      : [value].flat().map((each) => `${name}=${encodeURIComponent(String(each))}`),
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function contentHeaders({ body, upload, method }: Call): Record<string, string | number> {
  if (upload !== undefined) return { 'Content-Type': 'application/x-tar', 'Transfer-Encoding': 'chunked' }
  if (body !== undefined)
    return { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(JSON.stringify(body)) }
  return method === 'POST' || method === 'PUT' ? { 'Content-Length': 0 } : {}
}

function finish(request: ClientRequest, { body, upload }: Call): void {
  if (upload === undefined) {
    request.end(body === undefined ? undefined : JSON.stringify(body))
    return
  }
  upload.once('error', (cause) => request.destroy(cause))
  upload.pipe(request)
}

async function accepted(response: IncomingMessage): Promise<IncomingMessage> {
  const status = response.statusCode ?? 0
  if (status < 400) return response
  throw new ApiError(status, messageIn(await readText(response)) ?? response.statusMessage ?? `status ${status}`)
}

function messageIn(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer === 'object' && answer !== null && 'message' in answer) return String(answer.message)
  } catch {
    // Not JSON: a proxy or another server answered; its own words say more than ours.
  }
  return text.trim() === '' ? undefined : text.trim()
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
