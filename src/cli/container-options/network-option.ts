import { splitPair } from '../flags/flags.ts'
import { splitCsv } from '../flags/values.ts'

/** One `--network`: a name, and what the long form says about the container's place in it. */
export interface NetworkOption {
  readonly target: string
  readonly aliases: readonly string[]
  readonly links: readonly string[]
  readonly driverOpts: Readonly<Record<string, string>>
  readonly ip: string
  readonly ip6: string
  readonly linkLocalIps: readonly string[]
  readonly macAddress: string
  readonly gwPriority: number
}

/** Nothing but the name. */
export function plainNetwork(target: string): NetworkOption {
  return {
    target,
    aliases: [],
    links: [],
    driverOpts: {},
    ip: '',
    ip6: '',
    linkLocalIps: [],
    macAddress: '',
    gwPriority: 0,
  }
}

/**
 * Reads one `--network`: `"my_net2"`, `"container:web"`, or `"name=my_net2,alias=db,ip=172.22.0.9"`, whose keys and
 * values are lower-cased, as Docker does.
 *
 * @throws {Error} with Docker's words
 */
export function parseNetworkOption(text: string): NetworkOption {
  if (!/^\w[\w-]*=/.test(text)) return plainNetwork(text)
  let option = plainNetwork('')
  for (const field of splitCsv(text)) {
    const [key, value] = splitPair(field.toLowerCase())
    if (!field.includes('=')) throw new Error(`invalid field ${field}`)
    option = { ...option, ...readField(option, key.trim(), value.trim(), splitPair(field)[1].trim()) }
  }
  if (option.target === '') throw new Error('network name/id is not specified')
  return option
}

function readField(option: NetworkOption, key: string, value: string, asWritten: string): Partial<NetworkOption> {
  switch (key) {
    case 'name':
      return { target: value }
    case 'alias':
      return { aliases: [...option.aliases, value] }
    case 'ip':
      return { ip: value }
    case 'ip6':
      return { ip6: value }
    case 'mac-address':
      return { macAddress: checkMac(value) }
    case 'link-local-ip':
      return { linkLocalIps: [...option.linkLocalIps, value] }
    case 'driver-opt':
      return { driverOpts: { ...option.driverOpts, ...driverOpt(value, asWritten) } }
    case 'gw-priority':
      return { gwPriority: wholeNumber(value) }
    default:
      throw new Error(`invalid field key ${key}`)
  }
}

/** Checks a MAC address. @throws {Error} with Docker's words */
export function checkMac(text: string): string {
  if (!/^[\da-f]{2}([:-][\da-f]{2}){5}$/i.test(text)) throw new Error(`${text} is not a valid mac address`)
  return text
}

// The key of a driver option is lower-cased, its value is for the driver to read.
function driverOpt(value: string, asWritten: string): Record<string, string> {
  const [key] = splitPair(value)
  if (!value.includes('=')) throw new Error(`invalid key value pair format in driver options`)
  return { [key.trim()]: splitPair(asWritten)[1].trim() }
}

function wholeNumber(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new Error(`invalid gw-priority (${text}): invalid syntax`)
  return Number(text)
}
