import { EngineError } from '../../base/errors.ts'

/** An image name, taken apart and completed. `tag` and `digest` are both absent when only the name was given. */
export interface Reference {
  /** `"docker.io"`, `"localhost:5000"`. */
  readonly domain: string
  /** `"library/busybox"`. */
  readonly path: string
  readonly tag?: string
  /** `"sha256:<64 hex>"`. */
  readonly digest?: string
}

const defaultDomain = 'docker.io'
const officialPrefix = 'library/'
const domainPattern =
  /^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::[0-9]+)?$/
const pathPattern = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*$/
const tagPattern = /^\w[\w.-]{0,127}$/
const digestPattern = /^sha256:[0-9a-f]{64}$/

/**
 * Reads `[domain/]path[:tag][@digest]` as Docker does: `busybox` is `docker.io/library/busybox`.
 *
 * @throws {EngineError} `invalid-argument` `invalid reference format`
 * @source distribution/reference, grammar of reference.go
 */
export function parseReference(text: string): Reference {
  if (/^[0-9a-f]{64}$/.test(text))
    throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`)
  const [beforeDigest, digest, ...more] = text.split('@')
  if (more.length > 0 || (digest !== undefined && !digestPattern.test(digest))) throw invalid()
  const { domain, remainder } = splitDomain(beforeDigest!)
  const colon = remainder.indexOf(':')
  const path = colon < 0 ? remainder : remainder.slice(0, colon)
  const tag = colon < 0 ? undefined : remainder.slice(colon + 1)
  if (path.toLowerCase() !== path)
    throw invalid(`invalid reference format: repository name (${path}) must be lowercase`)
  if (!domainPattern.test(domain) || !pathPattern.test(path)) throw invalid()
  if (tag !== undefined && !tagPattern.test(tag)) throw invalid()
  if (path.length > 255) throw invalid('invalid reference format: repository name must not be more than 255 characters')
  return { domain, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }
}

function splitDomain(name: string): { domain: string; remainder: string } {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const isDomain = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first)
  const domain = !isDomain || first === 'index.docker.io' ? defaultDomain : first
  const remainder = isDomain ? name.slice(slash + 1) : name
  const official = domain === defaultDomain && !remainder.includes('/') && remainder !== ''
  return { domain, remainder: official ? officialPrefix + remainder : remainder }
}

function invalid(message = 'invalid reference format'): EngineError {
  return new EngineError('invalid-argument', message)
}

/** The reference with tag `latest` where it has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference
}

/** The name without tag as people write it: `busybox`, `localhost:5000/x`. */
export function familiarName({ domain, path }: Reference): string {
  if (domain !== defaultDomain) return `${domain}/${path}`
  const short = path.startsWith(officialPrefix) ? path.slice(officialPrefix.length) : path
  return short.includes('/') && path.startsWith(officialPrefix) ? path : short
}

/** The whole reference as Docker prints it: `busybox:latest`, `localhost:5000/x:1`, `busybox@sha256:…`. */
export function familiar(reference: Reference): string {
  return familiarName(reference) + suffix(reference)
}

/** The whole reference with everything spelled out, as registries and OCI annotations want it. */
export function canonical(reference: Reference): string {
  return `${reference.domain}/${reference.path}${suffix(reference)}`
}

function suffix({ tag, digest }: Reference): string {
  return (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`)
}

/**
 * True for registries of this machine, which Docker speaks to without TLS verification.
 *
 * @source Docker Engine: 127.0.0.0/8 and ::1 are insecure registries by default
 */
export function isLoopbackRegistry(domain: string): boolean {
  const host = domain.replace(/:\d+$/, '')
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}
