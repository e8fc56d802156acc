import { isIP } from 'node:net'
import { EngineError } from '../../../base/errors.ts'

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
}

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
} as const

/** @throws {EngineError} `invalid-argument` with Docker's words; `not-implemented` for a gateway mode other than `nat` */
export function parseBridgeOptions(options: Readonly<Record<string, string>>): BridgeOptions {
  for (const label of [bridgeLabels.gatewayMode4, bridgeLabels.gatewayMode6]) {
    const mode = options[label] || 'nat'
    if (mode !== 'nat')
      throw new EngineError('not-implemented', `Cannot use gateway mode "${mode}": only "nat" is known`)
  }
  return {
    name: interfaceName(options[bridgeLabels.name]),
    icc: boolean(options, bridgeLabels.icc, true),
    masquerade: boolean(options, bridgeLabels.masquerade, true),
    hostBinding: hostBinding(options[bridgeLabels.hostBinding]),
    mtu: mtu(options[bridgeLabels.mtu]),
    interfacePrefix: options[bridgeLabels.interfacePrefix] || 'eth',
    inhibitIPv4: boolean(options, bridgeLabels.inhibitIPv4, false),
  }
}

function boolean(options: Readonly<Record<string, string>>, label: string, fallback: boolean): boolean {
  const value = options[label]
  if (value === undefined || value === '') return fallback
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) return false
  throw notParsed(label, value, `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`)
}

function mtu(value: string | undefined): number | undefined {
  if (value === undefined || value === '') return undefined
  if (!/^[+-]?\d+$/.test(value)) {
    throw notParsed(bridgeLabels.mtu, value, `strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`)
  }
  const bytes = Number(value)
  if (bytes < 0 || bytes > 65_535) throw notParsed(bridgeLabels.mtu, value, 'value is out of range')
  return bytes === 0 ? undefined : bytes
}

function hostBinding(value: string | undefined): string | undefined {
  if (value === undefined || value === '' || value === '0.0.0.0') return value || undefined
  if (isIP(value) === 0) throw notParsed(bridgeLabels.hostBinding, value, 'nil ip')
  return value
}

function interfaceName(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined
  if (Buffer.byteLength(value) > longestInterfaceName || /[/\s"]/.test(value) || value === '.' || value === '..') {
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
