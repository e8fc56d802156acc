import { EngineError } from '../../../base/errors.ts'

/** One plugin of a network, with everything that it wants to know. */
export interface PluginConfig {
  /** The name of its program. */
  readonly type: string
  readonly capabilities?: Readonly<Record<string, boolean>>
  readonly ipam?: { readonly type?: string }
  readonly [key: string]: unknown
}

/** A network configuration of CNI, as a list: one that names a single plugin is a list of one. */
export interface CniConfig {
  /** The version that is spoken. */
  readonly cniVersion: string
  /** Under this name plugins keep what is theirs, like the addresses that they gave out. */
  readonly name: string
  readonly disableCheck: boolean
  readonly plugins: readonly PluginConfig[]
}

/** A configuration whose version is not chosen yet. */
export interface ReadConfig extends Omit<CniConfig, 'cniVersion'> {
  /** Those that it says it is written for. */
  readonly cniVersions: readonly string[]
}

/** What the engine itself puts into a plugin's configuration. */
const reservedKeys = ['runtimeConfig', 'args', 'prevResult'] as const

/**
 * Reads a configuration, of either form.
 *
 * @param name what it is called when it does not say
 * @throws {EngineError} `invalid-argument`, a sentence that says what is wrong with it
 * @source CNI SPEC.md 1.1, section 1; for single plugins 0.4.0
 */
export function parseConfig(text: string, name: string): ReadConfig {
  const whole = objectOf(parseJson(text), 'it is not a JSON object')
  const isList = whole['plugins'] !== undefined
  const entries = isList ? whole['plugins'] : [whole]
  if (!Array.isArray(entries) || entries.length === 0) refuse('"plugins" is not a list of plugins')
  const config = {
    name: nameOf(whole['name'] ?? name),
    cniVersions: versionsOf(whole),
    disableCheck: flagOf(whole['disableCheck']),
    plugins: entries.map((entry, i) => pluginOf(entry, isList ? `plugin ${i + 1}` : 'it', isList)),
  }
  return config
}

/** A configuration as it is recorded, and read again. */
export function renderConfig({ cniVersion, name, disableCheck, plugins }: CniConfig): string {
  return JSON.stringify({ cniVersion, name, ...(disableCheck && { disableCheck }), plugins })
}

function pluginOf(entry: unknown, what: string, isList: boolean): PluginConfig {
  const all = objectOf(entry, `${what} is not an object`)
  const { cniVersion: _, cniVersions: _versions, name: _name, disableCheck: _check, ...own } = all
  const config = isList ? all : own
  const { type, capabilities, ipam } = config
  if (typeof type !== 'string' || type === '') refuse(`${what} has no "type"`)
  requireProgramName(type)
  if (capabilities !== undefined) objectOf(capabilities, `"capabilities" of ${type} is not an object`)
  if (ipam !== undefined) {
    const manager = objectOf(ipam, `"ipam" of ${type} is not an object`)['type']
    if (manager !== undefined) requireProgramName(manager)
  }
  const reserved = reservedKeys.find((key) => key in config)
  if (reserved !== undefined) refuse(`"${reserved}" of ${type} is the engine's to say`)
  return config as PluginConfig
}

function versionsOf({ cniVersion, cniVersions }: Readonly<Record<string, unknown>>): string[] {
  if (cniVersion === undefined && cniVersions === undefined) refuse('it has no "cniVersion"')
  const all = [...(cniVersion === undefined ? [] : [cniVersion]), ...(Array.isArray(cniVersions) ? cniVersions : [])]
  if (all.some((version) => typeof version !== 'string')) refuse('"cniVersion" is not text')
  return all as string[]
}

function nameOf(name: unknown): string {
  if (typeof name === 'string' && /^[A-Za-z0-9][\w.-]*$/.test(name)) return name
  return refuse(
    `"name" ${JSON.stringify(name)} is not letters, digits, "_", "." and "-", the first a letter or a digit`,
  )
}

/** Old configurations write it as text. */
function flagOf(value: unknown): boolean {
  return value === true || value === 'true'
}

function requireProgramName(type: unknown): void {
  if (typeof type === 'string' && /^[^/\\\0]+$/.test(type) && type !== '.' && type !== '..') return
  refuse(`"type" ${JSON.stringify(type)} is not the name of a program`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    return refuse(`it is not JSON: ${(cause as Error).message}`)
  }
}

function objectOf(value: unknown, why: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  return refuse(why)
}

function refuse(why: string): never {
  throw new EngineError('invalid-argument', `Cannot use the CNI configuration: ${why}`)
}
