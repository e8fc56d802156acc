import { EngineError } from '../../base/errors.ts'
import type { NetworkNamespace } from '../../kernel/namespace.ts'
import { writeSysctl } from '../../kernel/sysctl.ts'
import { parseMac } from '../../wire/ip-address.ts'
import type { AttachmentWish } from '../networking.ts'

const prefix = 'com.docker.network.endpoint.'
const longestInterfaceName = 15

/** The options of one container's place on a network, as Docker's clients write them. */
export const endpointLabels = {
  sysctls: `${prefix}sysctls`,
  interfaceName: `${prefix}ifname`,
  mac: `${prefix}macaddress`,
} as const

type Options = Readonly<Record<string, string>>

/** The hardware address that a container insists on, in its usual form. */
export function chosenMac({ mac, driverOptions }: AttachmentWish): string | undefined {
  return parseMac(mac ?? driverOptions[endpointLabels.mac] ?? '')
}

/** What is wrong with the options of an endpoint, in Docker's words where it has them; empty: nothing. Pure. */
export function endpointOptionProblems(options: Options): string[] {
  const name = options[endpointLabels.interfaceName]
  return [
    ...sysctlsOf(options)
      .filter((sysctl) => !/^net\.(ipv4|ipv6|mpls)\.[^./]+\.(IFNAME|ifname)\.[^/]+$/.test(sysctl))
      .map(
        (sysctl) =>
          `unrecognised network interface sysctl '${sysctl}'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'`,
      ),
    ...sysctlsOf(options)
      .filter((sysctl) => !sysctl.includes('='))
      .map((sysctl) => `expected sysctl '${sysctl}' to have format name=value`),
    ...(name === undefined || isInterfaceName(name)
      ? []
      : [
          `invalid interface name ${name}: it has 1 to ${longestInterfaceName} bytes, without blanks, quotes and slashes`,
        ]),
  ]
}

/**
 * Writes the settings that an endpoint asks for, on the interface that it has got.
 *
 * @throws {EngineError} `invalid-argument` when the kernel does not know one, or not such a value
 */
export function writeEndpointSysctls(namespace: NetworkNamespace, options: Options, interfaceName: string): void {
  for (const sysctl of sysctlsOf(options)) {
    const [key = '', ...value] = sysctl.split('=')
    const [net, family, group, , ...name] = key.split('.')
    const path = [net, family, group, interfaceName, ...name].join('/')
    try {
      writeSysctl(namespace, path, value.join('='))
    } catch (cause) {
      throw new EngineError('invalid-argument', `Cannot set sysctl "${sysctl}": ${(cause as Error).message}`, { cause })
    }
  }
}

/**
 * True when the settings of the container, or of its place on this network, switch IPv6 off on the interface: the kernel
 * would take any address away again. Pure.
 *
 * @param sysctls of the container: `net.ipv6.conf.all.disable_ipv6`, or one interface's
 */
export function isIPv6Off(sysctls: Options, options: Options, interfaceName: string): boolean {
  const own = sysctlsOf(options).some((sysctl) => /^net\.ipv6\.conf\.ifname\.disable_ipv6=1$/i.test(sysctl))
  const disabled = (name: string) => sysctls[name] === '1' || sysctls[name.replaceAll('.', '/')] === '1'
  return own || ['all', 'default', interfaceName].some((name) => disabled(`net.ipv6.conf.${name}.disable_ipv6`))
}

function sysctlsOf(options: Options): string[] {
  return (options[endpointLabels.sysctls] ?? '').split(',').filter((sysctl) => sysctl !== '')
}

function isInterfaceName(name: string): boolean {
  const length = Buffer.byteLength(name)
  return length > 0 && length <= longestInterfaceName && !/[/\s":]/.test(name) && !['.', '..', 'lo'].includes(name)
}
