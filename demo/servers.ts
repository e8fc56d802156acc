import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Host } from '../test/support/host.ts'
import type { World } from './world.ts'

/** Serves one sentence from inside a container. busybox's httpd listens before it goes into the background. */
export async function webServer({ cli, narrator }: World, container: string, sentence: string): Promise<void> {
  const line = `mkdir -p /www; echo ${sentence} > /www/index.html; httpd -h /www`
  narrator.command(`wharf exec ${container} sh -c '${line}'`)
  await cli.ok('exec', container, 'sh', '-c', line)
}

/** An HTTP server on a host that answers each request with the address that it came from. */
export async function httpWhoami(host: Host, address: string, port: number): Promise<AsyncDisposable> {
  const source = `require('node:http').createServer((question, answer) => answer.end(question.socket.remoteAddress + '\\n'))
    .listen(${port}, '${address}', () => console.log('ready'))`
  const child = spawn(...host.enter(process.execPath, '-e', source), { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
    },
  }
}
