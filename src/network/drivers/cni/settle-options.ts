import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { EngineError } from '../../../base/errors.ts'
import type { PluginHost } from './chain.ts'
import { parseConfig, type ReadConfig, renderConfig } from './config.ts'
import { cniOptions } from './plan.ts'
import { pluginProgram } from './plugin-program.ts'
import { runPlugin } from './run-plugin.ts'
import { chooseVersion, supportedVersions } from './versions.ts'

type Options = Readonly<Record<string, string>>

/** Bytes */
const largestFile = 1 << 20

/**
 * Reads the configuration that `conf` names, looks whether its plugins are there and which version all of them speak, and
 * answers the options with the configuration itself in them.
 *
 * @throws {EngineError} that says what is wrong with it
 */
export async function settleOptions(network: string, options: Options, host: PluginHost): Promise<Options> {
  checkNames(network, options)
  const text = options[cniOptions.config] ?? (await readConfig(network, options[cniOptions.file]))
  const config = parseConfig(text, network)
  const cniVersion = await agreeOnVersion(config, host)
  const { name, disableCheck, plugins } = config
  return { ...options, [cniOptions.config]: renderConfig({ cniVersion, name, disableCheck, plugins }) }
}

function checkNames(network: string, options: Options): void {
  const { file, config } = cniOptions
  const refuse = (why: string): never => {
    throw new EngineError('invalid-argument', `Cannot create network "${network}": ${why}`)
  }
  // With a dot: labels of Docker's, which every driver is given.
  const unknown = Object.keys(options).find((key) => key !== file && key !== config && !key.includes('.'))
  if (unknown !== undefined)
    refuse(`driver "cni" knows no option "${unknown}": its options are "${file}" and "${config}"`)
  if (options[file] === undefined && options[config] === undefined) refuse(`driver "cni" needs -o ${file}=FILE`)
  if (options[file] !== undefined && options[config] !== undefined) {
    refuse(`options "${file}" and "${config}" both say the configuration: leave one out`)
  }
}

async function readConfig(network: string, path = ''): Promise<string> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new EngineError('invalid-argument', `Cannot create network "${network}": ${why}`, { cause })
  }
  if (!path.startsWith('/')) refuse(`"${path}" is no absolute path on the engine's host`)
  try {
    // What is no file may have no end, or nobody who writes: it is not even waited for.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const info = await file.stat()
    if (!info.isFile()) refuse(`${path} is no file`)
    if (info.size > largestFile) refuse(`${path} is too large for a CNI configuration`)
    return await file.readFile('utf8')
  } catch (cause) {
    if (cause instanceof EngineError) throw cause
    return refuse(`cannot read the CNI configuration: ${(cause as Error).message}`, cause)
  }
}

async function agreeOnVersion({ cniVersions, plugins }: ReadConfig, host: PluginHost): Promise<string> {
  const managers = plugins.flatMap(({ ipam }) => (ipam?.type === undefined ? [] : [ipam.type]))
  for (const type of managers) pluginProgram(type, host.path)
  const types = [...new Set(plugins.map(({ type }) => type))]
  const programs = types.map((type) => pluginProgram(type, host.path))
  if (chooseVersion(cniVersions, []) === undefined) {
    throw new EngineError(
      'invalid-argument',
      `Cannot use the CNI configuration: it is for version ${cniVersions.join(', ')}, the engine speaks ${supportedVersions.join(', ')}`,
    )
  }
  const spoken = await Promise.all(programs.map((program) => askVersions(program, host)))
  const version = chooseVersion(cniVersions, spoken)
  if (version !== undefined) return version
  const list = types.map((type, i) => `${type} speaks ${spoken[i]!.join(', ')}`).join('; ')
  throw new EngineError(
    'invalid-argument',
    `Cannot use the CNI configuration: it is for version ${cniVersions.join(', ')}, but ${list}`,
  )
}

async function askVersions(program: string, { path, namespace, timeoutMs }: PluginHost): Promise<readonly string[]> {
  const input = { cniVersion: supportedVersions.at(-1) }
  const answer = await runPlugin({ program, command: 'VERSION', env: { CNI_PATH: path }, input, namespace, timeoutMs })
  try {
    const { supportedVersions: list } = JSON.parse(answer)
    if (Array.isArray(list) && list.every((version) => typeof version === 'string')) return list
  } catch (cause) {
    throw new EngineError('internal', `VERSION of CNI plugin ${program}: its answer is not JSON`, { cause })
  }
  throw new EngineError('internal', `VERSION of CNI plugin ${program}: it does not say which versions it speaks`)
}
