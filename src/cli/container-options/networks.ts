import type { EndpointSettings } from '../../protocol/container.ts'
import type { Flags } from '../flags/flags.ts'
import { checkMac, type NetworkOption, parseNetworkOption, plainNetwork } from './network-option.ts'

/** The network part of a container's body. */
export interface NetworkOptions {
  readonly mode: string
  readonly endpoints: Record<string, EndpointSettings>
}

/**
 * Reads `--network` and its companions (`--ip`, `--network-alias`, …), which belong to the first network.
 *
 * @throws {Error} with Docker's words for what cannot be together
 */
export function parseNetworks(flags: Flags): NetworkOptions {
  const given = flags.list('network').map(parseNetworkOption)
  const [first = plainNetwork('default'), ...others] = given
  const options = [withContainerFlags(first, flags), ...others]
  const endpoints: Record<string, EndpointSettings> = {}
  for (const option of options) {
    checkOption(option)
    if (option.target in endpoints) throw new Error(`network "${option.target}" is specified multiple times`)
    endpoints[option.target] = endpointOf(option)
  }
  if (new Set(options.map(({ target }) => isUserDefined(target))).size > 1) {
    throw new Error('conflicting options: cannot attach both user-defined and non-user-defined network-modes')
  }
  return { mode: first.target, endpoints }
}

function withContainerFlags(option: NetworkOption, flags: Flags): NetworkOption {
  const userDefined = isUserDefined(option.target)
  const clash = (flag: string, own: boolean, what: string): void => {
    if (own && (flags.list(flag).length > 0 || flags.text(flag) !== '')) {
      throw new Error(`conflicting options: cannot specify both --${flag} and per-network ${what}`)
    }
  }
  clash('network-alias', option.aliases.length > 0, 'alias')
  clash('link', option.links.length > 0, 'links')
  clash('ip', option.ip !== '', 'IPv4 address')
  clash('ip6', option.ip6 !== '', 'IPv6 address')
  clash('mac-address', option.macAddress !== '', 'MAC address')
  clash('link-local-ip', option.linkLocalIps.length > 0, 'link-local IP addresses')
  return {
    ...option,
    aliases: [...option.aliases, ...flags.list('network-alias')],
    // On the default bridge links are the container's, not the endpoint's.
    links: userDefined ? flags.list('link') : [],
    ip: option.ip || flags.text('ip'),
    ip6: option.ip6 || flags.text('ip6'),
    linkLocalIps: [...option.linkLocalIps, ...flags.list('link-local-ip')],
    macAddress: option.macAddress || (flags.text('mac-address') && checkMac(flags.text('mac-address'))),
  }
}

function checkOption({ target, aliases, links }: NetworkOption): void {
  if (isUserDefined(target)) return
  if (aliases.length > 0) throw new Error('network-scoped aliases are only supported for user-defined networks')
  if (target !== 'bridge' && target !== 'default' && links.length > 0) {
    throw new Error('links are only supported for user-defined networks')
  }
}

function endpointOf(option: NetworkOption): EndpointSettings {
  const { ip, ip6, linkLocalIps, aliases, links, macAddress, driverOpts, gwPriority } = option
  const addresses = {
    ...(ip === '' ? {} : { IPv4Address: ip }),
    ...(ip6 === '' ? {} : { IPv6Address: ip6 }),
    ...(linkLocalIps.length === 0 ? {} : { LinkLocalIPs: linkLocalIps }),
  }
  return {
    ...(Object.keys(addresses).length === 0 ? {} : { IPAMConfig: addresses }),
    ...(aliases.length === 0 ? {} : { Aliases: aliases }),
    ...(links.length === 0 ? {} : { Links: links }),
    ...(macAddress === '' ? {} : { MacAddress: macAddress }),
    ...(Object.keys(driverOpts).length === 0 ? {} : { DriverOpts: driverOpts }),
    ...(gwPriority === 0 ? {} : { GwPriority: gwPriority }),
  }
}

/** True for a network that somebody created: not bridge, host, none, nor another container's. */
function isUserDefined(target: string): boolean {
  return !['', 'default', 'bridge', 'host', 'none'].includes(target) && !target.startsWith('container:')
}
