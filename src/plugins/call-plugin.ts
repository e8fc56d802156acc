import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '../base/errors.ts'
import type { PluginAddress } from './find-plugin.ts'

/** What both sides of the protocol call their JSON. @source Docker's documentation of the plugin API */
export const pluginMediaType = 'application/vnd.docker.plugins.v1.2+json'

/** Of an answer: more is no answer of a driver. */
const mostBytes = 4 * 1024 * 1024
const firstPauseMs = 1000

interface PluginFailure {
  readonly answered: boolean
  readonly refusal?: number
  readonly cause?: unknown
}

/** A call that failed. */
export class PluginError extends EngineError {
  /** False: it is not known whether the plugin has heard the call. */
  readonly answered: boolean
  /** It has said that it does not do it: the HTTP status, 200 when the answer itself says so. Undefined: who knows. */
  readonly refusal: number | undefined

  constructor(message: string, { answered, refusal, cause }: PluginFailure) {
    super('internal', message, { cause })
    this.answered = answered
    this.refusal = refusal
  }
}

/** How long a plugin is waited for. */
export interface CallPatience {
  /** Milliseconds for everything together. */
  readonly timeoutMs: number
  /** True: a plugin that cannot be reached is tried again, after 1, 2, 4, … s, while there is time. */
  readonly retries: boolean
}

/**
 * Calls one method of a plugin, `"IpamDriver.RequestPool"`.
 *
 * @param body  undefined: none is sent
 * @returns the answer's JSON object, as it came: to be checked
 * @throws {PluginError} when it cannot be reached, is too slow, refuses, or answers with something else
 */
export async function callPlugin(
  plugin: PluginAddress,
  method: string,
  body: unknown,
  { timeoutMs, retries }: CallPatience,
): Promise<Readonly<Record<string, unknown>>> {
  const start = performance.now()
  for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
    const signal = AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs - (performance.now() - start))))
    try {
      return parseAnswer(plugin, method, await send(plugin, method, body, signal))
    } catch (error) {
      if (error instanceof PluginError) throw error
      if (signal.aborted) throw unreached(plugin, method, `no answer within ${timeoutMs / 1000} s`, error)
      if (!retries || performance.now() - start + pauseMs >= timeoutMs) {
        throw unreached(plugin, method, whyOf(error as Error), error)
      }
      await delay(pauseMs)
    }
  }
}

/** OpenSSL's message is a note to itself; what it says of a handshake is its reason. */
function whyOf(error: Error & { readonly reason?: string }): string {
  return error.reason ?? error.message
}

function unreached({ name }: PluginAddress, method: string, why: string, cause: unknown): PluginError {
  return new PluginError(`Cannot call ${method} of plugin "${name}": ${why}`, { answered: false, cause })
}

interface Reply {
  readonly status: number
  readonly text: string
}

async function send(plugin: PluginAddress, method: string, body: unknown, signal: AbortSignal): Promise<Reply> {
  const payload = body === undefined ? '' : `${JSON.stringify(body)}\n`
  const target = await targetOf(plugin).catch((cause: Error) => {
    throw unreached(plugin, method, cause.message, cause) // files that are missing now are missing in a second
  })
  const options = { ...target, path: `/${method}`, method: 'POST', agent: false as const, signal }
  const headers = { Accept: pluginMediaType, 'Content-Length': Buffer.byteLength(payload) }
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const isSecure = plugin.url.protocol === 'https:'
  const { request: start } = process.getBuiltinModule(isSecure ? 'node:https' : 'node:http')
  const call = start({ ...options, headers }, (reply) => {
    collect(reply).then(
      (text) => resolve({ status: reply.statusCode ?? 0, text }),
      (cause: Error) => reject(signal.aborted ? cause : brokenOff(plugin, method, cause)),
    )
  })
  call.on('error', reject)
  call.end(payload)
  return promise
}

/** It has heard the call, and may have done what was asked: to ask again is for whoever knows what that means. */
function brokenOff({ name }: PluginAddress, method: string, cause: Error): PluginError {
  const why = cause instanceof RangeError ? cause.message : 'breaks off'
  return new PluginError(`Cannot understand plugin "${name}": its answer to ${method} ${why}`, {
    answered: true,
    cause,
  })
}

async function targetOf({ url, tls }: PluginAddress): Promise<RequestOptions> {
  if (url.protocol === 'unix:') {
    return { socketPath: decodeURIComponent(url.pathname), host: 'plugin.moby.localhost' }
  }
  const read = async (path: string | undefined) => (path === undefined ? undefined : await readFile(path))
  const [ca, cert, key] = await Promise.all([read(tls.caFile), read(tls.certFile), read(tls.keyFile)])
  const certificates = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
  const options = { host: url.hostname.replace(/^\[|\]$/g, ''), ...(url.port && { port: Number(url.port) }) }
  return url.protocol === 'https:' ? { ...options, ...certificates, rejectUnauthorized: !tls.insecure } : options
}

async function collect(reply: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new RangeError(`is longer than ${mostBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseAnswer(
  { name }: PluginAddress,
  method: string,
  { status, text }: Reply,
): Readonly<Record<string, unknown>> {
  const value = parseObject(text)
  if (status !== 200) {
    const said = value?.['Err']
    const words = typeof said === 'string' && said !== '' ? said : text.trim().slice(0, 1000)
    throw new PluginError(`${method}: ${words || `status ${status}`}`, { answered: true, refusal: status })
  }
  if (value !== undefined) return value
  const shown = JSON.stringify(text.slice(0, 60))
  throw new PluginError(`Cannot understand plugin "${name}": ${method} answered ${shown}, which is no JSON object`, {
    answered: true,
  })
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined // said by the caller, with what came instead
  }
}
