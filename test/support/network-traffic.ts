import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { run } from './finished.ts'

/** A server that a test runs in a namespace, gone when disposed of. */
export interface TestServer extends AsyncDisposable {
  readonly port: number
}

const serverProgram = {
  tcp: `const [port, text, host] = process.argv.slice(1)
    require('net').createServer((s) => { s.on('error', () => {}); s.end(text + ' ' + s.remoteAddress) })
      .listen(Number(port), host, () => console.log('ready'))`,
  udp: `const [port, text, host] = process.argv.slice(1)
    const s = require('dgram').createSocket(host.includes(':') ? 'udp6' : 'udp4')
    s.on('message', (m, from) => s.send(text + ' ' + from.address, from.port, from.address))
    s.bind(Number(port), host, () => console.log('ready'))`,
}
/** So long is an answer waited for: a server on a busy machine needs some of it, and what is closed costs all of it. */
const answerMs = 2500
const clientProgram = {
  tcp: `const [host, port] = process.argv.slice(1)
    const s = require('net').connect({ host, port: Number(port), timeout: ${answerMs} })
    s.on('data', (d) => process.stdout.write(d)).on('end', () => process.exit(0))
    s.on('timeout', () => { console.log('timeout'); process.exit(0) })
    s.on('error', (e) => { console.log(e.code); process.exit(0) })`,
  udp: `const [host, port] = process.argv.slice(1)
    const s = require('dgram').createSocket(host.includes(':') ? 'udp6' : 'udp4')
    s.on('message', (m) => { console.log(String(m)); process.exit(0) })
    s.on('error', (e) => { console.log(e.code); process.exit(0) })
    s.send('hello', Number(port), host)
    setTimeout(() => { console.log('timeout'); process.exit(0) }, ${answerMs})`,
}

/** Serves `text` and the client's address on a port, in the namespace of `path`; ready when this returns. */
export async function serve(
  path: string,
  port: number,
  text: string,
  { protocol = 'tcp', host = '0.0.0.0' }: { readonly protocol?: 'tcp' | 'udp'; readonly host?: string } = {},
): Promise<TestServer> {
  const words = [`--net=${path}`, process.execPath, '-e', serverProgram[protocol], '--', String(port), text, host]
  const child: ChildProcess = spawn('nsenter', words, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout!, 'data')
  return {
    port,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'close') // with its pipe: tests of the kernel count descriptors
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** What a server says to a client in the namespace of `path`: its text and the address it saw, or `timeout`, or an errno. */
export async function fetch(
  path: string,
  host: string,
  port: number,
  protocol: 'tcp' | 'udp' = 'tcp',
): Promise<string> {
  const words = [`--net=${path}`, process.execPath, '-e', clientProgram[protocol], '--', host, String(port)]
  const { stdout } = await run('nsenter', words)
  return stdout.trim()
}

/** True when an answer comes back from `address` to the namespace of `path`. */
export async function ping(path: string, address: string): Promise<boolean> {
  const { code } = await run('nsenter', [`--net=${path}`, 'ping', '-c1', '-W3', address])
  return code === 0
}
