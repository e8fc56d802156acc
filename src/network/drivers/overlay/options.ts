import { EngineError } from '../../../base/errors.ts'

/** What the options of an overlay network say. */
export interface OverlayOptions {
  /** Numbers wished for the subnets, in their order. */
  readonly vnis: readonly number[]
  /** Bytes that the wire between the hosts carries at once; undefined: what it is known to. */
  readonly underlayMtu: number | undefined
  readonly encrypted: boolean
  readonly interfacePrefix: string
}

const prefix = 'com.docker.network.driver.'
/** A VNI has 24 bits; 0 means none. */
const largestVni = 0xff_ffff
const largestMtu = 65_535

/** The options' names, as Docker's clients write them. @source moby, drivers/overlay/ov_network.go */
export const overlayLabels = {
  vnis: `${prefix}overlay.vxlanid_list`,
  mtu: `${prefix}mtu`,
  encrypted: 'encrypted',
  interfacePrefix: 'com.docker.network.container_iface_prefix',
  /** How packets get to other hosts: `vxlan`, or one of the driver's `backends`. */
  backend: 'backend',
} as const

/** @throws {EngineError} `invalid-argument` */
export function parseOverlayOptions(options: Readonly<Record<string, string>>): OverlayOptions {
  checkBackend(options[overlayLabels.backend] || 'vxlan')
  return {
    vnis: vnis(options[overlayLabels.vnis] ?? ''),
    underlayMtu: mtu(options[overlayLabels.mtu] ?? ''),
    encrypted: isSet(options[overlayLabels.encrypted]),
    interfacePrefix: options[overlayLabels.interfacePrefix] || 'eth',
  }
}

function checkBackend(backend: string): void {
  if (backend === 'vxlan') return
  const about = `Cannot create network with backend "${backend}"`
  throw new EngineError('invalid-argument', `${about}: overlay networks have "vxlan" and "host-gw"`)
}

function vnis(list: string): readonly number[] {
  const texts = list === '' ? [] : list.split(',').map((text) => text.trim())
  const bad = texts.find((text) => !/^\d{1,8}$/.test(text) || Number(text) < 1 || Number(text) > largestVni)
  if (bad !== undefined) throw notParsed(overlayLabels.vnis, list, `"${bad}" is not a number from 1 to ${largestVni}`)
  if (new Set(texts.map(Number)).size < texts.length)
    throw notParsed(overlayLabels.vnis, list, 'a number is there twice')
  return texts.map(Number)
}

function mtu(value: string): number | undefined {
  if (value === '') return undefined
  if (!/^[+-]?\d+$/.test(value)) {
    throw notParsed(overlayLabels.mtu, value, `strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`)
  }
  const bytes = Number(value)
  if (bytes < 0 || bytes > largestMtu) throw notParsed(overlayLabels.mtu, value, 'value is out of range')
  return bytes === 0 ? undefined : bytes
}

/** `--opt encrypted` has no value. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && !/^(0|f|F|false|FALSE|False)$/.test(value)
}

function notParsed(label: string, value: string, why: string): EngineError {
  return new EngineError('invalid-argument', `failed to parse ${label} value: ${value} (${why})`)
}
