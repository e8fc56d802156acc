import { EngineError } from '../../../base/errors.ts'
import type { ipvlanFlags, ipvlanModes } from '../../../wire/netlink/link-kinds.ts'

const modes = ['l2', 'l3', 'l3s'] as const satisfies readonly (keyof typeof ipvlanModes)[]
const flags = ['bridge', 'private', 'vepa'] as const satisfies readonly (keyof typeof ipvlanFlags)[]

/** `l2`: containers ask the LAN by ARP and NDP; `l3`: the host routes for them; `l3s`: that, by its netfilter too. */
export type IpvlanMode = (typeof modes)[number]

/** Whether containers of the network reach each other: `bridge`, never (`private`), or by a switch that sends back. */
export type IpvlanFlag = (typeof flags)[number]

/** What the options of an ipvlan network say. */
export interface IpvlanOptions {
  readonly mode: IpvlanMode
  readonly flag: IpvlanFlag
  readonly interfacePrefix: string
}

/** The options' names, as Docker's clients write them. @source moby, drivers/ipvlan/ipvlan.go */
export const ipvlanLabels = {
  mode: 'ipvlan_mode',
  flag: 'ipvlan_flag',
  interfacePrefix: 'com.docker.network.container_iface_prefix',
} as const

/** @throws {EngineError} `internal`, with Docker's words */
export function parseIpvlanOptions(options: Readonly<Record<string, string>>): IpvlanOptions {
  const [modeText, flagText] = [options[ipvlanLabels.mode] || 'l2', options[ipvlanLabels.flag] || 'bridge']
  const mode = modes.find((one) => one === modeText)
  const flag = flags.find((one) => one === flagText)
  if (mode === undefined) {
    const text = `requested ipvlan mode '${modeText}' is not valid, 'l2' mode is the ipvlan driver default`
    throw new EngineError('internal', text)
  }
  if (flag === undefined) {
    const text = `requested ipvlan flag '${flagText}' is not valid, 'bridge' is the ipvlan driver default`
    throw new EngineError('internal', text)
  }
  return { mode, flag, interfacePrefix: options[ipvlanLabels.interfacePrefix] || 'eth' }
}
