import { isIP } from 'node:net'
import type { ClusterNode, SharedEndpoint, SharedNetwork, SharedSubnet } from '../model.ts'

/** What a node says of itself as long as it lives. */
export interface NodeLife {
  /** Of the machine's running system: the same for two starts of an engine, another for a copy of the machine. */
  readonly boot: string
  readonly engineVersion: string
}

/** What a node has registered for good. */
export type NodeRegistration = Pick<ClusterNode, 'name' | 'address' | 'mtu'>

/** Version of the values' shape: one that is higher is a newer engine's, and not for us to read. */
const version = 1

type Json = Readonly<Record<string, unknown>>
type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isFlag: Check = (value) => typeof value === 'boolean'
const isId: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText)
const isTextMap: Check = (value) => isObject(value) && Object.values(value).every(isText)
const isAddress: Check = (value) => typeof value === 'string' && isIP(value) !== 0 && !value.includes('%')
const isMtu: Check = (value) => Number.isInteger(value) && (value as number) >= 68 && (value as number) <= 65_535
const isVni: Check = (value) => Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 24
const isMac: Check = (value) => typeof value === 'string' && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(value)
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

/** An address of family 4 or 6 with its length. */
function isCidr(family: 4 | 6): Check {
  return (value) => {
    const [, address = '', length] = /^([^/%]+)\/(\d{1,3})$/.exec(isText(value) ? (value as string) : '') ?? []
    return isIP(address) === family && Number(length) <= (family === 4 ? 32 : 128)
  }
}

const isSubnet: Check = (value) => {
  if (!isObject(value)) return false
  const { subnet, ipRange, gateway, auxAddresses } = value
  const isBlock: Check = (block) => isCidr(4)(block) || isCidr(6)(block)
  return isBlock(subnet) && maybe(isBlock)(ipRange) && maybe(isAddress)(gateway) && maybe(isTextMap)(auxAddresses)
}

const shapes = {
  cluster: { id: isId },
  life: { boot: isText, engineVersion: isText },
  registration: { name: isText, address: isAddress, mtu: isMtu },
  network: {
    id: isId,
    name: isText,
    driver: isText,
    created: isText,
    createdBy: isId,
    vni: isVni,
    subnets: (value) => Array.isArray(value) && value.every(isSubnet),
    enableIPv4: isFlag,
    enableIPv6: isFlag,
    internal: isFlag,
    attachable: isFlag,
    mtu: isMtu,
    hostPrefixLength: maybe((value) => Number.isInteger(value) && (value as number) > 0 && (value as number) <= 32),
    ipamOptions: isTextMap,
    options: isTextMap,
    labels: isTextMap,
  },
  endpoint: {
    id: isId,
    networkId: isId,
    nodeId: isId,
    containerId: isText,
    containerName: isText,
    mac: isMac,
    ipv4: maybe(isCidr(4)),
    ipv6: maybe(isCidr(6)),
    dnsNames: isTexts,
    aliases: isTexts,
  },
} as const satisfies Record<string, Readonly<Record<string, Check>>>

/** Text of a record as a value in etcd; its fields in one order, so that equal records are equal texts. */
export function formatRecord(kind: keyof typeof shapes, record: object): string {
  const fields = Object.keys(shapes[kind]).map((name) => [name, (record as Json)[name]])
  return JSON.stringify({ version, ...Object.fromEntries(fields) })
}

/** @returns undefined for what is not the identity of a cluster */
export const parseClusterId = (text: string): string | undefined => parse<{ id: string }>('cluster', text)?.id
/** @returns undefined for what is not a node's life */
export const parseLife = (text: string): NodeLife | undefined => parse('life', text)
/** @returns undefined for what is not a registration */
export const parseRegistration = (text: string): NodeRegistration | undefined => parse('registration', text)
/** @returns undefined for what is not a network */
export const parseNetwork = (text: string): SharedNetwork | undefined => parse('network', text)
/** @returns undefined for what is not an endpoint */
export const parseEndpoint = (text: string): SharedEndpoint | undefined => parse('endpoint', text)

/** The address of `"10.0.0.2/24"`, without its length. */
export function bareAddress(cidr: string): string {
  return cidr.split('/', 1)[0]!
}

/** The addresses of an endpoint, without their lengths. */
export function addressesOf({ ipv4, ipv6 }: Pick<SharedEndpoint, 'ipv4' | 'ipv6'>): readonly string[] {
  return [ipv4, ipv6].flatMap((one) => (one === undefined ? [] : [bareAddress(one)]))
}

/** True for a subnet of IPv6. */
export function isIPv6Subnet({ subnet }: Pick<SharedSubnet, 'subnet'>): boolean {
  return subnet.includes(':')
}

function parse<T>(kind: keyof typeof shapes, text: string): T | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined // somebody else's
  }
  if (!isObject(value) || value['version'] !== version) return undefined
  const checks = Object.entries<Check>(shapes[kind])
  if (!checks.every(([name, check]) => check(value[name]))) return undefined
  return Object.fromEntries(
    checks.flatMap(([name]) => (value[name] === undefined ? [] : [[name, value[name]]])),
  ) as unknown as T
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
