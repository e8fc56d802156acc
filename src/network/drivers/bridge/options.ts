import { isIP } from 'node:net'
import { EngineError } from '../../../base/errors.ts'
import { parseBool } from '../../networks/booleans.ts'

/** What the options of a bridge network say. */
export interface BridgeOptions {
  readonly name: string | undefined
  readonly icc: boolean
  readonly masquerade: boolean
  /** Address for published ports that name none; undefined: any, of both families. */
  readonly hostBinding: string | undefined
  /** Bytes; undefined: the engine's setting. */
  readonly mtu: number | undefined
  readonly interfacePrefix: string
  readonly inhibitIPv4: boolean
  readonly gatewayMode4: GatewayMode
  readonly gatewayMode6: GatewayMode
  /** Address that containers go out under, when it is not to be the one of the host's interface. */
  readonly hostIPv4: string | undefined
  readonly hostIPv6: string | undefined
  /** Interfaces of the host whose neighbours may reach published ports at the container's own address. */
  readonly trustedInterfaces: readonly string[]
}

const gatewayModes = ['nat', 'nat-unprotected', 'routed', 'isolated'] as const

/**
 * How a network's containers and the world see each other.
 *
 * `nat`: under the host's address only; `nat-unprotected`: that too, and directly on every port; `routed`: directly
 * only, on published ports; `isolated`: not at all, not even the host.
 */
export type GatewayMode = (typeof gatewayModes)[number]

const longestInterfaceName = 15
const prefix = 'com.docker.network.bridge.'

/** The options' names, as Docker's clients write them. @source docker-behaviour, "bridge driver options" */
export const bridgeLabels = {
  name: `${prefix}name`,
  icc: `${prefix}enable_icc`,
  masquerade: `${prefix}enable_ip_masquerade`,
  hostBinding: `${prefix}host_binding_ipv4`,
  inhibitIPv4: `${prefix}inhibit_ipv4`,
  isDefault: `${prefix}default_bridge`,
  gatewayMode4: `${prefix}gateway_mode_ipv4`,
  gatewayMode6: `${prefix}gateway_mode_ipv6`,
  mtu: 'com.docker.network.driver.mtu',
  interfacePrefix: 'com.docker.network.container_iface_prefix',
  trustedInterfaces: `${prefix}trusted_host_interfaces`,
  hostIPv4: 'com.docker.network.host_ipv4',
  hostIPv6: 'com.docker.network.host_ipv6',
} as const

/** @throws {EngineError} `invalid-argument` with Docker's words */
export function parseBridgeOptions(options: Readonly<Record<string, string>>): BridgeOptions {
  return {
    name: interfaceName(options[bridgeLabels.name]),
    icc: boolean(options, bridgeLabels.icc, true),
    masquerade: boolean(options, bridgeLabels.masquerade, true),
    hostBinding: hostBinding(options[bridgeLabels.hostBinding]),
    mtu: mtu(options[bridgeLabels.mtu]),
    interfacePrefix: interfacePrefix(options[bridgeLabels.interfacePrefix] || 'eth'),
    inhibitIPv4: boolean(options, bridgeLabels.inhibitIPv4, false),
    gatewayMode4: gatewayMode(options, bridgeLabels.gatewayMode4),
    gatewayMode6: gatewayMode(options, bridgeLabels.gatewayMode6),
    hostIPv4: hostAddress(options, bridgeLabels.hostIPv4, 4),
    hostIPv6: hostAddress(options, bridgeLabels.hostIPv6, 6),
    trustedInterfaces: trustedInterfaces(options[bridgeLabels.trustedInterfaces] ?? ''),
  }
}

function boolean(options: Readonly<Record<string, string>>, label: string, fallback: boolean): boolean {
  const value = options[label]
  if (value === undefined) return fallback
  const truth = parseBool(value)
  if (truth !== undefined) return truth
  throw notParsed(label, value, `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`)
}

function mtu(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (!/^[+-]?\d+$/.test(value)) {
    throw notParsed(bridgeLabels.mtu, value, `strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`)
  }
  const bytes = Number(value)
  if (bytes < 0) throw new EngineError('invalid-argument', `invalid MTU number: ${bytes}`)
  if (bytes > 65_535) throw notParsed(bridgeLabels.mtu, value, 'value is out of range')
  return bytes === 0 ? undefined : bytes
}

function hostBinding(value: string | undefined): string | undefined {
  if (value === undefined || value === '0.0.0.0') return value
  if (isIP(value) === 0) throw notParsed(bridgeLabels.hostBinding, value, 'nil ip')
  return value
}

function gatewayMode(options: Readonly<Record<string, string>>, label: string): GatewayMode {
  const value = options[label] ?? 'nat'
  const mode = gatewayModes.find((one) => one === value)
  if (mode === undefined) throw notParsed(label, value, `unknown gateway mode ${value}`)
  return mode
}

function hostAddress(options: Readonly<Record<string, string>>, label: string, family: 4 | 6): string | undefined {
  const value = options[label]
  if (value === undefined) return undefined
  if (isIP(value) === 0) throw notParsed(label, value, 'nil ip')
  if (isIP(value) !== family) throw notParsed(label, value, `not an IPv${family} address`)
  return value
}

/** With a number behind it, it is the name of an interface. */
function interfacePrefix(value: string): string {
  if (isInterfaceName(`${value}0`)) return value
  throw notParsed(bridgeLabels.interfacePrefix, value, `invalid interface name "${value}0"`)
}

function trustedInterfaces(value: string): readonly string[] {
  const names = value.split(':').filter((name) => name !== '')
  const bad = names.find((name) => !isInterfaceName(name))
  if (bad !== undefined) throw notParsed(bridgeLabels.trustedInterfaces, value, `invalid interface name "${bad}"`)
  return names
}

function isInterfaceName(name: string): boolean {
  const length = Buffer.byteLength(name)
  return length > 0 && length <= longestInterfaceName && !/[/\s"]/.test(name) && name !== '.' && name !== '..'
}

function interfaceName(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined
  if (!isInterfaceName(value)) {
    throw new EngineError(
      'invalid-argument',
      `Cannot create bridge "${value}": a name has 1 to ${longestInterfaceName} bytes, without blanks, quotes and slashes`,
    )
  }
  return value
}

function notParsed(label: string, value: string, why: string): EngineError {
  return new EngineError('invalid-argument', `failed to parse ${label} value: ${value} (${why})`)
}
