/** What every plugin of the tests has in common: a socket, a diary, and misbehaviour on demand. */
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { Behaviour, PluginCall } from './plugin.ts'

const [socket = '', directory = ''] = process.argv.slice(2)
const file = (name: string) => join(directory, name)

/** What a plugin wrote down before, as JSON. */
export function recall<T>(name: string, fallback: T): T {
  return existsSync(file(name)) ? (JSON.parse(readFileSync(file(name), 'utf8')) as T) : fallback
}

/** Writes something down that outlives the plugin; whoever reads it sees all of it. */
export function remember(name: string, value: unknown): void {
  writeFileSync(file(`${name}.new`), JSON.stringify(value))
  renameSync(file(`${name}.new`), file(name))
}

/**
 * Serves methods on the socket that the command line names: `node PLUGIN.ts SOCKET DIRECTORY`.
 *
 * In DIRECTORY it writes down every call (`calls`, one JSON object a line), and reads before each answer how it is to
 * misbehave (`behaviour.json`: by method, see `Behaviour`).
 *
 * @param afterwards is called before each answer
 */
export function servePlugin(
  methods: Readonly<Record<string, (body: any) => object>>,
  afterwards: () => void = () => {},
): void {
  rmSync(socket, { force: true })
  createServer(async (request, reply) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const method = (request.url ?? '').slice(1)
    const { accept = '', host = '' } = request.headers
    const call: PluginCall = { verb: request.method ?? '', method, text, accept, host }
    appendFileSync(file('calls'), `${JSON.stringify(call)}\n`)
    const {
      hang,
      lateMs,
      text: said,
      status = 200,
      answer,
      dies,
    } = recall<Behaviour>('behaviour.json', {})[method] ?? {}
    if (hang) return
    if (lateMs !== undefined) await new Promise((resolve) => setTimeout(resolve, lateMs))
    const serve = methods[method]
    const value = answer ??
      (said === undefined ? serve?.(text === '' ? {} : JSON.parse(text)) : {}) ?? { Err: 'no such method' }
    afterwards()
    if (dies) process.exit(1)
    reply.writeHead(serve === undefined && answer === undefined ? 404 : status, { 'Content-Type': accept })
    reply.end(said ?? JSON.stringify(value))
  }).listen(socket, () => console.log('ready'))
}
