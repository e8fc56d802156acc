import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RegistryAuth } from '../images.ts'
import type { Reference } from '../names/references.ts'
import { isInsecure } from './insecure.ts'

/** What one conversation needs from disk, and how skopeo is told of it. */
export interface SessionFiles {
  readonly authFile: string
  readonly env: NodeJS.ProcessEnv
  /** Flags of `skopeo inspect`, `login` and the like; `src-` and `dest-` begin those of `copy`. */
  tlsFlags(prefix: '' | 'src-' | 'dest-'): readonly string[]
}

/** What to write. */
export interface SessionWish {
  /** An empty directory of this conversation, which the caller removes: it holds the password. */
  readonly dir: string
  readonly auth: RegistryAuth | undefined
  /** Registries besides those of loopback that need no valid certificate, or no TLS: names, or blocks of addresses. */
  readonly insecure: readonly string[]
  /** URLs that Docker Hub's images are looked for at first. */
  readonly mirrors: readonly string[]
  /** A directory by registry: `<certificates>/<host:port>/{*.crt,*.cert,*.key}`. */
  readonly certificates: string
  readonly reference: Reference
}

/** Writes the files of one conversation. Nothing of the user's own skopeo or docker configuration is used. */
export function writeSessionFiles(wish: SessionWish): SessionFiles {
  const { dir, reference } = wish
  const authFile = join(dir, 'auth.json')
  writeFileSync(authFile, renderAuthFile(reference.domain, wish.auth), { mode: 0o600 })
  const verify = !isInsecure(reference.domain, wish.insecure)
  const isMirrored = writeMirrors(wish)
  const certificates = certificatesOf(wish)
  return {
    authFile,
    env: sessionEnvironment(dir),
    tlsFlags: (prefix) => [
      `--${prefix}cert-dir=${certificates}`,
      // To say that certificates count would overrule what is said of a mirror.
      ...(isMirrored && verify ? [] : [`--${prefix}tls-verify=${verify}`]),
    ],
  }
}

/** A directory without certificates where a registry has none: skopeo would look for the machine's own. */
function certificatesOf({ dir, certificates, reference }: SessionWish): string {
  const own = join(certificates, reference.domain)
  if (existsSync(own)) return own
  const none = join(dir, 'no-certificates')
  mkdirSync(none, { recursive: true })
  return none
}

/** skopeo remembers blobs under /var/lib/containers when it runs as root; as nobody it uses `XDG_DATA_HOME`. */
function sessionEnvironment(dir: string): NodeJS.ProcessEnv {
  const { PATH, HTTP_PROXY, HTTPS_PROXY, NO_PROXY, http_proxy, https_proxy, no_proxy } = process.env
  const proxies = { HTTP_PROXY, HTTPS_PROXY, NO_PROXY, http_proxy, https_proxy, no_proxy }
  return { PATH, ...proxies, HOME: dir, TMPDIR: dir, XDG_DATA_HOME: dir, _CONTAINERS_ROOTLESS_UID: '65534' }
}

/** Docker's mirrors are of Docker Hub only. skopeo looks for its user's settings first, and its home is `dir`. @returns whether there are any */
function writeMirrors({ dir, mirrors, insecure, reference }: SessionWish): boolean {
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
    const open = protocol === 'http:' || isInsecure(host, insecure)
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
