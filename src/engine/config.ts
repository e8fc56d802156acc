import { EngineError } from '../base/errors.ts'
import type { NetworkConfig } from '../network/config.ts'

/** The engine's settings: one JSON file and flags, read once at start. */
export interface EngineConfig extends NetworkConfig {
  /** `unix:///run/wharf.sock`, … */
  readonly hosts: readonly string[]
  readonly dataRoot: string
  readonly execRoot: string
  readonly labels: readonly string[]
  /** Name or path of the OCI runtime. */
  readonly runtime: string
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}

/** One setting: its name in the file, its default, how it is checked, and its line in the reference. */
interface Option<T> {
  readonly key: string
  readonly fallback: T
  readonly check: (value: unknown) => value is T
  readonly doc: string
}

const isString = (value: unknown): value is string => typeof value === 'string'
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every(isString)
const isMtu = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 68 && Number(value) <= 65_535
const isLevel = (value: unknown): value is EngineConfig['logLevel'] =>
  isString(value) && ['debug', 'info', 'warn', 'error'].includes(value)
const isPools = (value: unknown): value is { base: string; size: number }[] =>
  Array.isArray(value) && value.every((pool) => isString(pool?.base) && Number.isInteger(pool?.size))

/** Every setting of the configuration file, in Docker's spelling where Docker has it. */
export const options: { readonly [K in keyof EngineConfig]: Option<EngineConfig[K]> } = {
  hosts: {
    key: 'hosts',
    fallback: ['unix:///run/wharf.sock'],
    check: isStrings,
    doc: 'Where the API listens: unix://PATH. Several are allowed.',
  },
  dataRoot: {
    key: 'data-root',
    fallback: '/var/lib/wharf',
    check: isString,
    doc: 'Directory of everything that outlives a reboot: images, containers, the database.',
  },
  execRoot: {
    key: 'exec-root',
    fallback: '/run/wharf',
    check: isString,
    doc: 'Directory of what runs now: network namespaces, bundles, sockets.',
  },
  userlandProxy: {
    key: 'userland-proxy',
    fallback: false,
    check: isBoolean,
    doc: 'Carry published ports by a proxy as well, for programs that cannot be reached by address translation.',
  },
  bip: { key: 'bip', fallback: '', check: isString, doc: 'Address and prefix of the default bridge: "172.17.0.1/16".' },
  mtu: {
    key: 'mtu',
    fallback: 1500,
    check: isMtu,
    doc: 'Largest packet of the default bridge, in bytes: 68 to 65535.',
  },
  dns: { key: 'dns', fallback: [], check: isStrings, doc: 'DNS servers of containers that name none.' },
  dnsSearch: { key: 'dns-search', fallback: [], check: isStrings, doc: 'Search domains of containers that name none.' },
  dnsOptions: {
    key: 'dns-opts',
    fallback: [],
    check: isStrings,
    doc: 'Resolver options of containers that name none.',
  },
  defaultAddressPools: {
    key: 'default-address-pools',
    fallback: [],
    check: isPools,
    doc: 'Where subnets are taken from: [{"base": "10.10.0.0/16", "size": 24}].',
  },
  labels: {
    key: 'labels',
    fallback: [],
    check: isStrings,
    doc: 'Labels of this engine, shown by `info`: "key=value".',
  },
  runtime: { key: 'runtime', fallback: 'crun', check: isString, doc: 'Name or path of the OCI runtime.' },
  logLevel: {
    key: 'log-level',
    fallback: 'info',
    check: isLevel,
    doc: 'Least severe messages to log: debug, info, warn or error.',
  },
}

/**
 * Reads the configuration file's text; flags win over it. Unknown keys and wrong types are refused.
 *
 * @param text   the file's content, or undefined when there is no file
 * @param flags  settings from the command line
 * @throws {EngineError} `invalid-argument` naming the key
 */
export function parseConfig(text: string | undefined, flags: Partial<EngineConfig>): EngineConfig {
  const file = parseObject(text ?? '{}')
  const known = new Set(Object.values(options).map(({ key }) => key))
  const unknown = Object.keys(file).filter((key) => !known.has(key))
  if (unknown.length > 0) {
    throw new EngineError('invalid-argument', `Cannot read the configuration: unknown key "${unknown.join('", "')}"`)
  }
  const values = Object.entries(options).map(([name, option]) => {
    const value = flags[name as keyof EngineConfig] ?? file[option.key] ?? option.fallback
    if (!option.check(value)) {
      throw new EngineError('invalid-argument', `Cannot use ${option.key} ${JSON.stringify(value)}: ${option.doc}`)
    }
    return [name, value] as const
  })
  return Object.freeze(Object.fromEntries(values)) as unknown as EngineConfig
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new EngineError('invalid-argument', `Cannot read the configuration: ${(cause as Error).message}`, { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new EngineError('invalid-argument', 'Cannot read the configuration: it is not a JSON object')
  }
  return value as Record<string, unknown>
}
