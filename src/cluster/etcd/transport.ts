import type { Agent, IncomingMessage } from 'node:http'
import type { Agent as SecureAgent } from 'node:https'
import { EtcdError } from './errors.ts'
import { whyNot } from './why-not.ts'

const http = process.getBuiltinModule('node:http')
const https = process.getBuiltinModule('node:https')

/** Bytes: more than any answer that we ask for, little enough for whatever else may answer. */
const longestAnswer = 64 * 1024 * 1024

/** Certificates, in PEM. */
export interface TlsFiles {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** One call over HTTP. */
export interface Call {
  /** `"http://192.0.2.1:2379"` */
  readonly member: string
  readonly path: string
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** Carries calls to etcd's members; connections are kept. */
export class Transport implements Disposable {
  readonly #plain: Agent
  readonly #secure: SecureAgent

  constructor(tls: TlsFiles) {
    const keeping = { keepAlive: true, keepAliveMsecs: 5_000, maxSockets: 16 }
    this.#plain = new http.Agent(keeping)
    this.#secure = new https.Agent({ ...keeping, ...tls })
  }

  /** The status and the whole body of an answer. @throws {EtcdError} `unreachable`, `garbage` when it is endless */
  async call(call: Call): Promise<{ readonly status: number; readonly text: string }> {
    const answer = await this.#send(call)
    const chunks: Buffer[] = []
    let length = 0
    try {
      for await (const chunk of answer) {
        chunks.push(chunk as Buffer)
        length += (chunk as Buffer).length
        if (length > longestAnswer) throw new EtcdError('garbage', `${call.member} answers without end`)
      }
    } catch (error) {
      throw error instanceof EtcdError ? error : unreachable(call, error)
    }
    return { status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }
  }

  /** The lines of an answer as they come, until it ends or the signal aborts. @throws {EtcdError} */
  async *lines(call: Call): AsyncGenerator<string> {
    const answer = await this.#send(call)
    let parts: string[] = []
    let length = 0
    answer.setEncoding('utf8')
    try {
      for await (const chunk of answer) {
        const [rest, ...lines] = (chunk as string).split('\n')
        parts.push(rest!)
        length += rest!.length
        if (length > longestAnswer) throw new EtcdError('garbage', `${call.member} answers without end`)
        for (const line of lines) {
          yield parts.join('')
          parts = [line]
          length = line.length
        }
      }
    } catch (error) {
      throw error instanceof EtcdError ? error : unreachable(call, error)
    } finally {
      answer.destroy()
    }
    if (length > 0) yield parts.join('')
  }

  [Symbol.dispose](): void {
    this.#plain.destroy()
    this.#secure.destroy()
  }

  #send(call: Call): Promise<IncomingMessage> {
    const { member, path, body, headers, signal } = call
    const url = new URL(path, member)
    const isSecure = url.protocol === 'https:'
    const text = JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const options = {
        method: 'POST',
        agent: isSecure ? this.#secure : this.#plain,
        headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
        signal,
      }
      const request = isSecure ? https.request(url, options) : http.request(url, options)
      request.on('response', resolve)
      request.on('error', (error) => reject(unreachable(call, error)))
      request.end(text)
    })
  }
}

function unreachable({ member, signal }: Call, error: unknown): EtcdError {
  return new EtcdError('unreachable', `${member}: ${whyNot(signal.aborted ? signal.reason : error)}`, { cause: error })
}
