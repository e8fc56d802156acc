/**
 * An address manager as a plugin, a program of its own: `node ipam-plugin-process.ts SOCKET DIRECTORY`.
 *
 * In DIRECTORY it writes down every call (`calls`, one JSON object a line) and what is lent (`lent.json`, which outlives
 * it), and reads before each answer how it is to misbehave (`behaviour.json`: by method, see `Behaviour`).
 */
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { Behaviour, PluginCall } from './ipam-plugin.ts'

const [socket = '', directory = ''] = process.argv.slice(2)
const file = (name: string) => join(directory, name)
const read = <T>(name: string, fallback: T): T =>
  existsSync(file(name)) ? (JSON.parse(readFileSync(file(name), 'utf8')) as T) : fallback

interface Lent {
  /** Pool by id, and the addresses that are taken of it. */
  pools: Record<string, { pool: string; addresses: string[] }>
  count: number
}

type Body = Readonly<Record<string, string>> & { readonly V6?: boolean }

const lent = read<Lent>('lent.json', { pools: {}, count: 0 })

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

const methods: Readonly<Record<string, (body: Body) => object>> = {
  'Plugin.Activate': () => ({ Implements: ['IpamDriver'] }),
  'IpamDriver.GetCapabilities': () => ({ RequiresMACAddress: false, RequiresRequestReplay: false }),
  'IpamDriver.GetDefaultAddressSpaces': () => ({ LocalDefaultAddressSpace: 'here', GlobalDefaultAddressSpace: 'all' }),
  'IpamDriver.RequestPool': requestPool,
  'IpamDriver.ReleasePool': releasePool,
  'IpamDriver.RequestAddress': requestAddress,
  'IpamDriver.ReleaseAddress': releaseAddress,
}

rmSync(socket, { force: true })
createServer(async (request, reply) => {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  const method = (request.url ?? '').slice(1)
  const { accept = '', host = '' } = request.headers
  const call: PluginCall = { verb: request.method ?? '', method, text, accept, host }
  appendFileSync(file('calls'), `${JSON.stringify(call)}\n`)
  const { hang, text: said, status = 200, answer } = read<Behaviour>('behaviour.json', {})[method] ?? {}
  if (hang) return
  const serve = methods[method]
  const value = answer ??
    (said === undefined ? serve?.(text === '' ? {} : JSON.parse(text)) : {}) ?? { Err: 'no such method' }
  writeFileSync(file('lent.new'), JSON.stringify(lent))
  renameSync(file('lent.new'), file('lent.json')) // whoever reads it sees all of it
  reply.writeHead(serve === undefined ? 404 : status, { 'Content-Type': accept })
  reply.end(said ?? JSON.stringify(value))
}).listen(socket, () => console.log('ready'))
