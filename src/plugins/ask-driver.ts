import { PluginError } from './call-plugin.ts'
import type { CallOptions, Plugin } from './plugins.ts'

/** Kinds of drivers that a plugin may be. */
export type DriverKind = 'IpamDriver' | 'NetworkDriver' | 'VolumeDriver'

/** Under which key an answer says that it is none. @source moby, libnetwork/ipams/remote/api and drivers/remote/api */
const problemKeys = { IpamDriver: 'Error', NetworkDriver: 'Err', VolumeDriver: 'Err' } as const
/** How Docker begins to tell of it. */
const beginnings = { IpamDriver: 'remote: ', NetworkDriver: 'remote: ', VolumeDriver: '' } as const

/**
 * Asks a plugin that is a driver: calls `KIND.METHOD`.
 *
 * @returns the answer
 * @throws {PluginError} with its words, behind `remote: ` but for volumes, when it answers that it cannot; else as `Plugin.call`
 */
export async function askDriver(
  plugin: Plugin,
  kind: DriverKind,
  method: string,
  body: unknown,
  options?: CallOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await plugin.call(`${kind}.${method}`, body, options)
  const problem = answer[problemKeys[kind]]
  if (typeof problem === 'string' && problem !== '') {
    throw new PluginError(`${beginnings[kind]}${problem}`, { answered: true, refusal: 200 })
  }
  return answer
}

/** A text of an answer; what is missing is empty. @throws {PluginError} when it is something else */
export function textOf(plugin: Plugin, answer: Readonly<Record<string, unknown>>, key: string): string {
  const value = answer[key] ?? ''
  if (typeof value === 'string') return value
  throw new PluginError(`Cannot understand plugin "${plugin.name}": "${key}" is no text`, { answered: true })
}

/** A map of texts in an answer; what is missing is empty. @throws {PluginError} when it is something else */
export function textsOf(
  plugin: Plugin,
  answer: Readonly<Record<string, unknown>>,
  key: string,
): Readonly<Record<string, string>> {
  const value = answer[key] ?? {}
  if (typeof value === 'object' && Object.values(value).every((one) => typeof one === 'string')) {
    return value as Readonly<Record<string, string>>
  }
  throw new PluginError(`Cannot understand plugin "${plugin.name}": "${key}" is no map of texts`, { answered: true })
}
