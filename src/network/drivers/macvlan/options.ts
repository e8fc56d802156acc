import { EngineError } from '../../../base/errors.ts'
import type { macvlanModes } from '../../../wire/netlink/link-kinds.ts'
import { parseBool } from '../../networks/booleans.ts'

const modes = ['bridge', 'private', 'vepa', 'passthru'] as const satisfies readonly (keyof typeof macvlanModes)[]

/**
 * Whom a container of a network reaches directly.
 *
 * `bridge`: the others on the same parent, and the LAN; `vepa`: the others by way of a switch that sends frames back;
 * `private`: never the others; `passthru`: it has the parent to itself.
 */
export type MacvlanMode = (typeof modes)[number]

/** What the options of a macvlan network say. */
export interface MacvlanOptions {
  readonly mode: MacvlanMode
  /** The host has an interface of its own on the network. */
  readonly hostAccess: boolean
  readonly interfacePrefix: string
}

/** The options' names, as Docker's clients write them; `host_access` is Wharf's own. */
export const macvlanLabels = {
  mode: 'macvlan_mode',
  hostAccess: 'host_access',
  interfacePrefix: 'com.docker.network.container_iface_prefix',
} as const

/** @throws {EngineError} `internal` with Docker's words, `invalid-argument` for what Docker does not have */
export function parseMacvlanOptions(options: Readonly<Record<string, string>>): MacvlanOptions {
  const mode = parseMode(options[macvlanLabels.mode] || 'bridge')
  const hostAccess = parseHostAccess(options[macvlanLabels.hostAccess] || 'false')
  if (hostAccess && mode !== 'bridge') {
    const why = `it needs mode "bridge", and the network has "${mode}"`
    throw new EngineError('invalid-argument', `Cannot give the host access to the network: ${why}`)
  }
  return { mode, hostAccess, interfacePrefix: options[macvlanLabels.interfacePrefix] || 'eth' }
}

function parseMode(text: string): MacvlanMode {
  const mode = modes.find((one) => one === text)
  if (mode !== undefined) return mode
  throw new EngineError(
    'internal',
    `requested macvlan mode '${text}' is not valid, 'bridge' mode is the macvlan driver default`,
  )
}

function parseHostAccess(text: string): boolean {
  const truth = parseBool(text)
  if (truth !== undefined) return truth
  const why = `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`
  throw new EngineError('invalid-argument', `failed to parse ${macvlanLabels.hostAccess} value: ${text} (${why})`)
}
