import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Serves iperf3 in a namespace until disposed. */
export async function iperfServer(netnsPath: string): Promise<AsyncDisposable> {
  const child = spawn('nsenter', [`--net=${netnsPath}`, 'iperf3', '--server', '--forceflush', '--port', '5201'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
    },
  }
}

/** Gbit/s of one TCP stream from a namespace to an iperf3 server, as the receiver saw it. */
export async function iperf(netnsPath: string, address: string, port: number, seconds: number): Promise<number> {
  const words = ['iperf3', '--client', address, '--port', String(port), '--time', String(seconds), '--json']
  const { stdout } = await run('nsenter', [`--net=${netnsPath}`, ...words], { maxBuffer: 1 << 24 })
  return JSON.parse(stdout).end.sum_received.bits_per_second / 1e9
}
