import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const seconds = 3

/** How fast names were answered. */
export interface NameLoad {
  readonly perSecond: number
  readonly medianMs: number
  readonly p99Ms: number
}

/** Asks for one name from inside a namespace, as fast as it is answered. */
export function dnsPerSecond(netnsPath: string, name: string): Promise<NameLoad> {
  return loadNames(netnsPath, name, { sockets: 4, window: 32, seconds })
}

/** Asks for one name from inside a namespace, each time when the answer before is there. */
export function dnsAtRate(netnsPath: string, name: string): Promise<NameLoad> {
  return loadNames(netnsPath, name, { sockets: 1, window: 1, turns: true, seconds })
}

/** Milliseconds of one answer: the median of a moment of asking. */
export async function dnsOneAtATime(netnsPath: string, name: string): Promise<number> {
  return (await loadNames(netnsPath, name, { sockets: 1, window: 1, turns: true, seconds: 0.2 })).medianMs
}

async function loadNames(netnsPath: string, name: string, how: object): Promise<NameLoad> {
  const load = { namespaces: [netnsPath], names: [name], ...how }
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'dns-load.ts'), JSON.stringify(load)])
  return JSON.parse(stdout)
}

/** A web server in a namespace that costs as little as it can, and a way to load it. */
export interface WebLoad extends AsyncDisposable {
  /** Requests per second of 32 kept connections, from a namespace. */
  measure(from: string, url: string): Promise<number>
}

/** Starts the web server. It answers every request with the same bytes, without looking at it. */
export async function requestsPerSecond(netnsPath: string): Promise<WebLoad> {
  const source = `const answer = Buffer.from('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok')
    require('node:net').createServer((s) => s.on('data', () => s.write(answer)).on('error', () => s.destroy()))
      .listen(80, '0.0.0.0', () => console.log('ready'))`
  const child = spawn('nsenter', [`--net=${netnsPath}`, process.execPath, '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return {
    measure: async (from, url) => {
      const { stdout } = await run('nsenter', [`--net=${from}`, 'wrk', '-t1', '-c32', `-d${seconds}s`, url])
      return Number(/^Requests\/sec:\s+([\d.]+)/m.exec(stdout)?.[1])
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
    },
  }
}
