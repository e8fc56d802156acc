import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Host } from './host.ts'

/** A real registry (Debian's docker-registry) on the loopback of a host: nobody else can reach it. */
export interface Registry extends AsyncDisposable {
  /** What stands before an image's name: `"127.0.0.1:5000"`. */
  readonly address: string
  /** Where it keeps its blobs. */
  readonly dir: string
}

/** Starts a registry on `host` and waits until it listens. */
export async function startRegistry(host: Host, port = 5000): Promise<Registry> {
  const root = mkdtempSync(join(tmpdir(), 'wharf-registry-'))
  const dir = join(root, 'data')
  const address = `127.0.0.1:${port}`
  const settings = [
    'version: 0.1',
    `storage: { filesystem: { rootdirectory: ${dir} }, delete: { enabled: true } }`,
    `http: { addr: "${address}" }`,
    'log: { accesslog: { disabled: true } }',
  ]
  writeFileSync(join(root, 'config.yml'), settings.join('\n'))
  const child = spawn(...host.enter('docker-registry', 'serve', join(root, 'config.yml')), {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = once(child, 'close')
  const said: string[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line)
    if (line.includes('listening on')) break
  }
  if (child.exitCode !== null) throw new Error(`docker-registry ended: ${said.join('\n')}`)
  child.stderr.resume()
  return {
    address,
    dir,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await closed
      rmSync(root, { recursive: true, force: true })
    },
  }
}
