import { isIP } from 'node:net'

/** Where metrics are served. An empty address is every one of this host. */
export interface MetricsAddress {
  readonly address: string
  readonly port: number
}

/** Reads `127.0.0.1:9323`, `[::1]:9323`, `:9323`, `localhost:9323`; undefined for everything else: names are not looked up. */
export function parseMetricsAddress(text: string): MetricsAddress | undefined {
  const [, inner, plain = inner, port = ''] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? []
  if (plain === undefined) return undefined
  const address = plain === 'localhost' ? '127.0.0.1' : plain
  const isAddress = address === '' || isIP(address) === (inner === undefined ? 4 : 6)
  return isAddress && Number(port) >= 1 && Number(port) <= 65_535 ? { address, port: Number(port) } : undefined
}
