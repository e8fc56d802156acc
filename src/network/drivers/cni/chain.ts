import { existsSync } from 'node:fs'
import type { NetworkNamespace } from '../../../kernel/namespace.ts'
import type { CniAttachment } from './attachments.ts'
import type { CniConfig, PluginConfig } from './config.ts'
import { pluginProgram } from './plugin-program.ts'
import { type CniResult, parseResult, withoutWaysOut } from './result.ts'
import { runPlugin } from './run-plugin.ts'
import { knowsCheck } from './versions.ts'

/** How plugins are called. */
export interface PluginHost {
  /** Where they are looked for: `"/opt/cni/bin:/usr/lib/cni"`. */
  readonly path: string
  /** Of the host, which they change. */
  readonly namespace: NetworkNamespace
  readonly timeoutMs: number
}

/** Calls the plugins one after the other. @returns what the last one says @throws {EngineError} at the first that fails */
export async function add(attachment: CniAttachment, host: PluginHost): Promise<CniResult> {
  let result: CniResult | undefined
  for (const plugin of attachment.config.plugins) {
    result = parseResult(plugin.type, await call('ADD', attachment, plugin, result, host))
  }
  return result ?? {}
}

/** Calls the plugins in reverse order. @throws {EngineError} at the first that fails: it may be called again */
export async function del(attachment: CniAttachment, host: PluginHost): Promise<void> {
  const { config, result } = attachment
  const previous = knowsCheck(config.cniVersion) ? result : undefined // on DEL they get it since 0.4.0
  for (const plugin of config.plugins.toReversed()) await call('DEL', attachment, plugin, previous, host)
}

/** Has the plugins compare. @throws {EngineError} when one finds something else than ADD has made */
export async function check(attachment: CniAttachment, host: PluginHost): Promise<void> {
  const { config, result } = attachment
  if (config.disableCheck || !knowsCheck(config.cniVersion) || result === undefined) return
  for (const plugin of config.plugins) await call('CHECK', attachment, plugin, withoutWaysOut(result), host)
}

/**
 * What one plugin is told. Pure.
 *
 * @source CNI SPEC.md 1.1, "Deriving request configuration from plugin configuration"
 */
export function requestFor(
  { cniVersion, name }: Pick<CniConfig, 'cniVersion' | 'name'>,
  { capabilities = {}, ...plugin }: PluginConfig,
  offered: Readonly<Record<string, unknown>>,
  previous: CniResult | undefined,
): Readonly<Record<string, unknown>> {
  const runtimeConfig = Object.fromEntries(Object.entries(offered).filter(([key]) => capabilities[key] === true))
  return {
    ...plugin,
    cniVersion,
    name,
    ...(Object.keys(runtimeConfig).length > 0 && { runtimeConfig }),
    ...(previous && { prevResult: previous }),
  }
}

async function call(
  command: 'ADD' | 'DEL' | 'CHECK',
  { id, interfaceName, netns, args, config, capabilities }: CniAttachment,
  plugin: PluginConfig,
  previous: CniResult | undefined,
  { path, namespace, timeoutMs }: PluginHost,
): Promise<string> {
  // Plugins are to do without a namespace that has ended, but stumble over a path that leads nowhere.
  const sandbox = existsSync(netns) ? netns : ''
  return await runPlugin({
    program: pluginProgram(plugin.type, path),
    command,
    env: { CNI_CONTAINERID: id, CNI_NETNS: sandbox, CNI_IFNAME: interfaceName, CNI_ARGS: args, CNI_PATH: path },
    input: requestFor(config, plugin, capabilities, previous),
    namespace,
    timeoutMs,
  })
}
