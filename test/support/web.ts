import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Engine } from './engine-test.ts'
import type { Host } from './host.ts'

/**
 * Serves `text` over HTTP from inside a container. busybox's httpd listens before it goes into the background, so
 * whoever asks after this has returned is answered.
 */
export async function serve({ sh }: Engine, container: string, text: string, port = 80): Promise<void> {
  const { code, stderr } = await sh(
    container,
    `mkdir -p /www; echo ${text} > /www/index.html; httpd -p ${port} -h /www`,
  )
  assert.equal(code, 0, stderr)
}

/** What a web server says to a client on `host`, without the newline; or `"curl: 7"` with curl's exit code. */
export async function fetchFrom(host: Host, url: string): Promise<string> {
  const { code, stdout } = await host.exec('curl', ['-sS', '--globoff', '--max-time', '5', url])
  return code === 0 ? stdout.trim() : `curl: ${code}`
}

/** What a web server says to a client in a container; or `"wget: …"` with its complaint. */
export async function fetchIn({ sh }: Engine, container: string, url: string): Promise<string> {
  const { code, stdout, stderr } = await sh(container, `timeout 3 wget -q -O - ${url}`)
  return code === 0 ? stdout.trim() : `wget: ${stderr.trim()}`
}

/** A node program that runs in a network namespace until it is disposed of. */
export interface Helper extends AsyncDisposable {
  readonly child: ChildProcess
  /** All that it has printed. */
  readonly output: string
}

/** Runs JavaScript in a network namespace; returns once it has printed a line that begins with `ready`. */
export async function runHelper(netnsPath: string, source: string): Promise<Helper> {
  // It ends with its stdin, and so with this process, however that ends.
  const whole = `process.stdin.resume().on('end', () => process.exit()).unref();${source}`
  const child = spawn('nsenter', [`--net=${netnsPath}`, process.execPath, '-e', whole], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  const ready = Promise.withResolvers<void>()
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk
    if (/^ready/m.test(output)) ready.resolve()
  })
  const closed = once(child, 'close')
  child.on('close', (code) => ready.reject(new Error(`the helper ended with ${code}: ${output}`)))
  await ready.promise
  return {
    child,
    get output() {
      return output
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end() // not a signal: what it has started ends with it
      await closed
    },
  }
}

/** A UDP server that answers each datagram with the address that it came from, a blank, and what it said. */
export function udpEcho(netnsPath: string, port: number): Promise<Helper> {
  return runHelper(
    netnsPath,
    `const s = require('node:dgram').createSocket('udp4')
     s.on('message', (m, { address, port }) => s.send(address + ' ' + m, port, address))
     s.bind(${port}, '0.0.0.0', () => console.log('ready'))`,
  )
}

/** An HTTP server that answers each request with the address that it came from. */
export function httpWhoami(netnsPath: string, address: string, port: number): Promise<Helper> {
  return runHelper(
    netnsPath,
    `require('node:http').createServer((q, a) => a.end(q.socket.remoteAddress + '\\n'))
     .listen(${port}, '${address}', () => console.log('ready'))`,
  )
}

/** Sends one datagram from `host` and answers what comes back within two seconds, or `"nothing"`. */
export async function askUdp(host: Host, address: string, port: number, text: string): Promise<string> {
  const source = `const s = require('node:dgram').createSocket('udp4')
    const late = setTimeout(() => { console.log('nothing'); s.close() }, 2000)
    s.on('message', (m) => { console.log(String(m)); clearTimeout(late); s.close() })
    s.on('error', (e) => { console.log(e.code); process.exit() })
    s.connect(${port}, '${address}', () => s.send('${text}'))`
  return await host.execOk(process.execPath, ['-e', source])
}
