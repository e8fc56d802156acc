import { EngineError } from '../../base/errors.ts'
import type { ForeignWish, PortWish } from '../../network/networking.ts'
import type { CniCall } from '../../protocol/cni.ts'

type Json = Readonly<Record<string, unknown>>

/** Who is meant by a call: required in ADD, CHECK and DEL. */
export interface CniContainer {
  readonly containerId: string
  readonly interfaceName: string
}

/** @throws {EngineError} `invalid-argument` for what the specification does not allow */
export function cniContainer({ ContainerID = '', IfName = '' }: CniCall): CniContainer {
  // A directory is called so: 255 bytes is what its name may have.
  if (!/^[A-Za-z0-9][\w.-]{0,254}$/.test(ContainerID))
    refuse(`CNI_CONTAINERID ${JSON.stringify(ContainerID)} is not allowed`)
  if (IfName === '') refuse('CNI_IFNAME is missing')
  return { containerId: ContainerID, interfaceName: IfName }
}

/** The network that a configuration means: `network`, else its own name. */
export function cniNetwork({ Config = {} }: CniCall): { readonly network: string; readonly owner: string } {
  const owner = textOf(Config, 'name') ?? refuse('the configuration has no "name"')
  return { network: textOf(Config, 'network') ?? owner, owner }
}

/**
 * What an ADD asks for. Pure.
 *
 * @throws {EngineError} `invalid-argument` for values of a wrong shape
 * @source CNI SPEC.md 1.1, section 2, and CONVENTIONS.md
 */
export function cniWish(call: CniCall): ForeignWish {
  const { Config = {}, NetNS = '' } = call
  const { containerId, interfaceName } = cniContainer(call)
  const args = parseArgs(call.Args ?? '')
  const runtime = objectOf(Config['runtimeConfig'], 'runtimeConfig')
  const given = objectOf(objectOf(Config['args'], 'args')['cni'], 'args.cni')
  const ips = listOf(runtime['ips'] ?? given['ips'] ?? (args['IP'] === undefined ? [] : args['IP'].split(',')), 'ips')
  const mac = runtime['mac'] ?? args['MAC']
  const name = args['K8S_POD_NAME'] ?? containerId
  const space = args['K8S_POD_NAMESPACE']
  const addresses = ips.map((ip) => ip.split('/', 1)[0]!)
  const [ipv4, ipv6] = [addresses.find((one) => !one.includes(':')), addresses.find((one) => one.includes(':'))]
  return {
    ...cniNetwork(call),
    containerId,
    namespacePath: NetNS === '' ? refuse('CNI_NETNS is missing') : NetNS,
    interfaceName,
    name,
    aliases: [...(space === undefined || space === name ? [] : [`${name}.${space}`]), ...aliasesOf(runtime['aliases'])],
    ports: portsOf(runtime['portMappings']),
    ...(ipv4 !== undefined && { ipv4 }),
    ...(ipv6 !== undefined && { ipv6 }),
    ...(typeof mac === 'string' && { mac }),
  }
}

/** The addresses that an interface of the container got, as the caller remembers it. */
export function expectedAddresses({ Config = {} }: CniCall, interfaceName: string): readonly string[] {
  const { interfaces, ips } = objectOf(Config['prevResult'], 'prevResult')
  if (!Array.isArray(ips) || !Array.isArray(interfaces)) return []
  return ips.flatMap((entry) => {
    const { address, interface: index } = objectOf(entry, 'prevResult.ips')
    const { name, sandbox } = objectOf(interfaces[Number(index)], 'prevResult.interfaces')
    return name === interfaceName && sandbox ? [String(address)] : []
  })
}

/** What the owner still has, of GC. */
export function validAttachments({ Config = {} }: CniCall): readonly CniContainer[] {
  const list = Config['cni.dev/valid-attachments'] ?? Config['cni.dev/attachments']
  if (!Array.isArray(list)) return refuse('"cni.dev/valid-attachments" is not a list')
  return list.map((entry) => {
    const { containerID, ifname } = objectOf(entry, 'cni.dev/valid-attachments')
    return { containerId: String(containerID), interfaceName: String(ifname) }
  })
}

/** `"FOO=BAR;ABC=123"` */
function parseArgs(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(';').filter((pair) => pair !== '')
  const wrong = pairs.find((pair) => !pair.includes('='))
  if (wrong !== undefined) refuse(`CNI_ARGS ${JSON.stringify(wrong)} is no pair`)
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
}

/** A list, or, as Podman has it, lists by network. */
function aliasesOf(value: unknown): readonly string[] {
  if (value === undefined || value === null || Array.isArray(value)) return listOf(value ?? [], 'aliases')
  return Object.values(objectOf(value, 'aliases')).flatMap((list) => listOf(list, 'aliases'))
}

function portsOf(value: unknown): PortWish[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) return refuse('"portMappings" is not a list')
  return value.flatMap((entry) => {
    const { hostPort, containerPort, protocol = 'tcp', hostIP = '' } = objectOf(entry, 'portMappings')
    if (hostPort === 0 || hostPort === undefined) return [] // not published on the host
    const word = String(protocol).toLowerCase()
    if (word !== 'tcp' && word !== 'udp' && word !== 'sctp') return refuse(`protocol ${word} cannot be published`)
    const [from, inside] = [portOf(hostPort), portOf(containerPort)]
    return [{ protocol: word, containerPort: inside, hostAddress: String(hostIP), hostPorts: { from, to: from } }]
  })
}

function portOf(value: unknown): number {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535) return Number(value)
  return refuse(`${JSON.stringify(value)} is no port`)
}

function textOf(object: Json, key: string): string | undefined {
  const value = object[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function listOf(value: unknown, what: string): readonly string[] {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  return refuse(`"${what}" is not a list of text`)
}

function objectOf(value: unknown, what: string): Json {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Json
  return refuse(`"${what}" is not an object`)
}

function refuse(why: string): never {
  throw new EngineError('invalid-argument', `Cannot use the CNI call: ${why}`)
}
