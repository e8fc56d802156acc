import { bridgePort } from '../../wire/netlink/bridge-port.ts'
import { linkMessage, RTM_GETLINK, RTM_SETLINK } from '../../wire/netlink/link.ts'
import { AF_BRIDGE } from '../sockets/address-family.ts'
import type { NetlinkSocket } from './netlink-socket.ts'

/** How a bridge treats one of its ports; what is not named stays. */
export interface BridgePortSettings {
  /** Sends a frame back through the port that it came from. */
  readonly hairpin?: boolean
  /** Reaches only ports that are not isolated. */
  readonly isolated?: boolean
  /** Takes hardware addresses from what it hears. */
  readonly learning?: boolean
  /** Gets frames for hardware addresses that nobody knows. */
  readonly floodUnicast?: boolean
  readonly floodMulticast?: boolean
  readonly floodBroadcast?: boolean
  /** Answers ARP and NDP for what the bridge knows, rather than letting it through. */
  readonly neighbourSuppress?: boolean
}

const names = [
  'hairpin',
  'isolated',
  'learning',
  'floodUnicast',
  'floodMulticast',
  'floodBroadcast',
  'neighbourSuppress',
] as const satisfies readonly (keyof BridgePortSettings)[]

/** Tells the bridge how to treat a port, by the port's index. @throws {KernelError} when it is not a port of a bridge */
export function setBridgePort(netlink: NetlinkSocket, index: number, settings: BridgePortSettings): void {
  const values = names.filter((name) => settings[name] !== undefined).map((name) => [name, Number(settings[name])])
  const portInfo = bridgePort.encode(Object.fromEntries(values))
  const header = { family: AF_BRIDGE, type: 0, index, flags: 0, change: 0 }
  netlink.request(`change bridge port ${index}`, RTM_SETLINK, 0, linkMessage.encode(header, { portInfo }))
}

/** How the bridge treats a port; undefined for what is not a port of a bridge. */
export function readBridgePort(netlink: NetlinkSocket, index: number): Required<BridgePortSettings> | undefined {
  const question = linkMessage.encode({ family: 0, type: 0, index, flags: 0, change: 0 })
  const [reply] = netlink.request(`read bridge port ${index}`, RTM_GETLINK, 0, question)
  const { portKind, portData } = (reply && linkMessage.decode(reply).attributes.info) ?? {}
  if (portKind !== 'bridge' || portData === undefined) return undefined
  const port = bridgePort.decode(portData)
  const is = (name: (typeof names)[number]): boolean => port[name] === 1
  return {
    hairpin: is('hairpin'),
    isolated: is('isolated'),
    learning: is('learning'),
    floodUnicast: is('floodUnicast'),
    floodMulticast: is('floodMulticast'),
    floodBroadcast: is('floodBroadcast'),
    neighbourSuppress: is('neighbourSuppress'),
  }
}
