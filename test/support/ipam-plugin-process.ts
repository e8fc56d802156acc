/** An address manager as a plugin: `node ipam-plugin-process.ts SOCKET DIRECTORY`. What is lent outlives it (`lent.json`). */
import { recall, remember, servePlugin } from './plugin-server.ts'

interface Lent {
  /** Pool by id, and the addresses that are taken of it. */
  pools: Record<string, { pool: string; addresses: string[] }>
  count: number
}

type Body = Readonly<Record<string, string>> & { readonly V6?: boolean }

const lent = recall<Lent>('lent.json', { pools: {}, count: 0 })

function requestPool({ Pool, V6 }: Body): object {
  const number = lent.count++
  const chosen = V6 ? `fd99:0:0:${number}::/64` : `10.99.${number}.0/24`
  const isSize = Pool === undefined || Pool === '' || /^(0\.0\.0\.0|::)\//.test(Pool)
  const pool = isSize ? chosen : Pool
  const id = `pool/${pool}`
  lent.pools[id] ??= { pool, addresses: [] }
  return { PoolID: id, Pool: pool, Data: {} }
}

function requestAddress({ PoolID = '', Address = '' }: Body): object {
  const known = lent.pools[PoolID]
  if (known === undefined) return { Error: `no pool ${PoolID}` }
  const [base = '', length] = known.pool.split('/')
  const isV6 = base.includes(':')
  const stem = isV6 ? base : base.replace(/\d+$/, '')
  const nth = (n: number) => `${stem}${isV6 ? n.toString(16) : n}`
  let number = 100
  while (known.addresses.includes(nth(number))) number++
  const address = Address === '' ? nth(number) : Address
  if (known.addresses.includes(address)) return { Error: `${address} is taken` }
  known.addresses.push(address)
  return { Address: `${address}/${length}`, Data: {} }
}

function releaseAddress({ PoolID = '', Address = '' }: Body): object {
  const known = lent.pools[PoolID]
  if (!known?.addresses.includes(Address)) return { Error: `${Address} is not lent` }
  known.addresses = known.addresses.filter((one) => one !== Address)
  return {}
}

function releasePool({ PoolID = '' }: Body): object {
  if (lent.pools[PoolID] === undefined) return { Error: `no pool ${PoolID}` }
  delete lent.pools[PoolID]
  return {}
}

/** Writes down what is lent. */
export function rememberLent(): void {
  remember('lent.json', lent)
}

/** The methods of an address manager, for a plugin that is one too. */
export const ipamMethods = {
  'IpamDriver.GetCapabilities': () => ({ RequiresMACAddress: false, RequiresRequestReplay: false }),
  'IpamDriver.GetDefaultAddressSpaces': () => ({ LocalDefaultAddressSpace: 'here', GlobalDefaultAddressSpace: 'all' }),
  'IpamDriver.RequestPool': requestPool,
  'IpamDriver.ReleasePool': releasePool,
  'IpamDriver.RequestAddress': requestAddress,
  'IpamDriver.ReleaseAddress': releaseAddress,
}

if (import.meta.main) {
  const activate = { 'Plugin.Activate': () => ({ Implements: ['IpamDriver'] }) }
  servePlugin({ ...activate, ...ipamMethods }, rememberLent)
}
