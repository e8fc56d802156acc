import { findLink } from '../../../kernel/netlink/links.ts'
import type { NetlinkSocket } from '../../../kernel/netlink/netlink-socket.ts'
import { isMark } from '../../link-marks.ts'
import { bridgeLabels } from './options.ts'

const usualName = 'docker0'
const otherName = 'wharf0'

/**
 * The options of the default network, as Docker's clients expect to see them.
 *
 * Its bridge is `docker0`, unless the host has one that is not ours: then `wharf0`.
 *
 * @param before the options that it had until now
 */
export function defaultBridgeOptions(
  host: NetlinkSocket,
  mtu: number,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const present = findLink(host, usualName)
  const isForeign = present !== undefined && !isMark(present.alias)
  return {
    [bridgeLabels.isDefault]: 'true',
    [bridgeLabels.icc]: 'true',
    [bridgeLabels.masquerade]: 'true',
    [bridgeLabels.hostBinding]: '0.0.0.0',
    [bridgeLabels.name]: isForeign ? otherName : (before[bridgeLabels.name] ?? usualName),
    [bridgeLabels.mtu]: String(mtu),
  }
}
