import { isIP } from 'node:net'
import { parsePrefix } from '../../network/ipam/prefix.ts'

type Check<T> = (value: T) => string | undefined
type Family = 4 | 6

/** An address of that family, or of either; empty says nothing. */
export function address(family?: Family): Check<string> {
  const wanted = family === undefined ? 'an IP address' : `an IPv${family} address`
  return (value) => {
    const version = isIP(value)
    return value === '' || (family === undefined ? version !== 0 : version === family) ? undefined : `not ${wanted}`
  }
}

/** An address or a block with its length; empty says nothing. */
export function prefix(family: Family): Check<string> {
  return (value) =>
    value === '' || parsePrefix(value)?.family === `ipv${family}`
      ? undefined
      : `not an IPv${family} address with a prefix length`
}

/** Addresses only. */
export const addresses: Check<readonly string[]> = (values) => {
  const wrong = values.find((value) => isIP(value) === 0)
  return wrong === undefined ? undefined : `${wrong} is not an ip address`
}

/** Bounds, both allowed. */
export function between(least: number, most: number): Check<number> {
  return (value) => (value >= least && value <= most ? undefined : `not between ${least} and ${most}`)
}

/** A mark of the packet filter, with a mask or without one; empty says nothing. */
export const firewallMark: Check<string> = (value) => {
  const numbers = value === '' ? [] : value.split('/')
  const isMark = (number: string) => /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(number) && Number(number) < 2 ** 32
  return numbers.length < 3 && numbers.every(isMark) ? undefined : `invalid firewall mark ${JSON.stringify(value)}`
}

/** Every pool is a block that can be cut into subnets of its size. */
export const usablePools: Check<readonly { readonly base: string; readonly size: number }[]> = (values) => {
  const wrong = values.find(({ base, size }) => {
    const block = parsePrefix(base)
    return block === undefined || size < block.length || size > (block.family === 'ipv4' ? 32 : 128)
  })
  return wrong === undefined ? undefined : `no subnets of ${wrong.size} bits in ${wrong.base}`
}

/** Web addresses with nothing but a host and a path. */
export const urls: Check<readonly string[]> = (values) => {
  const wrong = values.find((value) => !/^https?:\/\/[^/?#@]+(\/[^?#]*)?$/.test(value) || !URL.canParse(value))
  return wrong === undefined ? undefined : `invalid mirror: ${JSON.stringify(wrong)}`
}

/** Registries as they stand before the name of an image, and blocks of addresses. */
export const registryNames: Check<readonly string[]> = (values) => {
  const wrong = values.find((value) => {
    const isBlock = /^[0-9a-fA-F.:]+\/\d+$/.test(value) && parsePrefix(value) !== undefined
    return !isBlock && !/^(?:\[[0-9a-fA-F:]+\]|[\w.-]+)(?::\d+)?$/.test(value)
  })
  return wrong === undefined ? undefined : `insecure registry ${JSON.stringify(wrong)} is no host[:port] and no block`
}
