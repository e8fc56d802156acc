import { findLink } from '../../../kernel/netlink/links.ts'
import type { NetlinkSocket } from '../../../kernel/netlink/netlink-socket.ts'
import { isMark } from '../../cables/link-marks.ts'
import type { DefaultBridgeConfig } from '../../config.ts'
import { bridgeLabels } from './options.ts'

const usualName = 'docker0'
const otherName = 'wharf0'

/**
 * The options of the default network, as Docker's clients expect to see them.
 *
 * Its bridge is `docker0`, unless the host has one that is not ours: then `wharf0`.
 *
 * One that the settings name is somebody else's: it must be there, and stays as it is.
 *
 * @param before the options that it had until now
 */
export function defaultBridgeOptions(
  host: NetlinkSocket,
  config: DefaultBridgeConfig,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return {
    [bridgeLabels.isDefault]: 'true',
    [bridgeLabels.icc]: String(config.icc),
    [bridgeLabels.masquerade]: String(config.ipMasq),
    [bridgeLabels.hostBinding]: config.hostAddress,
    [bridgeLabels.name]: config.bridge || ownName(host, before[bridgeLabels.name]),
    ...(config.mtu > 0 && { [bridgeLabels.mtu]: String(config.mtu) }),
  }
}

/** True: the bridge of the default network has a name that only we give, so it is ours to make. */
export function isOwnDefaultName(name: string): boolean {
  return name === usualName || name === otherName
}

function ownName(host: NetlinkSocket, before = usualName): string {
  const present = findLink(host, usualName)
  if (present !== undefined && !isMark(present.alias)) return otherName
  return isOwnDefaultName(before) ? before : usualName
}
