import { EngineError } from '../../base/errors.ts'
import type { BuildLimits, BuildRequest } from '../../build/builder.ts'
import { parsePlatform, renderPlatform } from '../../image/config/platform.ts'
import type { RegistryAuth } from '../../image/images.ts'
import { familiar, parseReference, withDefaultTag } from '../../image/names/references.ts'
import { flagOf, integerOf, listOf, type Query, textOf } from '../query.ts'

/**
 * Reads the parameters of a build. Pure.
 *
 * @throws {EngineError} `invalid-argument`, in Docker's words; `not-implemented` for what BuildKit alone does
 * @source Docker Engine API v1.51, ImageBuild
 */
export function buildRequest(query: Query, registryConfig: string | readonly string[] | undefined): BuildRequest {
  refuseOthers(query)
  const platform = textOf(query, 'platform')
  return {
    tags: buildTags(query),
    dockerfile: textOf(query, 'dockerfile') || 'Dockerfile',
    buildArgs: textMap(query, 'buildargs'),
    labels: textMap(query, 'labels'),
    target: textOf(query, 'target'),
    platform: platform === '' ? '' : renderPlatform(parsePlatform(platform)),
    networkMode: textOf(query, 'networkmode'),
    extraHosts: listOf(query, 'extrahosts'),
    limits: buildLimits(query),
    cgroupParent: textOf(query, 'cgroupparent'),
    noCache: flagOf(query, 'nocache'),
    pull: flagOf(query, 'pull'),
    squash: flagOf(query, 'squash'),
    credentials: registryCredentials(registryConfig),
  }
}

/** @throws {EngineError} `not-implemented`, always, with what to do instead */
export function refuseBuildKit(): never {
  const why = 'BuildKit is not supported by this engine: use the classic builder (DOCKER_BUILDKIT=0)'
  throw new EngineError('not-implemented', why)
}

function refuseOthers(query: Query): void {
  if (textOf(query, 'version') === '2' || textOf(query, 'session') !== '') refuseBuildKit()
  const outputs = textOf(query, 'outputs')
  if (!['', '[]', 'null'].includes(outputs)) {
    throw new EngineError('not-implemented', 'build outputs are not supported by this engine: they need BuildKit')
  }
  const remote = textOf(query, 'remote')
  if (remote !== '') {
    const why = `Cannot build from "${remote}": fetch it first, then send it as the build context`
    throw new EngineError('invalid-argument', why)
  }
  const security = textOf(query, 'securityopt')
  if (!['', '[]', 'null'].includes(security)) {
    const why = 'The daemon on this platform does not support setting security options on build'
    throw new EngineError('invalid-argument', why)
  }
  const parent = textOf(query, 'cgroupparent')
  if (parent.split('/').includes('..')) throw new EngineError('invalid-argument', `invalid cgroup parent: ${parent}`)
}

function buildTags(query: Query): readonly string[] {
  const names = listOf(query, 't').filter((name) => name !== '')
  const tags = names.map((name) => {
    const reference = parseReference(name)
    if (reference.digest !== undefined) {
      throw new EngineError('invalid-argument', 'build tag cannot contain a digest')
    }
    return familiar(withDefaultTag(reference))
  })
  return [...new Set(tags)]
}

function buildLimits(query: Query): BuildLimits {
  const number = <K extends string>(key: K, name: string) => {
    const value = integerOf(query, name)
    return (value === undefined || value === 0 ? {} : { [key]: value }) as { [key in K]?: number }
  }
  const cpusetCpus = textOf(query, 'cpusetcpus')
  const cpusetMems = textOf(query, 'cpusetmems')
  return {
    ...number('memory', 'memory'),
    ...number('memorySwap', 'memswap'),
    ...number('cpuShares', 'cpushares'),
    ...number('cpuPeriod', 'cpuperiod'),
    ...number('cpuQuota', 'cpuquota'),
    ...number('shmSize', 'shmsize'),
    ...(cpusetCpus === '' ? {} : { cpusetCpus }),
    ...(cpusetMems === '' ? {} : { cpusetMems }),
    ulimits: buildUlimits(query),
  }
}

function buildUlimits(query: Query): BuildLimits['ulimits'] {
  const value = jsonOf(query, 'ulimits')
  if (value === null) return []
  if (!Array.isArray(value)) throw wrongJson('ulimits', 'a list')
  return value.map((one: { Name?: unknown; Soft?: unknown; Hard?: unknown } | null) => {
    const { Name: name, Soft: soft = 0, Hard: hard = soft } = one ?? {}
    if (typeof name !== 'string' || !/^[a-z]+$/.test(name) || !Number.isInteger(soft) || !Number.isInteger(hard)) {
      throw wrongJson('ulimits', 'a list of names with numbers')
    }
    return { name, soft: soft as number, hard: hard as number }
  })
}

/** Values that are `null` are left out: the client knows the name but has no value. */
function textMap(query: Query, name: string): Readonly<Record<string, string>> {
  const value = jsonOf(query, name) ?? {}
  if (typeof value !== 'object' || Array.isArray(value)) throw wrongJson(name, 'an object')
  const entries = Object.entries(value).filter(([, text]) => text !== null)
  if (entries.some(([key, text]) => typeof text !== 'string' || key === '')) throw wrongJson(name, 'an object of texts')
  return Object.fromEntries(entries) as Record<string, string>
}

function jsonOf(query: Query, name: string): unknown {
  const text = textOf(query, name)
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new EngineError('invalid-argument', `invalid value for "${name}": ${(cause as Error).message}`, { cause })
  }
}

function wrongJson(name: string, wanted: string): EngineError {
  return new EngineError('invalid-argument', `invalid value for "${name}": it must be ${wanted}`)
}

/** Reads `X-Registry-Config`: JSON in base64, an object by registry. What cannot be read means none, as with Docker. */
function registryCredentials(header: string | readonly string[] | undefined): ReadonlyMap<string, RegistryAuth> {
  const found = new Map<string, RegistryAuth>()
  if (typeof header !== 'string') return found
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(header, 'base64').toString('utf8'))
  } catch {
    return found // an anonymous pull may still be welcome
  }
  for (const [registry, entry] of Object.entries((value ?? {}) as Record<string, Record<string, unknown> | null>)) {
    const given = ['username', 'password', 'identitytoken'].flatMap((key) => {
      const text = entry?.[key]
      return typeof text === 'string' && text !== '' ? [[key, text] as const] : []
    })
    if (given.length > 0) found.set(domainOf(registry), Object.fromEntries(given))
  }
  return found
}

/** `https://index.docker.io/v1/` is `docker.io`. */
function domainOf(registry: string): string {
  const host = registry.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  return host === 'index.docker.io' ? 'docker.io' : host
}
