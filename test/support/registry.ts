import { execFileSync, spawn } from 'node:child_process'
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

/** How a registry differs from one that everybody may use. */
export interface RegistryOptions {
  /** The only user. */
  readonly user?: { readonly name: string; readonly password: string }
  /** Files: with them it speaks TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string }
  /** A server that gives tokens, and the file of the certificate that they are signed with. */
  readonly tokens?: { readonly url: string; readonly certificate: string }
  /** Where it listens, when not on `127.0.0.1`: an address of the host. */
  readonly host?: string
}

/** Starts a registry on `host` and waits until it listens. */
export async function startRegistry(host: Host, port = 5000, options: RegistryOptions = {}): Promise<Registry> {
  const root = mkdtempSync(join(tmpdir(), 'wharf-registry-'))
  const dir = join(root, 'data')
  const address = `${options.host ?? '127.0.0.1'}:${port}`
  const { user, tls, tokens } = options
  const tlsPart = tls ? `, tls: { certificate: ${tls.certificate}, key: ${tls.key} }` : ''
  const settings = [
    'version: 0.1',
    `storage: { filesystem: { rootdirectory: ${dir} }, delete: { enabled: true } }`,
    `http: { addr: "${address}"${tlsPart} }`,
    'log: { accesslog: { disabled: true } }',
    ...(user ? [`auth: { htpasswd: { realm: test, path: ${writePassword(root, user)} } }`] : []),
    ...(tokens ? [`auth: { token: ${tokenSettings(tokens)} }`] : []),
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

/** A file as htpasswd writes it. The C library knows how to hash; perl, which every Debian has, knows how to ask it. */
function writePassword(root: string, { name, password }: { readonly name: string; readonly password: string }): string {
  const file = join(root, 'htpasswd')
  const hash = execFileSync('perl', ['-e', 'print crypt($ARGV[0], q($2y$05$abcdefghijklmnopqrstuu))', password])
  writeFileSync(file, `${name}:${hash}\n`)
  return file
}

function tokenSettings({ url, certificate }: NonNullable<RegistryOptions['tokens']>): string {
  return `{ realm: "${url}", service: test, issuer: test, rootcertbundle: ${certificate} }`
}
