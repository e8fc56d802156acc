import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, runChild, startChild } from '../child.ts'
import type { RegistryAuth } from '../images.ts'
import { canonical, isLoopbackRegistry, type Reference } from '../references.ts'
import { registryError } from './registry-errors.ts'
import type { DownloadPlaces } from './watch-download.ts'

/** One conversation with a registry, by skopeo. */
export interface RegistrySession {
  /** The manifest or index of a reference, byte for byte. @throws {EngineError} in Docker's words */
  manifest(reference: Reference): Promise<Buffer>
  /** The configuration blob of one image's manifest, byte for byte. */
  config(reference: Reference): Promise<Buffer>
  /** Starts to fetch all layers that are missing in `blobs` (`sha256/<hex>` each). What grows lies in `layout`. */
  download(reference: Reference, places: DownloadPlaces, signal: AbortSignal): Child
}

/**
 * Prepares to talk to a registry as `auth`, or as nobody.
 *
 * Nothing of the user's own skopeo or docker configuration is used, and nothing is written outside `dir`.
 *
 * @param dir  an empty directory of this conversation, which the caller removes: it holds the password
 * @param insecure  registries besides those of loopback that need no valid certificate, or no TLS
 */
export function registrySession(parts: {
  readonly skopeo: string
  readonly dir: string
  readonly auth: RegistryAuth | undefined
  readonly insecure: readonly string[]
  /** URLs that Docker Hub's images are looked for at first. */
  readonly mirrors: readonly string[]
  readonly reference: Reference
  readonly signal: AbortSignal
}): RegistrySession {
  const { skopeo, dir, signal, reference: asked } = parts
  const authFile = join(dir, 'auth.json')
  writeFileSync(authFile, renderAuthFile(asked.domain, parts.auth), { mode: 0o600 })
  const verify = !isLoopbackRegistry(asked.domain) && !parts.insecure.includes(asked.domain)
  const isMirrored = writeMirrors(dir, parts)
  const env = sessionEnvironment(dir)
  // To say that certificates count would overrule what is said of a mirror.
  const tlsFlags = (flag: string) => (isMirrored && verify ? [] : [`--${flag}=${verify}`])
  const inspect = async (reference: Reference, ...flags: string[]) => {
    const args = ['inspect', '--raw', ...flags, `--authfile=${authFile}`, ...tlsFlags('tls-verify'), source(reference)]
    const { status, stdout, stderr } = await runChild(skopeo, args, { env, signal })
    if (status !== 0) throw registryError(stderr, asked, parts.auth !== undefined)
    return stdout
  }
  return {
    manifest: (reference) => inspect(reference),
    config: (reference) => inspect(reference, '--config'),
    download: (reference, { layout, blobs }, stop) =>
      startChild(
        'setpriv',
        [
          // An engine that is killed takes its downloads with it.
          '--pdeathsig=KILL',
          '--',
          skopeo,
          '--insecure-policy',
          'copy',
          `--authfile=${authFile}`,
          ...tlsFlags('src-tls-verify'),
          '--dest-oci-accept-uncompressed-layers',
          `--dest-shared-blob-dir=${blobs}`,
          source(reference),
          `oci:${layout}:layers`,
        ],
        { env, signal: stop },
      ),
  }
}

function source(reference: Reference): string {
  // skopeo refuses a tag beside a digest; the digest says more.
  const { tag: _, ...withoutTag } = reference
  return `docker://${canonical(reference.digest === undefined ? reference : withoutTag)}`
}

/** skopeo remembers blobs under /var/lib/containers when it runs as root; as nobody it uses `XDG_DATA_HOME`. */
function sessionEnvironment(dir: string): NodeJS.ProcessEnv {
  const { PATH, HTTP_PROXY, HTTPS_PROXY, NO_PROXY, http_proxy, https_proxy, no_proxy } = process.env
  const proxies = { HTTP_PROXY, HTTPS_PROXY, NO_PROXY, http_proxy, https_proxy, no_proxy }
  return { PATH, ...proxies, HOME: dir, TMPDIR: dir, XDG_DATA_HOME: dir, _CONTAINERS_ROOTLESS_UID: '65534' }
}

/** Docker's mirrors are of Docker Hub only. skopeo looks for its user's settings first, and its home is `dir`. @returns whether there are any */
function writeMirrors(
  dir: string,
  { mirrors, insecure, reference }: { mirrors: readonly string[]; insecure: readonly string[]; reference: Reference },
): boolean {
  if (mirrors.length === 0 || reference.domain !== 'docker.io') return false
  const settings = join(dir, '.config/containers')
  mkdirSync(settings, { recursive: true })
  writeFileSync(join(settings, 'registries.conf'), renderMirrors(mirrors, insecure))
  return true
}

/** @source containers-registries.conf(5) */
function renderMirrors(mirrors: readonly string[], insecure: readonly string[]): string {
  const tables = mirrors.map((url) => {
    const { protocol, host, pathname } = new URL(url)
    const open = protocol === 'http:' || insecure.includes(host)
    const location = JSON.stringify(`${host}${pathname.replace(/\/$/, '')}`)
    return `[[registry.mirror]]\nlocation = ${location}\ninsecure = ${open}\n`
  })
  return `[[registry]]\nlocation = "docker.io"\n${tables.join('')}`
}

/** @source containers-auth.json(5) */
function renderAuthFile(domain: string, auth: RegistryAuth | undefined): string {
  if (auth === undefined) return '{}'
  const { username = '', password = '', identitytoken } = auth
  const entry =
    identitytoken === undefined || identitytoken === ''
      ? { auth: Buffer.from(`${username}:${password}`).toString('base64') }
      : { auth: Buffer.from('<token>:').toString('base64'), identitytoken }
  return JSON.stringify({ auths: { [domain]: entry } })
}
