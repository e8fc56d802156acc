/** Address families. @source socket(2), address_families(7) */
export const AF_UNSPEC = 0
export const AF_UNIX = 1
export const AF_INET = 2
export const AF_BRIDGE = 7
export const AF_INET6 = 10
export const AF_NETLINK = 16
export const AF_PACKET = 17

/** `AF_INET` or `AF_INET6`, by how the address is written. */
export function familyOf(address: string): number {
  return address.includes(':') ? AF_INET6 : AF_INET
}

/** An address with a length, split: `"10.0.0.0/8"`. Without one, it is a host: 32 or 128. */
export function splitPrefix(prefix: string): { readonly address: string; readonly length: number } {
  const [address = '', length] = prefix.split('/')
  return { address, length: length === undefined ? (familyOf(address) === AF_INET6 ? 128 : 32) : Number(length) }
}
