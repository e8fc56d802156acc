import { EngineError } from '../base/errors.ts'

/** What the settings of a cluster store say; files are not read yet. */
export interface ClusterSettings {
  /** `"http://192.0.2.1:2379"` */
  readonly members: readonly string[]
  /** Of the keys, without slashes around it. */
  readonly path: string
  readonly files: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  readonly user?: { readonly name: string; readonly password?: string; readonly passwordFile?: string }
  /** Seconds. */
  readonly leaseSeconds?: number
  /** Empty: the host's. */
  readonly nodeName: string
}

/** Options of the store, in Docker's old spellings where it had them, and what each one is. */
export const storeOptions: Readonly<Record<string, string>> = {
  'kv.cacertfile': 'file of the authority that the members’ certificates are checked with (PEM)',
  'kv.certfile': 'file of this host’s certificate',
  'kv.keyfile': 'file of its key',
  'kv.path':
    'path of the keys, before the one of the address: hosts with the same one are one cluster; `wharf/default`',
  'kv.username': 'user of etcd',
  'kv.password': 'its password; every user of this host can read it on the command line',
  'kv.passwordfile': 'file that has it instead, on its first line',
  'discovery.ttl': 'seconds that a host counts as alive without a word from it; 10',
  'discovery.heartbeat': 'seconds between two such words: a third of it',
  'node.name': 'name of this node; the host’s own',
}

const defaultPath = 'wharf/default'

/**
 * Reads `etcd://HOST:PORT[,HOST:PORT…][/PATH]` and its options. Pure.
 *
 * @throws {EngineError} `invalid-argument`
 */
export function parseClusterStore(store: string, options: Readonly<Record<string, string>>): ClusterSettings {
  const [, scheme = '', hosts = '', tail = ''] = /^([^:]*):\/\/([^/]*)(.*)$/.exec(store) ?? []
  if (scheme !== 'etcd') refuse(store, 'it is no etcd://HOST:PORT[,HOST:PORT]; Consul and ZooKeeper are not supported')
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(storeOptions, key))
  if (unknown !== undefined) refuse(store, `there is no option "${unknown}"`)
  const { 'kv.cacertfile': ca, 'kv.certfile': cert, 'kv.keyfile': key } = options
  if ((cert === undefined) !== (key === undefined)) refuse(store, 'kv.certfile and kv.keyfile need each other')
  const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
  const isSecure = Object.keys(files).length > 0
  const path = (options['kv.path'] ?? tail).replace(/^\/+|\/+$/g, '') || defaultPath
  if (!/^[\w.-]+(\/[\w.-]+)*$/.test(path)) refuse(store, `"${path}" is no path of names`)
  const user = userOf(store, options)
  const leaseSeconds = leaseOf(store, options)
  return {
    members: hosts.split(',').map((host) => memberOf(store, host, isSecure)),
    path,
    files,
    ...(user && { user }),
    ...(leaseSeconds !== undefined && { leaseSeconds }),
    nodeName: options['node.name'] ?? '',
  }
}

/** Why these settings cannot be; undefined: they can. For the check of an option. */
export function clusterStoreProblem(store: string): string | undefined {
  if (store === '') return undefined
  try {
    parseClusterStore(store, {})
    return undefined
  } catch (error) {
    if (error instanceof EngineError) return error.message
    throw error
  }
}

function memberOf(store: string, host: string, isSecure: boolean): string {
  const url = `${isSecure ? 'https' : 'http'}://${/:\d+$/.test(host) ? host : `${host}:2379`}`
  const isPlain = URL.canParse(url) && /^(\[[0-9a-f:.]+\]|[\w.-]+)(:\d+)?$/i.test(host)
  return isPlain ? url : refuse(store, `"${host}" is no HOST:PORT`)
}

function userOf(store: string, options: Readonly<Record<string, string>>): ClusterSettings['user'] {
  const { 'kv.username': name, 'kv.password': password, 'kv.passwordfile': passwordFile } = options
  const count = [password, passwordFile].filter((one) => one !== undefined).length
  if (name === undefined && count === 0) return undefined
  if (name === undefined || count !== 1) refuse(store, 'kv.username needs one of kv.password and kv.passwordfile')
  return { name, ...(password !== undefined && { password }), ...(passwordFile !== undefined && { passwordFile }) }
}

function leaseOf(store: string, options: Readonly<Record<string, string>>): number | undefined {
  const { 'discovery.ttl': ttl, 'discovery.heartbeat': heartbeat } = options
  if (ttl === undefined && heartbeat === undefined) return undefined
  const seconds = ttl === undefined ? 3 * Number(heartbeat) : Number(ttl)
  if (Number.isInteger(seconds) && seconds >= 2 && seconds <= 3600) return seconds
  return refuse(
    store,
    `a node cannot count as alive for ${ttl ?? `three times ${heartbeat}`} seconds: 2 to 3600 can be`,
  )
}

function refuse(store: string, why: string): never {
  throw new EngineError('invalid-argument', `Cannot use cluster store "${store}": ${why}`)
}
